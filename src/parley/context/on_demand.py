"""Loads the search, and numpy with it, when something is first looked for: most starts never do."""

from importlib import import_module
from typing import Protocol

from parley.context.ports import Bounds, Embedder, Shelves
from parley.core.documents import Place, Retrieved


class Finder(Protocol):
    """What `parley.context.search.Search` is."""

    async def find(self, place: Place, query: str, bounds: Bounds) -> Retrieved:
        """What applies to `query`. Raises GatewayError."""


def make_search(shelves: Shelves, embedder: Embedder) -> Finder:
    """A search with an empty memory."""
    made: Finder = import_module("parley.context.search").Search(shelves, embedder)
    return made
