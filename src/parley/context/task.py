"""What the reader and its child process say to each other."""

from msgspec import Struct

from parley.core.documents import Chunk


class Task(Struct, frozen=True, kw_only=True):
    """What to read, and within which bounds: chunks, bytes of memory, seconds of processor time."""

    type: str
    charset: str | None
    chunks: int
    memory: int
    seconds: int


class Outcome(Struct, frozen=True, kw_only=True):
    """The chunks, or why there are none."""

    chunks: list[Chunk] = []
    status: int | None = None
    message: str = ""
    param: str | None = None
    code: str | None = None
