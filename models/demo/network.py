"""A small Llama in torch, with tensors named and laid out as llama.cpp wants them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


@dataclass(frozen=True)
class Shape:
    """The sizes of the network; `context` is in tokens."""

    vocabulary: int
    width: int = 224
    layers: int = 4
    heads: int = 7
    kv_heads: int = 7
    hidden: int = 608
    context: int = 2048
    rope: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.width // self.heads


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Rotary positions on neighbouring pairs (llama.cpp's NORM kind). x: [batch, heads, time, head]."""
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * angles).flatten(-2).type_as(x)


class Block(nn.Module):
    """Attention and a gated feed-forward layer, each with its norm and residual."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv = shape.kv_heads * shape.head
        self.attn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, kv, bias=False)
        self.attn_v = nn.Linear(shape.width, kv, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.ffn_gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, angles: Tensor, drop: float) -> Tensor:
        """x: [batch, time, width]."""
        batch, time, _ = x.shape
        h = self.attn_norm(x)
        q, k, v = (
            part.view(batch, time, -1, self.shape.head).transpose(1, 2)
            for part in (self.attn_q(h), self.attn_k(h), self.attn_v(h))
        )
        seen = F.scaled_dot_product_attention(rotate(q, angles), rotate(k, angles), v, is_causal=True, enable_gqa=True)
        x = x + F.dropout(self.attn_output(seen.transpose(1, 2).reshape(batch, time, -1)), drop, self.training)
        h = self.ffn_norm(x)
        return x + F.dropout(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h)), drop, self.training)


class Llama(nn.Module):
    """Embedding, blocks, norm; the output layer is the embedding again."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        steps = torch.arange(0, shape.head, 2) / shape.head
        turns = torch.outer(torch.arange(shape.context), shape.rope**-steps)
        self.register_buffer("angles", torch.polar(torch.ones_like(turns), turns), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                late = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.04 / (2 * shape.layers) ** 0.5 if late else 0.04)

    def forward(self, tokens: Tensor, drop: float = 0.0) -> Tensor:
        """tokens: [batch, time] to hidden states [batch, time, width] (multiply by the embedding for logits)."""
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, self.angles[: tokens.shape[1]], drop)
        return self.output_norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Hidden states to scores of the next token."""
        return F.linear(hidden, self.token_embd.weight)
