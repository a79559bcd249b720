"""PDF, with pypdf: the text of each page under its number. Runs only where it can be killed (`context/child.py`)."""

import io
import logging
import re
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from parley.context.formats import plain
from parley.context.formats.block import Block
from parley.core.errors import BadRequest

HYPHEN = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")
MOST_PAGES = 20_000


def blocks(data: bytes) -> Iterator[Block]:
    """The paragraphs of each page. Raises BadRequest for a file that is broken or locked, or that holds no text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    empty = True
    for number, text in _pages(data):
        for block in plain.blocks(HYPHEN.sub("", text), (f"Page {number}",)):
            empty = False
            yield block
    if empty:
        raise BadRequest(
            "There is no text in this PDF; its pages may be pictures. Run it through text recognition first.",
            param="content",
        )


def _pages(data: bytes) -> Iterator[tuple[int, str]]:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadRequest("This PDF is locked with a password; send it unlocked.", param="content")
        if len(reader.pages) > MOST_PAGES:
            raise BadRequest(f"This PDF has more than {MOST_PAGES:,} pages; send it in parts.", param="content")
        for number, page in enumerate(reader.pages, 1):
            yield number, page.extract_text()
    except (BadRequest, MemoryError):
        raise
    except PyPdfError as error:
        raise BadRequest(f"This PDF is broken: {str(error) or type(error).__name__}.", param="content") from None
    except Exception as error:  # a file made to be wrong can raise anything
        raise BadRequest(f"This PDF is broken ({type(error).__name__}).", param="content") from None
