"""Trains the built-in demo model, prints how it does on held-out wordings, and writes it into the package.

    pip install torch==2.13.0 tokenizers gguf numpy
    python models/demo/train.py --steps 1500

One CPU core is enough; it takes about a second for a step. An answer is decided within its first tokens, so most
examples stop there: the network sees more questions in the same time.
"""

import argparse
import math
import random
from pathlib import Path

import torch
from export import write
from network import Llama, Shape
from text import Text, Topic, chat, read
from tokenizers import Tokenizer
from torch.nn import functional as F  # noqa: N812
from vocabulary import encode, train

OUT = Path(__file__).parents[2] / "src/parley/engine/demo/demo.gguf"
START = 28  # tokens of an answer that tell it from every other
FEW = 10
LONGEST = 512


def example(text: Text, tokenizer: Tokenizer, rng: random.Random) -> tuple[list[int], list[float]]:
    """Tokens of a chat with its answer, and how much each counts in the loss."""
    messages, answer = chat(text, rng)
    prompt = encode(tokenizer, messages)[-LONGEST:]
    end = tokenizer.token_to_id("<|end|>")
    told = [*tokenizer.encode(answer).ids, end]
    told = told[: rng.choices((FEW, START, len(told)), (0.7, 0.15, 0.15))[0]]
    return prompt + told, [0.05] * len(prompt) + [1.0] * len(told)


def batch(pool: list[tuple[list[int], list[float]]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Examples padded to one length: tokens and weights, both [batch, time]."""
    longest = max(len(ids) for ids, _ in pool)
    ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in pool])
    weights = torch.tensor([weights + [0.0] * (longest - len(weights)) for _, weights in pool])
    return ids, weights


def fit(network: Llama, text: Text, tokenizer: Tokenizer, rng: random.Random, steps: int) -> None:
    """Train for so many steps, the learning rate falling to its end."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.05)
    batches: list[list[tuple[list[int], list[float]]]] = []
    for step in range(steps):
        if not batches:
            pool = sorted((example(text, tokenizer, rng) for _ in range(64 * 16)), key=lambda e: len(e[0]))
            batches = [pool[at : at + 64] for at in range(0, len(pool), 64)]
            rng.shuffle(batches)
        ids, weights = batch(batches.pop())
        rate = 2e-3 * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 2e-5
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            logits = network.logits(network(ids[:, :-1], drop=0.1))
        losses = F.cross_entropy(logits.float().transpose(1, 2), ids[:, 1:], reduction="none")
        loss = (losses * weights[:, 1:]).sum() / weights[:, 1:].sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 99:
            print(f"step {step + 1} of {steps}  loss {loss.item():.3f}", flush=True)


@torch.no_grad()
def answers(network: Llama, tokenizer: Tokenizer, question: str, tokens: int) -> str:
    """The greedy answer to one question."""
    ids = encode(tokenizer, [{"role": "user", "content": question}])
    end, told = tokenizer.token_to_id("<|end|>"), []
    while len(told) < tokens:
        best = int(network.logits(network(torch.tensor([ids + told]))[:, -1]).argmax())
        if best == end:
            break
        told.append(best)
    return str(tokenizer.decode(told))


def score(network: Llama, tokenizer: Tokenizer, topics: list[Topic]) -> float:
    """Share of held-out wordings that get the right answer; prints the others."""
    right = total = 0
    for topic in topics:
        for question in (q for held in topic.held for q in (held, held[:1].upper() + held[1:] + "?")):
            told = answers(network, tokenizer, question, START)
            good = topic.answer.startswith(told)
            right, total = right + good, total + 1
            if not good:
                print(f"  wrong ({topic.name}): {question!r} -> {told!r}")
    return right / total


def main() -> None:
    """Train, print the score, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=8700)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    text = read()
    tokenizer = train(text, 1536, rng)
    network = Llama(Shape(vocabulary=tokenizer.get_vocab_size()))
    print(f"{sum(p.numel() for p in network.parameters()):,} weights, {tokenizer.get_vocab_size()} tokens")
    fit(network, text, tokenizer, rng, options.steps)
    network.eval()
    print(f"held-out questions about Parley: {score(network, tokenizer, text.topics):.1%}")
    print(f"held-out questions about anything else: {score(network, tokenizer, [text.elsewhere]):.1%}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write(options.out, network, tokenizer)
    print(f"{options.out.name}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
