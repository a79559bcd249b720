"""The form of what starts a target."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bench.target import Target


class Starter(Protocol):
    """Starts one gateway in front of the upstream on a loopback port, pinned to `core`, with its files in `room`."""

    def __call__(self, upstream: int, core: int, room: Path) -> AbstractContextManager[Target]:
        """Yields the target once it answered; stops its processes at the end. Raises RuntimeError or OSError."""
