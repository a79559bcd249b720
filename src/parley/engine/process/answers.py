"""Writes a chat's answer in OpenAI's shape: whole, or event by event."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from parley.engine.process.asks import ChatAsk
from parley.engine.process.calls import Piece, Scanner
from parley.engine.process.generate import Choice, Logprob
from parley.engine.process.job import Job

ENCODE = msgspec.json.Encoder().encode
DONE = b"data: [DONE]\n\n"
NO_LOGPROBS = b"null"


class Answer(Struct, kw_only=True):
    """One choice as it grows."""

    scanner: Scanner
    text: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    logprobs: list[dict[str, Any]] = field(default_factory=list)
    finish: str = "stop"

    def add(self, choice: Choice, top: int) -> None:
        """Take in what a chunk says."""
        self.take(self.scanner.feed(choice.text))
        if choice.logprobs is not None:
            self.logprobs += openai_logprobs(choice.logprobs.content, top)
        if choice.finish_reason is not None:
            self.take(self.scanner.flush())
            self.finish = reason(choice.finish_reason, self.scanner)

    def take(self, pieces: list[Piece]) -> None:
        """Join pieces to the text and to the calls."""
        for piece in pieces:
            if isinstance(piece, str):
                self.text.append(piece)
            elif "id" in piece:
                self.calls.append({key: value for key, value in piece.items() if key != "index"})
            else:
                self.calls[piece["index"]]["function"]["arguments"] += piece["function"]["arguments"]

    def shape(self, index: int, logprobs: bool) -> dict[str, Any]:
        """The choice in OpenAI's shape."""
        text = "".join(self.text)
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if self.calls:
            message |= {"content": text or None, "tool_calls": self.calls}
        told = {"content": self.logprobs, "refusal": None} if logprobs else None
        return {"index": index, "message": message, "logprobs": told, "finish_reason": self.finish}


class Events:
    """The events of a stream. Fixed parts are encoded once; each token costs the encoding of its text."""

    def __init__(self, job: Job, ask: ChatAsk, scanners: list[Scanner]) -> None:
        head = {"id": job.id, "object": "chat.completion.chunk", "created": job.created, "model": ask.model}
        self._opened = b"data: " + ENCODE(head)[:-1] + b',"choices":'
        self._fronts = [self._opened + b'[{"index":%d,"delta":{' % index for index in range(len(scanners))]
        self._scanners = scanners
        self._top = ask.top_logprobs or 0
        self._told = set[int]()

    def role(self, index: int) -> Iterator[bytes]:
        """The first event of a choice, once."""
        if index not in self._told:
            self._told.add(index)
            yield self._fronts[index] + b'"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}\n\n'

    def choice(self, index: int, choice: Choice) -> Iterator[bytes]:
        """What a chunk says, and its end if it has one."""
        logprobs = self._logprobs(choice)
        for piece in self._scanners[index].feed(choice.text):
            yield self._piece(index, piece, logprobs)
            logprobs = NO_LOGPROBS
        if logprobs is not NO_LOGPROBS:
            yield self._piece(index, "", logprobs)
        if choice.finish_reason is not None:
            for piece in self._scanners[index].flush():
                yield self._piece(index, piece, NO_LOGPROBS)
            finish = ENCODE(reason(choice.finish_reason, self._scanners[index]))
            yield self._fronts[index] + b'},"logprobs":null,"finish_reason":' + finish + b"}]}\n\n"

    def usage(self, job: Job) -> bytes:
        """The event that counts tokens."""
        return self._opened + b'[],"usage":' + ENCODE(job.usage()) + b"}\n\n"

    def _piece(self, index: int, piece: Piece, logprobs: bytes) -> bytes:
        told = b'"content":' + ENCODE(piece) if isinstance(piece, str) else b'"tool_calls":' + ENCODE([piece])
        return self._fronts[index] + told + b'},"logprobs":' + logprobs + b',"finish_reason":null}]}\n\n'

    def _logprobs(self, choice: Choice) -> bytes:
        if choice.logprobs is None:
            return NO_LOGPROBS
        return ENCODE({"content": openai_logprobs(choice.logprobs.content, self._top), "refusal": None})


def reason(finish: str, scanner: Scanner) -> str:
    """OpenAI's finish reason: `tool_calls` if the answer has calls and none is cut."""
    return "tool_calls" if finish == "stop" and scanner.calls and scanner.whole else finish


def openai_logprobs(entries: list[Logprob], top: int) -> list[dict[str, Any]]:
    """Log-probabilities in OpenAI's shape with `top` alternatives."""
    return [
        {
            "token": entry.token,
            "logprob": entry.logprob,
            "bytes": entry.bytes,
            "top_logprobs": [
                {"token": other.token, "logprob": other.logprob, "bytes": other.bytes}
                for other in entry.top_logprobs[:top]
            ],
        }
        for entry in entries
    ]
