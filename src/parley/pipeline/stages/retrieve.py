"""Retrieve: finds what the application's documents say to the call's question, and gives it to the model as data.

Reads: `context_retrieval_enabled` and `context_query`, the conversation, the application's documents.
Writes: the parts at the end of the system message; what was found into the call, and from there into the answer.
Fails: open (without documents, or with those that words alone find; the answer's `context` says why).
Costs: under a microsecond where it is off; else a look at the store, about a millisecond for 10,000 chunks, and the
embedding of the query where a model embeds.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from msgspec import structs

from parley.context.injection import with_context
from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.documents import Retrieved
from parley.core.errors import BadRequest
from parley.core.reply import Event
from parley.pipeline.house import Answer, Books, Context, Events

HEADER = b"x-parley-context"


async def retrieve(call: Call, context: Context | None, books: Books) -> Call:
    """The call with what applies to it. Raises BadRequest where something else than a chat asks for context."""
    if not call.ask.context_retrieval_enabled or context is None:
        return call
    ask = call.ask
    if type(ask) is not Chat:
        if not call.source.asked.context_retrieval_enabled:
            return call  # its intent wants it for chats
        raise BadRequest("`context_retrieval_enabled` is for chats alone.", param="context_retrieval_enabled")
    at, began = time.time(), time.perf_counter()
    found = await context.retrieve(ask, call.whose)
    ms = (time.perf_counter() - began) * 1000
    books.span("retrieval", "documents", at, ms, error=found.trouble, parts=len(found.parts))
    return structs.replace(call, context=found, ask=with_context(ask, found.parts) if found.parts else ask)


def tell(answer: Answer, call: Call) -> Answer:
    """The answer with a note of the parts that the model was given, and their references in a header."""
    if call.context is None:
        return answer
    note = {"context": shown(call.context)}
    headers = (*answer.headers, (HEADER, _references(call.context)))
    if answer.reply is not None:
        reply = structs.replace(answer.reply, notes={**(answer.reply.notes or {}), **note})
        return structs.replace(answer, reply=reply, headers=headers)
    assert answer.events is not None
    return structs.replace(answer, events=_told(answer.events, note), headers=headers)


def shown(found: Retrieved) -> dict[str, Any]:
    """What was found, as an answer tells of it."""
    parts = [
        {"reference": part.reference, "path": list(part.path), "score": part.score, "chunk": part.number}
        for part in found.parts
    ]
    note: dict[str, Any] = {"query": found.query, "parts": parts}
    return {**note, "trouble": found.trouble} if found.trouble else note


def _references(found: Retrieved) -> bytes:
    """Each reference once, in the order of its worth; `none` where nothing applied."""
    names = dict.fromkeys(quote(part.reference, safe="/") for part in found.parts)
    return ", ".join(names).encode() or b"none"


async def _told(events: Events, note: dict[str, Any]) -> AsyncGenerator[list[Event], None]:
    """The stream, with the note on its first event."""
    async with aclosing(events):
        async for batch in events:
            if note and batch:
                first = batch[0]
                batch = [structs.replace(first, notes={**(first.notes or {}), **note}), *batch[1:]]
                note = {}
            yield batch
