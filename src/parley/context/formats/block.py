"""A block: a stretch of a document under its headings, before it is split."""

from msgspec import Struct

DEEPEST = 8
LONGEST_TITLE = 160


class Block(Struct, frozen=True):
    """A paragraph, a table, a piece of code. `path` is the headings above it, outermost first.

    A block of `lines` is cut between lines alone; `head` stands again above each piece of it, as a table's first row.
    """

    path: tuple[str, ...]
    text: str
    lines: bool = False
    head: str = ""


def title(text: str) -> str:
    """A heading as one line of bearable length."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TITLE else plain[: LONGEST_TITLE - 1] + "…"


def below(path: tuple[str, ...], *names: str) -> tuple[str, ...]:
    """`path` and further headings, at most so deep."""
    return (*path, *(title(name) for name in names))[:DEEPEST]
