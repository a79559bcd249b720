"""What a GGUF file is, as far as its head says: checked before it is added, so that the engine will not refuse it."""

import re
from pathlib import Path
from typing import NamedTuple

from parley.cli.trouble import Trouble

PART = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<parts>\d{5})", re.IGNORECASE)
NO_MODELS = {
    "adapter": "it is a LoRA adapter; name it under `adapters` of its base model",
    "mmproj": "it is the part of a model that sees images, which the engine does not use",
    "imatrix": "it holds statistics for quantising, no weights",
    "vocab": "it holds a vocabulary, no weights",
}


class Facts(NamedTuple):
    """Of a model: its kind, all its bytes, and the tokens of context that it was trained for."""

    architecture: str
    size: int
    context: int | None

    def sentence(self) -> str:
        """For a person."""
        context = f", context {self.context:,} tokens" if self.context else ""
        return f"{self.architecture}, {self.size / 1e9:.2f} GB{context}"


def examine(path: Path) -> Facts:
    """The facts of the model at `path`, or whose first part is there. Raises Trouble with one sentence."""
    from parley.engine.gguf_file import BrokenFile, read

    if not path.is_file():
        raise Trouble(f"there is no file {path}.")
    try:
        file = read(path)
        size = sum(read(part).size for part in parts_of(path)[1:]) + file.size
    except BrokenFile as broken:
        raise Trouble(str(broken)) from None
    kind = str(file.metadata.get("general.type", "model"))
    if file.architecture == "clip":
        kind = "mmproj"
    if kind in NO_MODELS:
        raise Trouble(f"{path} can not be added: {NO_MODELS[kind]}.")
    if not file.architecture or not file.tensors:
        raise Trouble(f"{path} can not be added: it says no architecture or holds no weights.")
    context = file.fact("context_length")
    return Facts(file.architecture, size, context if isinstance(context, int) else None)


def parts_of(path: Path) -> list[Path]:
    """The files of a model: itself, or all parts of a split one. Raises Trouble where one is missing."""
    split = PART.fullmatch(path.stem)
    if split is None:
        return [path]
    if int(split["part"]) != 1:
        raise Trouble(f"{path} is a later part of a split model; add its first part, whose name has 00001.")
    number = int(split["parts"])
    files = [path.with_name(f"{split['stem']}-{part:05}-of-{number:05}{path.suffix}") for part in range(1, number + 1)]
    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        raise Trouble(f"{path} is one of {number} parts, and {missing.name} is not beside it.")
    return files


def name_of(path: Path) -> str:
    """A model's name for clients, from its file's: without the part's number, in small letters."""
    split = PART.fullmatch(path.stem)
    stem = split["stem"] if split else path.stem
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._") or "model"
