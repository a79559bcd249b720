"""An independent forward pass of a llama in numpy, the truth that the engine's log-probabilities are held against.

Written from the architecture's description (Touvron et al. 2023: RMSNorm before each part, rotary positions on pairs
of neighbours, grouped heads, SwiGLU), in float64; adapters as in Hu et al. 2021.
"""

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.engine.ggufs import Sizes

Array = NDArray[np.float64]
EPSILON = 1e-5
BASE = 10000.0  # of the rotary frequencies


def tensors_of(path: Path) -> dict[str, Array]:
    """The tensors of a file by name, each [out, in]."""
    return {tensor.name: np.array(tensor.data, np.float64) for tensor in gguf.GGUFReader(path).tensors}


def adapted(weights: dict[str, Array], adapter: dict[str, Array]) -> dict[str, Array]:
    """The weights with a LoRA adapter of scale 1 (its alpha is its rank) added."""
    names = {name.rpartition(".")[0] for name in adapter}
    added = {name: weights[name] + adapter[f"{name}.lora_b"] @ adapter[f"{name}.lora_a"] for name in names}
    return {**weights, **added}


def log_probabilities(weights: dict[str, Array], ids: Sequence[int], sizes: Sizes) -> Array:
    """Log-softmax of the next token after each of `ids`: [len(ids), vocabulary]."""
    x = weights["token_embd.weight"][list(ids)]
    for layer in range(sizes.layers):
        part = {name.removeprefix(f"blk.{layer}."): data for name, data in weights.items()}
        x = x + attention(part, normed(x, part["attn_norm.weight"]), sizes)
        inner = normed(x, part["ffn_norm.weight"])
        gate = inner @ part["ffn_gate.weight"].T
        x = x + (gate / (1 + np.exp(-gate)) * (inner @ part["ffn_up.weight"].T)) @ part["ffn_down.weight"].T
    logits = normed(x, weights["output_norm.weight"]) @ weights["output.weight"].T
    logits = logits - logits.max(axis=1, keepdims=True)
    found: Array = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return found


def normed(x: Array, weight: Array) -> Array:
    """RMSNorm."""
    scaled: Array = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON) * weight
    return scaled


def attention(part: dict[str, Array], x: Array, sizes: Sizes) -> Array:
    """Causal attention, each group of heads on one pair of keys and values."""
    count = len(x)
    query = rotated((x @ part["attn_q.weight"].T).reshape(count, sizes.heads, sizes.head))
    key = rotated((x @ part["attn_k.weight"].T).reshape(count, sizes.kv_heads, sizes.head))
    value = (x @ part["attn_v.weight"].T).reshape(count, sizes.kv_heads, sizes.head)
    group = sizes.heads // sizes.kv_heads
    key, value = np.repeat(key, group, axis=1), np.repeat(value, group, axis=1)
    scores = np.einsum("qhd,khd->hqk", query, key) / np.sqrt(sizes.head)
    scores = np.where(np.tril(np.ones((count, count), bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    joined: Array = np.einsum("hqk,khd->qhd", weights, value).reshape(count, -1) @ part["attn_output.weight"].T
    return joined


def rotated(x: Array) -> Array:
    """Rotary positions on neighbouring pairs: [tokens, heads, head]."""
    count, _, head = x.shape
    angles = np.arange(count)[:, None] * BASE ** (-np.arange(0, head, 2) / head)[None, :]
    sine, cosine = np.sin(angles)[:, None, :], np.cos(angles)[:, None, :]
    even, odd = x[..., 0::2], x[..., 1::2]
    turned: Array = np.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1).reshape(x.shape)
    return turned
