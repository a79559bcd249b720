"""The demo model's tokenizer: a byte-level BPE trained on its own text, and its chat template."""

import random

from text import Text, chat
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

CONTROL = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- set role = message['role'] if message['role'] in ['system', 'assistant'] else 'user' -%}"
    "{{ '<|' + role + '|>' }}{{ message['content'] }}{{ '<|end|>' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)


def train(text: Text, size: int, rng: random.Random) -> Tokenizer:
    """Learn `size` tokens, the control tokens among them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(CONTROL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    lines = []
    for _ in range(8000):
        messages, answer = chat(text, rng)
        lines.append(messages[-1]["content"])
        lines.append(answer)
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def encode(tokenizer: Tokenizer, messages: list[dict[str, str]]) -> list[int]:
    """The tokens of a chat up to where the answer begins, as the template renders it."""
    ids: list[int] = []
    for message in messages:
        ids.append(tokenizer.token_to_id(f"<|{message['role']}|>"))
        ids += tokenizer.encode(message["content"]).ids
        ids.append(tokenizer.token_to_id("<|end|>"))
    return [*ids, tokenizer.token_to_id("<|assistant|>")]
