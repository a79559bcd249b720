"""Calls and upstreams for tests of providers over a socket."""

import asyncio
import json
from typing import Any

from parley.core.asks import Ask
from parley.core.call import Call, Caller, Source, Trace, Whose
from parley.core.fold import Fold
from parley.core.reply import Reply
from parley.core.route import Target
from parley.dialects.openai_chat import read_chat
from parley.dialects.openai_embeddings import read_embed
from parley.providers.caller import Upstream
from parley.providers.registry import Row
from parley.wire.http import Timeouts

USER = {"role": "user", "content": "Hello"}
ROW = Row(name="acme", base_url="", key_env=None, docs="", checked="")
TIMEOUTS = Timeouts(connect=2, first_byte=2, idle=2, total=5)


def call_of(ask: Ask, within: float = 5.0) -> Call:
    """A call for `ask`, which ends `within` seconds."""
    return Call(
        id="req_1",
        received=0.0,
        deadline=asyncio.get_running_loop().time() + within,
        caller=Caller(key_id="k", account="a", scopes=frozenset()),
        whose=Whose(account="a", application="default", intent="default", session_id="s"),
        trace=Trace(trace_id="t"),
        ask=ask,
        source=Source(dialect="openai_chat", fields={}, asked=ask),
    )


def chat(within: float = 5.0, **fields: Any) -> Call:
    """A call for a chat."""
    return call_of(read_chat(json.dumps({"model": "m", "messages": [USER], **fields}).encode())[0], within)


def embedding(**fields: Any) -> Call:
    """A call for vectors."""
    return call_of(read_embed(json.dumps({"model": "m", "input": ["a", "b"], **fields}).encode())[0])


def target(name: str) -> Target:
    """The model `name` at the provider."""
    return Target(model="m", provider="acme", upstream=name)


async def streamed(upstream: Upstream, call: Call, to: Target) -> Reply:
    """What a stream amounts to."""
    fold = Fold()
    async for batch in await upstream.open(call, to):
        for event in batch:
            fold.add(event)
    return fold.reply(id="", model="", created=0)
