"""The bytes of one call as they pass the door, which only the door knows."""

from typing import Protocol

from parley.core.reply import Reply


class Passage(Protocol):
    """What came in and what goes out for one call."""

    def digests(self, reply: Reply) -> tuple[bytes, bytes]:
        """SHA-256 of the request's body, and of the answer's up to its last byte, before that has left.

        `reply` is what is being answered. From then on nothing leaves but the rest of that very answer.
        """
