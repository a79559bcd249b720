"""Shelves: what a search reads of the documents of one account and application, and what a list shows of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select, tuple_

from parley.core.documents import FAILED, INDEXING, READY, Chunk, Document, Leaf, Place
from parley.core.holdings import Page
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.documents import document_of
from parley.store.tables import document_chunks, document_vectors, documents, shelves

SHOWN = (INDEXING, READY, FAILED)
TOGETHER = 200
"""Documents read in one statement."""


class Shelves:
    """The repository of what is found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revision(self, place: Place) -> int:
        """How often this shelf changed; 0: there was never anything on it."""
        wanted = select(shelves.c.revision).where(
            shelves.c.account == place.account, shelves.c.application == place.application
        )
        return await self._database.read(lambda connection: connection.execute(wanted).scalar() or 0)

    async def ready(self, place: Place) -> tuple[int, dict[str, str]]:
        """The shelf's revision, and the versions that answer with the embedder that each has vectors of."""
        revision = select(shelves.c.revision).where(
            shelves.c.account == place.account, shelves.c.application == place.application
        )
        wanted = select(documents.c.id, documents.c.embedder).where(_at(place), documents.c.state == READY)

        def work(connection: Connection) -> tuple[int, dict[str, str]]:
            # The revision first: what changes in between is then read again, never overlooked.
            seen = connection.execute(revision).scalar() or 0
            return seen, {row.id: row.embedder for row in connection.execute(wanted)}

        return await self._database.read(work)

    async def leaves(self, wanted: Sequence[str], embedder: str) -> list[Leaf]:
        """These versions, as an index needs them; vectors are those of `embedder`."""
        found = []
        for start in range(0, len(wanted), TOGETHER):
            some = wanted[start : start + TOGETHER]
            found += await self._database.read(partial(_leaves, wanted=some, embedder=embedder))
        return found

    async def chunks(self, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, Chunk]]:
        """These chunks (by document and number), each with its document's reference; what is deleted is missing."""
        if not wanted:
            return {}
        asked = (
            select(document_chunks, documents.c.reference)
            .join(documents, documents.c.id == document_chunks.c.document)
            .where(tuple_(document_chunks.c.document, document_chunks.c.number).in_(wanted))
            .where(documents.c.state == READY)
        )
        rows = await self._database.read(lambda connection: connection.execute(asked).all())
        return {(row.document, row.number): (row.reference, _chunk(row)) for row in rows}

    async def passages(self, document: str, first: int, limit: int) -> list[Chunk]:
        """Chunks of a version from number `first` on."""
        mine = select(document_chunks).where(document_chunks.c.document == document, document_chunks.c.number >= first)
        asked = mine.order_by(document_chunks.c.number).limit(limit)
        return await self._database.read(lambda connection: [_chunk(row) for row in connection.execute(asked)])

    async def counted(self, document: str, embedder: str) -> list[tuple[int, int]]:
        """First number and count of each piece of vectors that is there."""
        mine = select(document_vectors.c.first, document_vectors.c.count).where(
            document_vectors.c.document == document, document_vectors.c.embedder == embedder
        )
        asked = mine.order_by(document_vectors.c.first)
        return await self._database.read(lambda connection: [(row[0], row[1]) for row in connection.execute(asked)])

    async def get(self, id: str) -> Document | None:
        """One version by its id, in whatever state."""
        asked = select(documents).where(documents.c.id == id)
        row = await self._database.read(lambda connection: connection.execute(asked).first())
        return None if row is None else document_of(row)

    async def versions(self, place: Place, reference: str) -> list[Document]:
        """The versions of a reference that are shown, newest first."""
        asked = (
            select(documents)
            .where(_at(place), documents.c.reference == reference, documents.c.state.in_(SHOWN))
            .order_by(documents.c.id.desc())
        )
        return await self._database.read(lambda connection: [document_of(row) for row in connection.execute(asked)])

    async def page(self, place: Place, limit: int, after: str | None) -> Page[list[Document]]:
        """References by name, each with its versions, newest first. Raises BadRequest for a strange `after`."""
        names: Select[Any] = (
            select(documents.c.reference)
            .where(_at(place), documents.c.state.in_(SHOWN))
            .group_by(documents.c.reference)
            .order_by(documents.c.reference)
            .limit(limit + 1)
        )
        if after is not None:
            names = names.where(documents.c.reference > read_cursor(after, tuple[str])[0])

        def work(connection: Connection) -> tuple[list[str], list[Document]]:
            found = list(connection.execute(names).scalars())
            shown = select(documents).where(
                _at(place), documents.c.reference.in_(found[:limit]), documents.c.state.in_(SHOWN)
            )
            return found, [document_of(row) for row in connection.execute(shown.order_by(documents.c.id.desc()))]

        found, rows = await self._database.read(work)
        by_name: dict[str, list[Document]] = {name: [] for name in found[:limit]}
        for row in rows:
            by_name[row.reference].append(row)
        return Page(list(by_name.values()), write_cursor((found[limit - 1],)) if len(found) > limit else None)

    async def done(self, wanted: Sequence[str], embedder: str) -> dict[str, int]:
        """How many chunks of each of these versions have vectors of `embedder`."""
        asked = (
            select(document_vectors.c.document, func.sum(document_vectors.c.count))
            .where(document_vectors.c.document.in_(wanted), document_vectors.c.embedder == embedder)
            .group_by(document_vectors.c.document)
        )
        rows = await self._database.read(lambda connection: connection.execute(asked).all())
        return {document: int(count) for document, count in rows}


def _at(place: Place) -> Any:
    return (documents.c.account == place.account) & (documents.c.application == place.application)


def _leaves(connection: Connection, wanted: Sequence[str], embedder: str) -> list[Leaf]:
    named = select(documents.c.id).where(documents.c.id.in_(wanted), documents.c.state == READY)
    leaves = {id: Leaf(id, [], [], []) for id in connection.execute(named).scalars()}
    terms = select(document_chunks.c.document, document_chunks.c.terms, document_chunks.c.length)
    mine = terms.where(document_chunks.c.document.in_(list(leaves)))
    for row in connection.execute(mine.order_by(document_chunks.c.document, document_chunks.c.number)):
        leaves[row.document].terms.append(row.terms)
        leaves[row.document].lengths.append(row.length)
    vectors = document_vectors.c
    found = select(vectors.document, vectors.first, vectors.count.label("number"), vectors.data)
    blobs = found.where(document_vectors.c.document.in_(list(leaves)), document_vectors.c.embedder == embedder)
    for piece in connection.execute(blobs) if embedder else ():
        leaves[piece.document].vectors.append((piece.first, piece.number, piece.data))
    return list(leaves.values())


def _chunk(row: Row[Any]) -> Chunk:
    path = tuple(msgspec.json.decode(row.path))
    return Chunk(number=row.number, path=path, text=row.text, terms=row.terms, length=row.length)
