"""The model of the engine's benchmark: a llama of 25 million random weights in float16, of a shape like real ones."""

from pathlib import Path

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, KV_HEADS, HIDDEN, CONTEXT = 512, 8, 8, 4, 1408, 4096
TEMPLATE = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
LETTERS = "abcdefghijklmnopqrst"  # every pair of them, behind a space, is a token


def vocabulary() -> tuple[list[str], list[str]]:
    """Tokens, control tokens last, and merges of a byte-level BPE (the letters of GPT-2, openai/gpt-2 encoder.py)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    tokens = [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]
    space, merges = tokens[32], list[str]()
    for first in LETTERS:
        merges.append(f"{space} {first}")
        merges += [f"{space}{first} {second}" for second in LETTERS]
        merges += [f"{space}{first}{second} {third}" for second in LETTERS for third in LETTERS[:2]]
    made = [merge.replace(" ", "") for merge in merges]
    return [*tokens, *made, *CONTROL], merges


def write_model(path: Path) -> int:
    """Write the file; returns how many weights it has."""
    tokens, merges = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    kinds = (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL)
    writer.add_token_types([kinds[token in CONTROL] for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(CONTROL[0]))
    writer.add_eos_token_id(tokens.index(CONTROL[2]))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    count = add_weights(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return count


def add_weights(writer: gguf.GGUFWriter, tokens: int) -> int:
    """Random matrices, and norms of one; returns how many numbers."""
    rng, count, narrow = np.random.default_rng(1), 0, WIDTH // HEADS * KV_HEADS
    shapes = {"token_embd": (tokens, WIDTH), "output": (tokens, WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        shapes |= {f"blk.{layer}.{name}_norm": (WIDTH,) for name in ("attn", "ffn")}
        shapes |= {f"blk.{layer}.attn_{name}": (WIDTH, WIDTH) for name in ("q", "output")}
        shapes |= {f"blk.{layer}.attn_{name}": (narrow, WIDTH) for name in ("k", "v")}
        shapes |= {f"blk.{layer}.ffn_{name}": (HIDDEN, WIDTH) for name in ("gate", "up")}
        shapes[f"blk.{layer}.ffn_down"] = (WIDTH, HIDDEN)
    for name, shape in shapes.items():
        if len(shape) == 1:
            writer.add_tensor(f"{name}.weight", np.ones(shape, np.float32))
        else:
            drawn = rng.standard_normal(shape, np.float32) * (0.3 / np.sqrt(shape[1] / 16))
            writer.add_tensor(f"{name}.weight", drawn.astype(np.float16))
        count += int(np.prod(shape))
    return count
