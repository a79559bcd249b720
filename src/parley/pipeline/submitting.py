"""Answers that were had elsewhere: kept and evaluated like any other, and asked of nobody."""

import asyncio
from typing import Any

from msgspec import Struct, structs

from parley.accounts.applications import apply_defaults
from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.errors import CLIENT_LEFT
from parley.core.reply import Reply
from parley.core.route import Target
from parley.pipeline.house import Answer, House
from parley.pipeline.stages.record import open_entry

PAST: dict[str, Any] = {"apply_corrections": None, "safe_mode": None, "assistant": None}
"""What an intent may settle and nobody can do any more once the answer is given."""


class Elsewhere(Struct, frozen=True, kw_only=True):
    """How an answer was had: from whom, in how many milliseconds, and whether it came whole."""

    provider: str
    latency_ms: float = 0.0
    first_token_ms: float | None = None
    complete: bool = True


async def submit(call: Call, reply: Reply, how: Elsewhere, house: House) -> None:
    """Commits the record of `call` and its `reply`; one whose id is there already changes nothing.

    What the intent settles counts as for any call, but for what would have come before the answer.
    """
    ask = call.ask
    assert isinstance(ask, Chat)
    ask = apply_defaults(ask, house.applications.defaults(call.whose.application, call.whose.intent))
    entry = open_entry(structs.replace(call, ask=structs.replace(ask, **PAST)), house)
    model = ask.model or reply.model
    target = Target(model=model, provider=how.provider, upstream=model)
    entry.tried(target)
    entry.took(how.latency_ms, how.first_token_ms)
    answer = Answer(target=target, reply=reply)
    if how.complete:
        await entry.answered(answer, reply)
    else:
        entry.failed(asyncio.CancelledError(CLIENT_LEFT), answer, reply)
