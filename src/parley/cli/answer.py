"""Reads a chat's answer from the gateway piece by piece, streamed or whole."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from parley.cli.gateway import PATIENT, Gateway
from parley.cli.trouble import Trouble
from parley.wire.sse import SseDecoder

PATH = "/v1/chat/completions"
DONE = b"[DONE]"


async def answer_whole(gateway: Gateway, body: dict[str, Any]) -> AsyncIterator[str]:
    """The whole answer as one piece."""
    answer = await gateway.call("POST", PATH, body=body, timeouts=PATIENT)
    for choice in answer.get("choices", ()):
        yield choice.get("message", {}).get("content") or choice.get("message", {}).get("refusal") or ""


async def answer_streamed(gateway: Gateway, body: dict[str, Any]) -> AsyncIterator[str]:
    """The answer as it is made. Raises Trouble where it ends early or with an error."""
    done = False
    async for data in events(gateway.stream("POST", PATH, body=body)):
        if data == DONE:
            done = True
            continue
        event = msgspec.json.decode(data)
        if "error" in event:
            raise Trouble(event["error"].get("message", "the answer failed."))
        for choice in event.get("choices", ()):
            delta = choice.get("delta", {})
            if text := delta.get("content") or delta.get("refusal"):
                yield text
    if not done:
        raise Trouble("the answer was cut before its end.")


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The `data` of each server-sent event."""
    decoder = SseDecoder()
    async for piece in pieces:
        for event in decoder.feed(piece):
            yield event.data
