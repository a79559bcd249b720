"""Reads a file into chunks: its type's parser, then the splitting; pure, and bounded in chunks alone."""

from collections.abc import Iterator

from parley.context.formats import html, markdown, plain, table, tree
from parley.context.formats.block import Block
from parley.context.sniff import text_of
from parley.context.split import split
from parley.core.documents import Chunk
from parley.core.errors import BadRequest, TooLarge

PARSERS = {
    "text": plain.blocks,
    "markdown": markdown.blocks,
    "html": html.blocks,
    "json": tree.blocks,
    "csv": table.blocks,
}


def read_text(data: bytes, type: str, charset: str | None, most: int) -> list[Chunk]:
    """The chunks of a document that is text. Raises BadRequest where it is not what it says, or is empty."""
    return gathered(PARSERS[type](text_of(data, charset)), most)


def gathered(blocks: Iterator[Block], most: int) -> list[Chunk]:
    """The chunks of these blocks. Raises TooLarge where there are more than `most`, BadRequest where there are none."""
    chunks: list[Chunk] = []
    for chunk in split(blocks):
        if len(chunks) == most:
            raise TooLarge(
                f"This document has more than {most:,} chunks, which is what `context.max_chunks` allows; send less.",
                param="content",
            )
        chunks.append(chunk)
    if not chunks:
        raise BadRequest("There is no text in this document.", param="content")
    return chunks
