"""The index of one shelf in memory: postings sorted by term for BM25, and a matrix of vectors; built, then only read.

A change makes a new index from the old one's arrays: rows of documents that went are masked out, those of new ones
are put after them.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from parley.core.documents import Leaf

K1, B = 1.2, 0.6
"""BM25's saturation of repeated terms, and how much long chunks are held back (Robertson and Zaragoza, 2009)."""

OTHERS, USUAL = 100, 2
"""Chunks that a shelf is thought to have besides its own, and those of them with a given term: of what a query's words
are worth, a shelf of three chunks alone knows too little."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Hashes = NDArray[np.uint32]


class Lexical(Struct, frozen=True):
    """Per row its BM25 score, and which part of the query's weight it covers (0 to 1)."""

    scores: Floats
    covered: Floats


class Index(Struct, frozen=True, kw_only=True):
    """Rows are chunks. `starts` has the first row of each of `documents`, and one more at the end.

    `terms`, `rows` and `counts` are the postings, sorted by term. `vectors` has a row per chunk, of length 1, or zero
    where there is none (`embedded` says so); its width is 0 where no document has any.
    """

    documents: tuple[str, ...]
    starts: NDArray[np.int64]
    lengths: Floats
    terms: Hashes
    rows: Ints
    counts: Floats
    vectors: Floats
    embedded: NDArray[np.bool_]
    embedder: str = ""

    @property
    def size(self) -> int:
        """How many chunks."""
        return len(self.lengths)

    def place(self, row: int) -> tuple[str, int]:
        """The document and number of a row."""
        document = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.documents[document], row - int(self.starts[document])

    def lexical(self, query: Sequence[int]) -> Lexical:
        """BM25 of every row for the hashes of a query's terms."""
        scores = np.zeros(self.size, np.float32)
        covered = np.zeros(self.size, np.float32)
        wanted = np.unique(np.asarray(query, np.uint32))
        if not self.size or not len(wanted):
            return Lexical(scores, covered)
        first = np.searchsorted(self.terms, wanted, side="left")
        last = np.searchsorted(self.terms, wanted, side="right")
        weights = rarity(last - first, self.size)
        shares = rarity(last - first + USUAL, self.size + OTHERS)
        held = K1 * (1 - B + B * self.lengths / max(float(self.lengths.mean()), 1.0))
        for begin, end, weight, share in zip(first, last, weights, shares, strict=True):
            rows, counts = self.rows[begin:end], self.counts[begin:end]
            scores[rows] += weight * counts * (K1 + 1) / (counts + held[rows])
            covered[rows] += share
        return Lexical(scores, covered / np.float32(shares.sum()))

    def similar(self, query: Floats) -> Floats:
        """The cosine of every row with a vector of length 1; 0 for rows without one, or of another width."""
        if self.vectors.shape[1] != len(query):
            return np.zeros(self.size, np.float32)
        # One thread's loop: BLAS would take every core, and keep them spinning after, for half a millisecond less.
        found: Floats = np.einsum("ij,j->i", self.vectors, query)
        return found


def rarity(found: NDArray[np.int64], size: int) -> Floats:
    """What a term weighs that stands in `found` of `size` chunks: always above 0."""
    return np.log1p((size - found + 0.5) / (found + 0.5)).astype(np.float32)


NOTHING = Index(
    documents=(),
    starts=np.zeros(1, np.int64),
    lengths=np.zeros(0, np.float32),
    terms=np.zeros(0, np.uint32),
    rows=np.zeros(0, np.int32),
    counts=np.zeros(0, np.float32),
    vectors=np.zeros((0, 0), np.float32),
    embedded=np.zeros(0, bool),
)


def grown(index: Index, keep: Iterable[str], leaves: Sequence[Leaf], embedder: str) -> Index:
    """`index` with only the documents of `keep`, and those of `leaves` after them."""
    index = _without(index, set(keep))
    added = [leaf for leaf in leaves if leaf.terms]
    first = np.cumsum([index.size, *(len(leaf.terms) for leaf in added)], dtype=np.int64)
    unpacked = [unpack(packed) for leaf in added for packed in leaf.terms]
    sizes = [len(hashes) for hashes, _ in unpacked]
    terms = np.concatenate([index.terms, *(hashes for hashes, _ in unpacked)])
    counts = np.concatenate([index.counts, *(counts for _, counts in unpacked)]).astype(np.float32, copy=False)
    fresh = np.repeat(np.arange(index.size, first[-1], dtype=np.int32), sizes)
    order = np.argsort(terms, kind="stable")
    vectors = _stacked(index.vectors, added)
    return Index(
        documents=(*index.documents, *(leaf.document for leaf in added)),
        starts=np.concatenate([index.starts, first[1:]]),
        lengths=np.concatenate([index.lengths, np.asarray([n for leaf in added for n in leaf.lengths], np.float32)]),
        terms=terms[order],
        rows=np.concatenate([index.rows, fresh])[order],
        counts=counts[order],
        vectors=vectors,
        embedded=np.asarray(vectors.any(axis=1), bool),
        embedder=embedder,
    )


def unpack(packed: bytes) -> tuple[Hashes, NDArray[np.uint16]]:
    """What `terms.pack` made."""
    count = len(packed) // 6
    return np.frombuffer(packed, "<u4", count), np.frombuffer(packed, "<u2", count, 4 * count)


def _without(index: Index, keep: set[str]) -> Index:
    if all(document in keep for document in index.documents):
        return index
    stays = np.array([document in keep for document in index.documents], bool)
    sizes = np.diff(index.starts)
    alive = np.repeat(stays, sizes)
    moved = (np.cumsum(alive) - 1).astype(np.int32)
    postings = alive[index.rows]
    return Index(
        documents=tuple(document for document in index.documents if document in keep),
        starts=np.concatenate([[0], np.cumsum(sizes[stays])]).astype(np.int64),
        lengths=index.lengths[alive],
        terms=index.terms[postings],
        rows=moved[index.rows[postings]],
        counts=index.counts[postings],
        vectors=index.vectors[alive],
        embedded=index.embedded[alive],
        embedder=index.embedder,
    )


def _stacked(old: Floats, leaves: Sequence[Leaf]) -> Floats:
    """The vectors of all rows; those of a width that is not the first one's are left out."""
    width = old.shape[1] or next((len(data) // (2 * count) for leaf in leaves for _, count, data in leaf.vectors), 0)
    if old.shape[1] != width:
        old = np.zeros((old.shape[0], width), np.float32)
    fresh = np.zeros((sum(len(leaf.terms) for leaf in leaves), width), np.float32)
    at = 0
    for leaf in leaves:
        for first, count, data in leaf.vectors:
            if len(data) == 2 * count * width and first + count <= len(leaf.terms):
                fresh[at + first : at + first + count] = np.frombuffer(data, "<f2").reshape(count, width)
        at += len(leaf.terms)
    return np.concatenate([old, normed(fresh)])


def normed(vectors: Floats) -> Floats:
    """Each row at length 1; what is zero stays zero."""
    lengths: Floats = np.linalg.norm(vectors, axis=-1, keepdims=True).astype(np.float32)
    found: Floats = (vectors / np.maximum(lengths, np.float32(1e-12))).astype(np.float32, copy=False)
    return found
