"""Makes ids that sort by the time of their making and can not be guessed."""

from os import urandom
from time import time_ns


def new_id(prefix: str) -> str:
    """`<prefix>_` and 36 hex digits: 16 of nanoseconds since 1970, so that ids sort by time, and 80 random bits."""
    return f"{prefix}_{time_ns():016x}{urandom(10).hex()}"
