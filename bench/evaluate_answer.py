"""The answer that sentinels are timed on, and the twenty sentinels: what an application for support would expect."""

import random
from typing import Any

from parley.core.tokens import text_tokens

TOKENS = 2000
QUESTION: list[dict[str, Any]] = [
    {"role": "system", "content": "You help the customers of a shop. Use the context."},
    {"role": "user", "content": "Where is my order, and what can I do when I do not like it?"},
]
WORDS = (
    "the customer can return an order within some days of delivery and we will pay back what was paid for shipping by "
    "card please note that your parcel left our warehouse it takes time until the bank shows the amount with help from "
    "our team on every working day you may also write to us or come to one of the shops in your town"
)
NAMES = ("Ulm", "Berlin", "Maria Schmidt", "Hamburg", "Northwind")

SENTINELS: list[dict[str, Any]] = [
    {"name": "no promises", "kind": "excludes", "words": ["guarantee", "promise", "certainly", "definitely"]},
    {"name": "no rivals", "kind": "excludes", "words": [f"rival{n}" for n in range(40)], "whole_words": True},
    {"name": "no law", "kind": "excludes", "words": ["lawsuit", "attorney", "liability"]},
    {"name": "names the shop", "kind": "contains", "words": ["Northwind"]},
    {"name": "says what to do", "kind": "contains", "words": ["return", "write", "come"], "any": True},
    {"name": "mentions a place", "kind": "matches", "pattern": r"\b(Ulm|Berlin|Hamburg)\b"},
    {"name": "no links", "kind": "never_matches", "pattern": r"https?://\S+"},
    {"name": "no ticket numbers", "kind": "never_matches", "pattern": r"\b[A-Z]{3}-\d{6}\b"},
    {"name": "no all caps", "kind": "never_matches", "pattern": r"\b[A-Z]{4,}(\s+[A-Z]{4,})+\b"},
    {"name": "no rude words", "kind": "never_matches", "pattern": r"\b(stupid|idiot|damn)\w*", "ignore_case": True},
    {"name": "not too long", "kind": "length", "max": 20_000},
    {"name": "not too wordy", "kind": "length", "max": 5000, "unit": "words"},
    {"name": "fits the budget", "kind": "length", "max": 4000, "unit": "tokens"},
    {"name": "english", "kind": "language", "allow": ["en", "de"]},
    {"name": "no secrets", "kind": "secrets"},
    {"name": "no personal data", "kind": "personal_data"},
    {"name": "grounded", "kind": "grounded"},
    {"name": "no refusal", "kind": "refusal"},
    {"name": "no loops", "kind": "repetition"},
    {"name": "whole", "kind": "truncated"},
]


def answer() -> str:
    """Sentences with names and amounts, `TOKENS` tokens of them, the same every time."""
    draw, words = random.Random(5), WORDS.split()
    sentences: list[str] = []
    while text_tokens(" ".join(sentences)) < TOKENS:
        said = " ".join(draw.choice(words) for _ in range(draw.randint(8, 18)))
        sentences.append(
            f"{said.capitalize()} {draw.choice(NAMES)} for {draw.randint(1, 90)}.{draw.randint(10, 99)} euros."
        )
    return " ".join(sentences)
