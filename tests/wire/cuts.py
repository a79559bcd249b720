"""Cuts bytes in every way that a network might."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, in threes, and cut once at every place."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    yield [data[at : at + 3] for at in range(0, len(data), 3)]
    for at in range(1, len(data)):
        yield [data[:at], data[at:]]


def same_however_cut(data: bytes, read: Callable[[list[bytes]], T]) -> T:
    """What `read` makes of the pieces, which must be the same for every cut."""
    whole = read([data])
    for pieces in cuts(data):
        assert read(pieces) == whole, pieces
    return whole


@st.composite
def random_cuts(draw: st.DrawFn, data: st.SearchStrategy[bytes]) -> list[bytes]:
    """Bytes in random pieces, empty ones included."""
    whole = draw(data)
    places = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    edges = [0, *places, len(whole)]
    return [whole[start:end] for start, end in pairwise(edges)]
