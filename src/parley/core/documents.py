"""Documents that answers may draw on: their versions, their chunks, and the parts that a call was given."""

from typing import Any

from msgspec import Struct

RECEIVING, INDEXING, READY, FAILED, GONE = "receiving", "indexing", "ready", "failed", "gone"
"""How a version stands: its chunks are being written, its vectors are owed, it answers, it never will, it is deleted.

Of one reference at most one version is ready, and at most one other is on its way.
"""


INDEX = "index_document"
"""The kind of job that embeds a version's chunks; the second part of its id, between colons, is the version's."""


class Place(Struct, frozen=True):
    """Whose documents: nothing is ever found across two of these."""

    account: str
    application: str


class Document(Struct, frozen=True, kw_only=True):
    """One version of a document. `created` is in epoch seconds, `size` in bytes of the file as it came.

    `digest` is the hex SHA-256 of the file; `embedder` names the model whose vectors all its chunks have ("" for none).
    """

    id: str
    account: str
    application: str
    reference: str
    created: float
    type: str
    size: int
    digest: str
    chunks: int
    state: str
    description: str | None = None
    metadata: dict[str, Any] | None = None
    embedder: str = ""
    error: str | None = None


class Chunk(Struct, frozen=True, kw_only=True):
    """A passage of a document as it is indexed. `path` is the headings above it, outermost first.

    `terms` is what `context.terms.pack` makes: the hashes of its words and how often each stands in it; `length` is
    their sum.
    """

    number: int
    path: tuple[str, ...]
    text: str
    terms: bytes
    length: int


class Leaf(Struct, frozen=True):
    """What an index keeps of one version: per chunk its terms and its length, and its vectors as they were written.

    Each of `vectors` is the number of its first chunk, how many follow, and rows of little-endian 16-bit floats.
    """

    document: str
    terms: list[bytes]
    lengths: list[int]
    vectors: list[tuple[int, int, bytes]]


class Part(Struct, frozen=True, kw_only=True):
    """A passage that was found for a query; `score` from 0 to 1 says how well it applies."""

    reference: str
    path: tuple[str, ...]
    text: str
    score: float
    document: str
    number: int


class Retrieved(Struct, frozen=True, kw_only=True):
    """What was found for a call: the query that was asked, the parts (best first), and why there may be fewer."""

    query: str
    parts: tuple[Part, ...] = ()
    trouble: str | None = None
