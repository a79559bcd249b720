"""Receipts: what is noted with each record, and the keys that sign, loaded when the first signature is wanted."""

from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path

from parley.compose.ground import Ground
from parley.receipts.book import Book
from parley.receipts.ports import Signer


def open_receipts(ground: Ground) -> Book | None:
    """The book of receipts; None where none are kept."""
    if not ground.settings.receipts.enabled:
        return None
    book = Book(ground.store.receipts, partial(_keys, ground.data))
    ground.afterthoughts.append(book.note)
    return book


@lru_cache(maxsize=1)
def _keys(data: Path) -> Signer:
    """The keys; the library behind them is 15 MB that most starts do without."""
    keys: Signer = import_module("parley.receipts.keys").signing_keys(data)
    return keys
