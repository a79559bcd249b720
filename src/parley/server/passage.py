"""What came in and what goes out for one call: hashed as it passes where receipts are kept, written all the same.

A receipt goes into the ledger together with the record, which is before the answer's last byte. So the rest of the
answer (all of a whole one, the end of a stream) is written when the record is, and sent afterwards as it was hashed.
"""

from collections.abc import Callable
from hashlib import sha256

from parley.core.reply import Reply

WriteRest = Callable[[Reply], bytes]
"""Writes what is left of an answer: a whole reply, or the end of a stream."""


class Unhashed:
    """Where no receipts are kept."""

    closed = False

    def __init__(self, write_rest: WriteRest) -> None:
        self._write_rest = write_rest

    def sent(self, data: bytes) -> None:
        """Notes a piece of a stream."""

    def rest(self, reply: Reply) -> bytes:
        """What is left to be sent."""
        return self._write_rest(reply)


class Hashed:
    """Where they are. `closed` says that the answer is hashed to its end, and nothing may slip in any more."""

    def __init__(self, body: bytes) -> None:
        self.closed = False
        self.write_rest: WriteRest = _nothing
        self._asked = sha256(body).digest()
        self._sent = sha256()
        self._rest = b""

    def sent(self, data: bytes) -> None:
        """Notes a piece of a stream."""
        self._sent.update(data)

    def digests(self, reply: Reply) -> tuple[bytes, bytes]:
        """As `core.passage` says."""
        if not self.closed:
            self._rest = self.write_rest(reply)
            self._sent.update(self._rest)
            self.closed = True
        return self._asked, self._sent.digest()

    def rest(self, reply: Reply) -> bytes:
        """What is left to be sent; what was hashed already."""
        return self._rest if self.closed else self.write_rest(reply)


def _nothing(reply: Reply) -> bytes:
    return b""
