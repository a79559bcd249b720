"""Feeds a stream to a reader in every possible pieces and sees to it that the pieces make no difference."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from parley.core.fold import Fold
from parley.core.reply import Event, Reply


class Reader(Protocol):
    done: bool

    def feed(self, data: bytes) -> list[Event]: ...
    def flush(self) -> list[Event]: ...


def read(reader: Reader, pieces: list[bytes]) -> list[Event]:
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events + reader.flush()


def folded(events: list[Event]) -> Reply:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold.reply(id="", model="", created=0)


def cut_everywhere(make: Callable[[], Reader], data: bytes) -> list[Event]:
    """The events of `data`, the same whole, byte by byte, and cut at every single place."""
    whole = read(make(), [data])
    assert read(make(), [bytes([byte]) for byte in data]) == whole
    for place in range(len(data)):
        assert read(make(), [data[:place], data[place:]]) == whole
    return whole


def frames(*payloads: object, done: bool = True) -> bytes:
    told = [b"data: " + (p if isinstance(p, bytes) else msgspec.json.encode(p)) + b"\n\n" for p in payloads]
    return b"".join(told) + (b"data: [DONE]\n\n" if done else b"")
