"""OpenAI's legacy text completions, both directions, whole and streamed (reference of 2026-08).

Facing a client: `read_completion`, `write_reply`, `StreamWriter`. Facing an upstream: `write_call`, `read_reply`,
`StreamReader`. The text of a choice is the canon's `text`; log-probabilities keep this wire's own shape.
"""

import time
from typing import Any

import msgspec
from msgspec import DecodeError, Struct

from parley.core.asks import Json, TextCompletion
from parley.core.call import Source
from parley.core.error_shape import error_body, refusal_of
from parley.core.errors import BadRequest, GatewayError, UpstreamError, UpstreamGarbled, UpstreamRefused
from parley.core.event_stream import EventStream, Frame
from parley.core.fitting import canon_fields, client_fields, unfit
from parley.core.reading import read_body
from parley.core.reply import Choice, Delta, Event, Raw, Reply
from parley.core.texts import check_texts
from parley.core.usage_shape import UsageShape, usage_json
from parley.wire.sse import SseDecoder, data_frame

NAME = "openai_completions"

BEYOND = ("min_p", "top_k", "repetition_penalty", "ignore_eos", "peft", "loglikelihood")
"""Fields that OpenAI's own API does not have; a provider may take them all the same."""


MOST_PROMPTS = 2048


class _ReadChoice(Struct, frozen=True):
    index: int = 0
    text: str | None = None
    finish_reason: str | None = None
    logprobs: Json = None


class _Read(Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    created: float | None = None
    choices: list[_ReadChoice] | None = None
    usage: UsageShape | None = None
    error: Json = None


_ASK = msgspec.json.Decoder(TextCompletion)
_ANSWER = msgspec.json.Decoder(_Read)
_FIELDS = msgspec.json.Decoder(dict[str, Any])


def read_completion(body: bytes) -> tuple[TextCompletion, dict[str, msgspec.Raw]]:
    """The text that `body` wants continued, and its fields' own bytes. Raises BadRequest naming the parameter."""
    ask, fields = read_body(_ASK, body)
    check_texts(ask.prompt, "prompt", most=MOST_PROMPTS, empty=True)
    if ask.stream_options is not None and not ask.stream:
        raise _bad("stream_options", "needs `stream` to be true")
    if ask.best_of is not None and ask.best_of < (ask.n or 1):
        raise _bad("best_of", "must be at least `n`")
    if ask.best_of is not None and ask.best_of > 1 and ask.stream:
        raise _bad("best_of", "must be 1 in a stream")
    return ask, fields


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")


def write_call(ask: TextCompletion, source: Source, *, model: str, accepts: frozenset[str], provider: str) -> bytes:
    """The JSON that asks `provider` to continue the text with its `model`; a stream always asks for its usage."""
    dropped = unfit(ask, BEYOND, accepts, provider)
    body = client_fields(ask, source, dropped) if source.dialect == NAME else canon_fields(ask, dropped)
    body["model"] = model
    if ask.stream:
        given = body.get("stream_options")
        options = msgspec.json.decode(given) if isinstance(given, msgspec.Raw) else {}
        body["stream_options"] = {**(options or {}), "include_usage": True}
    else:
        body.pop("stream_options", None)
    return msgspec.json.encode(body)


def _decode(body: bytes) -> _Read:
    try:
        read = _ANSWER.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a text completion: {error}.") from None
    if read.error:
        raise _in_band(read.error)
    return read


def _in_band(error: Json) -> UpstreamError:
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code <= 599 else UpstreamRefused.status
    return refusal_of(status, {"error": error})


def read_reply(body: bytes) -> Reply:
    """The upstream's whole reply; `raw` keeps its bytes. Raises UpstreamGarbled or UpstreamRefused."""
    read = _decode(body)
    if not read.choices:
        raise UpstreamGarbled("The upstream's answer has no choices.")
    return Reply(
        id=read.id or "",
        model=read.model or "",
        created=int(read.created or time.time()),
        choices=tuple(
            [Choice(index=c.index, text=c.text, logprobs=c.logprobs, finish=c.finish_reason) for c in read.choices]
        ),
        usage=read.usage.canon() if read.usage is not None else None,
        raw=Raw(NAME, body),
    )


def write_reply(reply: Reply, ask: TextCompletion) -> bytes:
    """The JSON of `reply`; OctoAI's client wants `system_fingerprint` and `usage` in it, always (2024-10)."""
    raw = reply.raw
    if raw is not None and raw.dialect == NAME:
        if b'"system_fingerprint"' in raw.data and reply.usage is not None and reply.notes is None:
            return raw.data
        body = {"system_fingerprint": "", **_FIELDS.decode(raw.data), **(reply.notes or {})}
        return msgspec.json.encode(body if reply.usage is not None else {**body, "usage": usage_json(None)})
    choices = [
        {"text": choice.text or "", "index": choice.index, "logprobs": choice.logprobs, "finish_reason": choice.finish}
        for choice in reply.choices
    ]
    return msgspec.json.encode(
        {
            "id": reply.id,
            "object": "text_completion",
            "created": reply.created,
            "model": reply.model,
            "system_fingerprint": "",
            "choices": choices,
            "usage": usage_json(reply.usage),
            **(reply.notes or {}),
        }
    )


class StreamReader(EventStream):
    """One upstream stream of text completion chunks."""

    def __init__(self) -> None:
        super().__init__(SseDecoder())
        self._open: dict[int, bool] = {}

    def read(self, frame: Frame) -> Event | None:
        """The event of one chunk."""
        data = frame.data
        if data == b"[DONE]" or not data:
            self.done = bool(data)
            return None
        read = _decode(data)
        if frame.event == b"error":
            raise _in_band(msgspec.json.decode(data))
        return Event(
            deltas=tuple([self._delta(choice) for choice in read.choices or ()]),
            usage=read.usage.canon() if read.usage is not None else None,
            id=read.id or None,
            model=read.model or None,
            raw=Raw(NAME, data),
        )

    def _delta(self, read: _ReadChoice) -> Delta:
        self._open[read.index] = self._open.get(read.index, True) and read.finish_reason is None
        return Delta(index=read.index, text=read.text, logprobs=read.logprobs, finish=read.finish_reason)

    def whole(self) -> bool:
        """Whether every choice that began has its finish reason."""
        return bool(self._open) and not any(self._open.values())


class StreamWriter:
    """One answer to one client; usage once, at the end, if it was asked for."""

    def __init__(self, ask: TextCompletion, id: str, model: str, created: int) -> None:
        self._wants_usage = bool(ask.stream_options and ask.stream_options.include_usage)
        known = {"id": id, "object": "text_completion", "created": created, "model": model}
        self._known: dict[str, Json] = {**known, "system_fingerprint": ""}  # as OctoAI's client wants it (2024-10)
        self._usage: Json = None

    def write(self, events: list[Event]) -> bytes:
        """The frames that tell `events`."""
        return b"".join([self._frame(event) for event in events])

    def end(self) -> bytes:
        """The usage, if it was asked for, and the end of the stream."""
        if not self._wants_usage:
            return b"data: [DONE]\n\n"
        usage = usage_json(None) if self._usage is None else self._usage
        return data_frame(msgspec.json.encode({**self._known, "choices": [], "usage": usage})) + b"data: [DONE]\n\n"

    def error(self, error: GatewayError) -> bytes:
        """The event that tells an error in a stream that has begun; nothing may follow it."""
        return data_frame(error_body(error))

    def _frame(self, event: Event) -> bytes:
        raw = event.raw
        fields: dict[str, Json] | None = None
        if raw is not None and raw.dialect == NAME:
            plain = event.usage is None and (self._wants_usage or b'"usage"' not in raw.data)
            if event.deltas and plain and event.notes is None:
                return data_frame(raw.data)
            fields = _FIELDS.decode(raw.data)
            self._known["id"] = event.id or self._known["id"]
            self._known["model"] = event.model or self._known["model"]
            told = fields.pop("usage", None)
        else:
            told = usage_json(event.usage) if event.usage is not None else None
        if told is not None:
            self._usage = told
        if not event.deltas:
            return b""
        said = fields or {**self._known, "choices": _choices(event)}
        return data_frame(msgspec.json.encode({**said, **(event.notes or {})}))


def _choices(event: Event) -> Json:
    return [
        {"text": delta.text or "", "index": delta.index, "logprobs": delta.logprobs, "finish_reason": delta.finish}
        for delta in event.deltas
    ]
