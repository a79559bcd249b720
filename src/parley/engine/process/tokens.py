"""A model's vocabulary: text to tokens and back, with control tokens only where the template wrote them."""

import ctypes
import re
import secrets
from pathlib import Path
from typing import Any

from parley.engine.process.llama import Library

UNKNOWN, CONTROL = 1 << 0, 1 << 3  # llama_token_attr (llama.h)


class Vocabulary:
    """The tokens of one GGUF file, loaded without its weights. Methods may be called from any thread."""

    def __init__(self, library: Library, path: Path) -> None:
        """Raises ValueError with a sentence if the file has no usable vocabulary."""
        self._library = library
        model = library.llama_model_load_from_file(str(path).encode(), library.vocabulary_params())
        if not model:
            raise ValueError(f"{path} has no vocabulary that llama.cpp can load.")
        self._model = model
        self._vocab = library.llama_model_get_vocab(model)
        self.size: int = library.llama_vocab_n_tokens(self._vocab)
        self.bos: int = library.llama_vocab_bos(self._vocab)
        self.eos: int = library.llama_vocab_eos(self._vocab)
        self.adds_bos: bool = library.llama_vocab_get_add_bos(self._vocab)
        template = library.llama_model_chat_template(model, None)
        self.chat_template: str | None = template.decode("utf-8", "replace") if template else None
        self._control = self._control_pattern()

    def close(self) -> None:
        """Free the vocabulary; nothing may be called afterwards."""
        if self._model:
            self._library.llama_model_free(self._model)
            self._model = None

    def text(self, token: int) -> str:
        """A token as it is written in the vocabulary; empty for a token that does not exist."""
        if not 0 <= token < self.size:
            return ""
        return str(self._library.llama_vocab_get_text(self._vocab, token).decode("utf-8", "replace"))

    def is_control(self, name: str) -> bool:
        """Whether a name is that of one control token."""
        ids = self.tokens(name, special=True)
        return len(ids) == 1 and bool(self._library.llama_vocab_get_attr(self._vocab, ids[0]) & CONTROL)

    def piece(self, token: int) -> bytes:
        """The bytes that a token adds to a text."""
        buffer = ctypes.create_string_buffer(256)
        length = self._library.llama_token_to_piece(self._vocab, token, buffer, 256, 0, True)
        return buffer.raw[: max(0, length)]

    def written(self, ids: list[int]) -> str:
        """The text of tokens, control tokens by their names."""
        return b"".join(map(self.piece, ids)).decode("utf-8", "replace")

    def tokens(self, text: str, *, special: bool, around: bool = False) -> list[int]:
        """The tokens of a text; with `special`, names of control tokens in it become those tokens.

        `around` adds the tokens that the model wants before and after a text.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (ctypes.c_int32 * room)()
        count = self._library.llama_tokenize(self._vocab, data, len(data), buffer, room, around, special)
        return buffer[: max(0, count)]

    def sentence(self, text: str) -> list[int]:
        """The tokens that an encoder reads for a text."""
        return self.tokens(text, special=False, around=True)

    def prompt(self, rendered: str, seam: str | None) -> list[int]:
        """The tokens of a rendered template, its seams taken out, with the first token that the model expects."""
        ids: list[int] = []
        for part in rendered.split(seam) if seam else [rendered]:
            ids += self.tokens(part, special=True)
        if self.adds_bos and self.bos >= 0 and ids[:1] != [self.bos]:
            ids.insert(0, self.bos)
        return ids

    def neutral(self, value: Any, seam: str) -> Any:
        """JSON with a seam inside every name of a control token, so that a user's text stays text."""
        if self._control is None:
            return value
        if isinstance(value, str):
            return self._control.sub(lambda found: found[0][:1] + seam + found[0][1:], value)
        if isinstance(value, list):
            return [self.neutral(item, seam) for item in value]
        if isinstance(value, dict):
            return {key: self.neutral(item, seam) for key, item in value.items()}
        return value

    def _control_pattern(self) -> re.Pattern[str] | None:
        attributes, vocab = self._library.llama_vocab_get_attr, self._vocab
        names = [self.text(token) for token in range(self.size) if attributes(vocab, token) & (CONTROL | UNKNOWN)]
        names = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, names))) if names else None


def new_seam() -> str:
    """A string that nobody can have written."""
    return f"\ue000{secrets.token_hex(8)}\ue001"
