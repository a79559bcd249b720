"""Makes tiny GGUF files with random weights: a llama that generates, LoRA adapters for it, and a BERT encoder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

END = "<|im_end|>"
CONTROL = ["<|endoftext|>", "<|im_start|>", END]
TEMPLATE = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)
TAGS = ["<tool_call>", "</tool_call>"]
WORDS = "the of and to in is that it for was on are as with his they at be this have from or one had by word but not"


@dataclass(frozen=True)
class Sizes:
    """The shape of a random llama; `context` in tokens."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    hidden: int = 128
    context: int = 2048
    seed: int = 7
    scale: float = 0.3
    wild: bool = False  # also says control characters and broken UTF-8
    tags: gguf.TokenType | None = None  # has tokens for TAGS, the last two, of this type

    @property
    def head(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads


def byte_letters() -> list[str]:
    """GPT-2's printable letter for each byte (openai/gpt-2 encoder.py, 2019)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, spare = [], 0
    for byte in range(256):
        if byte in plain:
            letters.append(chr(byte))
        else:
            letters.append(chr(256 + spare))
            spare += 1
    return letters


def vocabulary() -> tuple[list[str], list[str]]:
    """Tokens (control tokens last) and merges of a small byte-level BPE."""
    letters = byte_letters()
    tokens, merges = list(letters), []
    for word in WORDS.split():
        piece = letters[32]
        for letter in word:
            merged = piece + letter
            if merged not in tokens:
                tokens.append(merged)
                merges.append(f"{piece} {letter}")
            piece = merged
    return [*tokens, *CONTROL], merges


def llama_weights(sizes: Sizes) -> dict[str, Array]:
    """Random float32 tensors under llama.cpp's names, each [out, in]."""
    rng = np.random.default_rng(sizes.seed)
    count = len(vocabulary()[0]) + (len(TAGS) if sizes.tags else 0)
    kv = sizes.kv_heads * sizes.head

    def matrix(rows: int, columns: int) -> Array:
        drawn: Array = (rng.standard_normal((rows, columns)) * sizes.scale / np.sqrt(columns / 16)).astype(np.float32)
        return drawn

    tensors = {"token_embd.weight": matrix(count, sizes.width), "output.weight": matrix(count, sizes.width) * 3}
    if not sizes.wild:
        tensors["output.weight"][[*range(32), *range(127, 256)]] *= 0.2
    tensors["output_norm.weight"] = np.ones(sizes.width, np.float32)
    for layer in range(sizes.layers):
        at = f"blk.{layer}."
        tensors[at + "attn_norm.weight"] = np.ones(sizes.width, np.float32)
        tensors[at + "ffn_norm.weight"] = np.ones(sizes.width, np.float32)
        tensors[at + "attn_q.weight"] = matrix(sizes.width, sizes.width)
        tensors[at + "attn_k.weight"] = matrix(kv, sizes.width)
        tensors[at + "attn_v.weight"] = matrix(kv, sizes.width)
        tensors[at + "attn_output.weight"] = matrix(sizes.width, sizes.width)
        tensors[at + "ffn_gate.weight"] = matrix(sizes.hidden, sizes.width)
        tensors[at + "ffn_up.weight"] = matrix(sizes.hidden, sizes.width)
        tensors[at + "ffn_down.weight"] = matrix(sizes.width, sizes.hidden)
    return tensors


def save(writer: Any, tensors: dict[str, Array]) -> None:
    """Write the tensors (vectors as they are, matrices in their own type) and close the file."""
    for name, data in tensors.items():
        writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_llama(path: Path, sizes: Sizes | None = None, *, template: str | None = TEMPLATE, half: bool = False) -> Path:
    """A random llama with a byte-level BPE and a ChatML template; `half` stores matrices as float16."""
    sizes = sizes or Sizes()
    tokens, merges = vocabulary()
    kinds = [(gguf.TokenType.NORMAL, gguf.TokenType.CONTROL)[token in CONTROL] for token in tokens]
    if sizes.tags:
        tokens, kinds = tokens + TAGS, [*kinds, sizes.tags, sizes.tags]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random llama")
    writer.add_context_length(sizes.context)
    writer.add_embedding_length(sizes.width)
    writer.add_block_count(sizes.layers)
    writer.add_feed_forward_length(sizes.hidden)
    writer.add_head_count(sizes.heads)
    writer.add_head_count_kv(sizes.kv_heads)
    writer.add_rope_dimension_count(sizes.head)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(CONTROL[0]))
    writer.add_eos_token_id(tokens.index(END))
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)
    weights = llama_weights(sizes)
    if half:
        weights = {name: data.astype(np.float16) if data.ndim == 2 else data for name, data in weights.items()}
    save(writer, weights)
    return path


def write_adapter(
    path: Path, sizes: Sizes | None = None, *, seed: int = 1, rank: int = 4, architecture: str = "llama"
) -> Path:
    """A random LoRA adapter for the llama of the same sizes, strong enough to change every answer."""
    sizes = sizes or Sizes()
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    tensors: dict[str, Array] = {}
    for layer in range(sizes.layers):
        for name, rows, columns in (("attn_q", sizes.width, sizes.width), ("ffn_up", sizes.hidden, sizes.width)):
            at = f"blk.{layer}.{name}.weight"
            tensors[f"{at}.lora_a"] = rng.standard_normal((rank, columns)).astype(np.float32)
            tensors[f"{at}.lora_b"] = (rng.standard_normal((rows, rank)) * 0.5).astype(np.float32)
    save(writer, tensors)
    return path


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def encoder_vocabulary() -> list[str]:
    """WordPiece tokens as llama.cpp stores them: words begin with U+2581, their continuations do not."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    starts = [f"\u2581{letter}" for letter in LETTERS] + [f"\u2581{word}" for word in WORDS.split()]
    return [*special, *dict.fromkeys(starts), *LETTERS]


def write_encoder(
    path: Path, *, whole: bool = True, width: int = 32, layers: int = 2, context: int = 64, seed: int = 3
) -> Path:
    """A random BERT with mean pooling; without its first token (not `whole`) it crashes llama.cpp."""
    tokens, rng = encoder_vocabulary(), np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(width * 2)
    writer.add_head_count(4)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_type_count(2)
    writer.add_token_types([gguf.TokenType.CONTROL] * 5 + [gguf.TokenType.NORMAL] * (len(tokens) - 5))
    for token, name in enumerate(("padding", "unknown", "bos" if whole else "cls", "seperator", "mask")):
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", token)
    if whole:
        writer.add_uint32("tokenizer.ggml.cls_token_id", 2)
    writer.add_eos_token_id(3)

    def matrix(rows: int, columns: int) -> Array:
        return (rng.standard_normal((rows, columns)) * 0.2).astype(np.float32)

    def norm(name: str) -> dict[str, Array]:
        return {f"{name}.weight": np.ones(width, np.float32), f"{name}.bias": np.zeros(width, np.float32)}

    tensors = {"token_embd.weight": matrix(len(tokens), width), "position_embd.weight": matrix(context, width)}
    tensors |= {"token_types.weight": matrix(2, width), **norm("token_embd_norm")}
    for layer in range(layers):
        at = f"blk.{layer}."
        for name, rows, columns in (
            ("attn_q", width, width),
            ("attn_k", width, width),
            ("attn_v", width, width),
            ("attn_output", width, width),
            ("ffn_up", width * 2, width),
            ("ffn_down", width, width * 2),
        ):
            tensors[f"{at}{name}.weight"] = matrix(rows, columns)
            tensors[f"{at}{name}.bias"] = np.zeros(rows, np.float32)
        tensors |= norm(f"{at}attn_output_norm") | norm(f"{at}layer_output_norm")
    save(writer, tensors)
    return path
