"""Makes ids that sort by the time of their making and can not be guessed."""

from os import urandom
from time import time_ns

_BLOCK = 4096
_RANDOM = 10


class _Ids:
    """Takes random bytes from the system a block at a time: three ids a request would be three system calls."""

    def __init__(self) -> None:
        self._block = b""
        self._at = 0

    def new(self, prefix: str) -> str:
        at = self._at
        if at >= len(self._block):
            self._block, at = urandom(_BLOCK // _RANDOM * _RANDOM), 0
        self._at = at + _RANDOM
        return f"{prefix}_{time_ns():016x}{self._block[at : at + _RANDOM].hex()}"


_IDS = _Ids()


def new_id(prefix: str) -> str:
    """`<prefix>_` and 36 hex digits: 16 of nanoseconds since 1970, so that ids sort by time, and 80 random bits."""
    return _IDS.new(prefix)
