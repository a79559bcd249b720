"""Plain text: paragraphs between empty lines."""

import re
from collections.abc import Iterator

from parley.context.formats.block import Block

GAP = re.compile(r"\n[ \t\f]*(?:\n[ \t\f]*)+")


def blocks(text: str, path: tuple[str, ...] = ()) -> Iterator[Block]:
    """Each paragraph."""
    for paragraph in GAP.split(text):
        if stripped := paragraph.strip("\n\f ").rstrip():
            yield Block(path, stripped)
