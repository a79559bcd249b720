"""The grammar of an answer that may call tools: free text or JSON, and calls that always fit their function.

Lark as LLGuidance reads it (guidance-ai/llguidance docs/syntax.md, 2026-08).
"""

import json
from typing import Any

from parley.engine.process.schemas import COMPACT
from parley.engine.process.tokens import Vocabulary
from parley.engine.process.tools import CLOSE, OPEN, Offer

HEAD = "%llguidance {}"
SPACED = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""JSON as the models that mark calls so were taught to write it."""


def call_grammar(offer: Offer) -> str:
    """The inside of one call alone, by which the constraint is proven."""
    return f"{HEAD}\nstart: body\n{body_of(offer)}"


def grammar(offer: Offer, answer: dict[str, Any] | None, vocabulary: Vocabulary) -> str:
    """The whole answer: text, or JSON of the schema `answer`, and calls in tags.

    A lazy lexeme ends where its tag does, so text can not go on past one. Where a vocabulary has control tokens for
    the tags, these are taken too.
    """
    control = vocabulary.is_control(OPEN)
    close = f'close: "{CLOSE}"' + (f" | {CLOSE}" if vocabulary.is_control(CLOSE) else "")
    call = 'call: open "\\n" body "\\n" close'
    if answer is None:
        start = "start: call* TEXT" if offer.several else "start: call | TEXT"
        tags = ["open: spelled" + (f" | TEXT {OPEN}" if control else ""), f'spelled[lazy]: TEXT "{OPEN}"']
        return "\n".join((HEAD, start, call, *tags, close, "TEXT: /(.|\\n)*/", body_of(offer)))
    start = 'start: call ("\\n" call)* | answer' if offer.several else "start: call | answer"
    tags = [f'open: "{OPEN}"' + (f" | {OPEN}" if control else "")]
    told = f"answer: %json {json.dumps({**answer, 'x-guidance': COMPACT})}"
    return "\n".join((HEAD, start, call, *tags, close, told, body_of(offer)))


def body_of(offer: Offer) -> str:
    """The rule of a call's inside."""
    return f"body: %json {json.dumps({**offer.call('#'), 'x-guidance': SPACED})}"
