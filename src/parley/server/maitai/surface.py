"""Maitai's client at the door: its path for chats, whose answers are lines of JSON instead of a body or events."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from parley.core.asks import Chat, Json
from parley.core.call import Call
from parley.core.error_shape import error_body
from parley.core.errors import GatewayError
from parley.core.reply import Event, Reply
from parley.dialects import maitai, openai_chat
from parley.server.maitai.shelf import NAME, Shelf
from parley.server.surface import Headers, Patterned, StreamWriter, Surface

PATH = "/chat/completions/serialized"
_FRAME = msgspec.json.Decoder(dict[str, Any])


def read(body: bytes) -> tuple[Chat, dict[str, Raw]]:
    """The chat in the envelope. What is wanted beside its answer goes along as its `callback`."""
    unwrapped, asked = maitai.unwrap(body)
    chat, fields = openai_chat.read_chat(unwrapped)
    wanted = {"evaluation": asked.evaluation, "request": asked.request, "request_id": asked.request_id}
    return msgspec.structs.replace(chat, callback=wanted), fields


def write_reply(reply: Reply, chat: Chat) -> bytes:
    """The line of a whole answer; another one may follow where the client wants an evaluation."""
    completion = _FRAME.decode(openai_chat.write_reply(reply, chat))
    more = _beside(completion, chat)
    if (request := chat.callback["request"]) is not None:
        more["chat_completion_request"] = request
    return maitai.answer_line(completion, more, last=not chat.callback["evaluation"])


def write_error(error: GatewayError) -> bytes:
    """One line without an end: the client shows the first one of an error's body."""
    return error_body(error)


class LineWriter:
    """A stream as lines: what OpenAI's clients get in each event, without the event.

    The chunk with the finish reason is held until the end: the client reads no further, and looks there for the
    evaluation.
    """

    def __init__(self, chat: Chat, id: str, model: str, created: int) -> None:
        self._chat = chat
        self._frames = openai_chat.StreamWriter(chat, id, model, created)
        self._last: list[dict[str, Any]] = []
        self._evaluation: dict[str, Any] | None = None

    def write(self, events: list[Event]) -> bytes:
        """The lines for these events; may be empty."""
        chunks = _chunks(self._frames.write(events))
        self._last += [chunk for chunk in chunks if _ends(chunk)]
        return b"".join(self._line(chunk) for chunk in chunks if not _ends(chunk))

    def judged(self, evaluation: dict[str, Any]) -> None:
        """Notes what the last chunk is to tell."""
        self._evaluation = evaluation

    def end(self) -> bytes:
        """The finish, and the usage where it was asked for; a stream ends with its body."""
        if self._last and self._evaluation is not None:
            self._last[-1]["evaluation"] = self._evaluation
        return b"".join(map(self._line, [*self._last, *_chunks(self._frames.end())]))

    def error(self, error: GatewayError) -> bytes:
        """A line that says what went wrong."""
        return maitai.error_line(error)

    def _line(self, chunk: dict[str, Any]) -> bytes:
        return maitai.chunk_line(chunk, _beside(chunk, self._chat))


def _chunks(frames: bytes) -> list[dict[str, Any]]:
    """The chunks in a piece of an event stream that is whole."""
    found = [frame.removeprefix(b"data: ") for frame in frames.split(b"\n\n") if frame.startswith(b"data: {")]
    return [_FRAME.decode(chunk) for chunk in found]


def _ends(chunk: dict[str, Any]) -> bool:
    return any(choice.get("finish_reason") for choice in chunk.get("choices", ()))


def _beside(completion: dict[str, Any], chat: Chat) -> dict[str, Json]:
    """What the client wants to find in an answer or a piece of one besides what OpenAI's has."""
    id = chat.callback["request_id"] or str(completion.get("id", ""))
    more: dict[str, Json] = {"request_id": id}
    evaluation = completion.get("evaluation")
    if evaluation is not None and not chat.callback["evaluation"]:
        more["evaluate_response"] = maitai.evaluate_response(evaluation, chat.session_id or "", id)
    return more


def _stream(chat: Any, id: str, model: str, created: int) -> StreamWriter:
    return LineWriter(chat, id, model, created)


def wants_later(chat: Chat) -> bool:
    """Whether the client calls somebody back, whom the evaluation is told after the answer."""
    return bool(chat.callback["evaluation"])


def write_evaluation(call: Call, evaluation: dict[str, Any]) -> bytes:
    """The line of an evaluation that a callback waits for."""
    return maitai.evaluation_line(maitai.evaluate_response(evaluation, call.whose.session_id, call.id))


def maitai_surface(shelf: Shelf) -> Patterned:
    """The path of chats; `shelf` has the files that messages refer to."""

    def read_at(parameters: Mapping[str, str], headers: Headers, body: bytes) -> tuple[Chat, dict[str, Raw]]:
        return with_files(*read(body), shelf)

    surface = Surface(
        dialect=openai_chat.NAME,
        read=read,
        read_at=read_at,
        write_reply=write_reply,
        stream_writer=_stream,
        write_error=write_error,
        stream_type=b"application/x-ndjson",
        ping=maitai.KEEP_ALIVE,
        evaluated=wants_later,
        write_evaluation=write_evaluation,
    )
    return re.compile(re.escape(PATH)), surface


def with_files(chat: Chat, fields: dict[str, Raw], shelf: Shelf) -> tuple[Chat, dict[str, Raw]]:
    """The chat with the files in it that it refers to. Raises BadRequest for one that is not there."""
    if b'"file_id"' not in bytes(fields["messages"]):
        return chat, fields
    for place, message in enumerate(chat.messages):
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            file = part.get("file") if isinstance(part, dict) else None
            if isinstance(file, dict) and NAME.fullmatch(str(file.get("file_id"))):
                laid = shelf.take(file.pop("file_id"), f"messages[{place}].content")
                file |= {"file_data": laid.url, "filename": laid.name}
    return chat, {**fields, "messages": Raw(msgspec.json.encode(chat.messages))}
