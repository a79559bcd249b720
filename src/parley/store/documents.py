"""Documents at rest: a new version comes in pieces, takes the old one's place in one step, and leaves for good.

Every change that a search may notice moves the shelf's revision, first of all: the row it locks makes those who change
one shelf at once wait for one another.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Delete, Row, delete, func, insert, select, update

from parley.core.documents import FAILED, GONE, INDEX, INDEXING, READY, RECEIVING, Chunk, Document, Place
from parley.core.enclosures import WAITING, Enclosure, Job
from parley.core.errors import Conflict
from parley.store.database import Database, InsertNew
from parley.store.enclosures import insert_enclosures
from parley.store.tables import document_chunks, document_vectors, documents, jobs, shelves

PIECE = 500
"""Rows that one transaction writes or removes, so that the ledger never waits long for its turn."""


class Documents:
    """The repository of documents as they come, change and go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receive(self, document: Document, owed: Sequence[Job]) -> None:
        """Notes that a version is being written; `owed` clears it away if it never is."""

        def work(connection: Connection) -> None:
            connection.execute(insert(documents).values(_row(document)))
            insert_enclosures(connection, owed)

        await self._database.write(work)

    async def add(self, document: str, chunks: Sequence[Chunk]) -> None:
        """Writes chunks of a version, a piece at a time."""
        for start in range(0, len(chunks), PIECE):
            rows = [_chunk_row(document, chunk) for chunk in chunks[start : start + PIECE]]
            await self._database.write(partial(_insert_chunks, rows=rows))

    async def accept(self, document: Document, owed: Sequence[Job], most: int) -> None:
        """All its chunks are here: it answers at once if it is ready, else when its vectors are.

        Other versions of the reference that are on their way are gone with it, and the old one when it is ready.
        Raises Conflict where the application would have more than `most` chunks.
        """

        def work(connection: Connection) -> None:
            _moved(connection, document)
            _check_room(connection, document, most)
            others = [INDEXING, FAILED, READY] if document.state == READY else [INDEXING, FAILED]
            connection.execute(_of_reference(document, others).values(state=GONE))
            connection.execute(update(documents).where(documents.c.id == document.id).values(state=document.state))
            insert_enclosures(connection, owed)

        await self._database.write(work)

    async def finish(self, document: Document, embedder: str, owed: Sequence[Job]) -> bool:
        """All its vectors are here: it answers from now on, and no older version does. False: it is gone already."""

        def work(connection: Connection) -> bool:
            _moved(connection, document)
            alive = [INDEXING, READY, FAILED]
            mine = update(documents).where(documents.c.id == document.id, documents.c.state.in_(alive))
            if not connection.execute(mine.values(state=READY, embedder=embedder, error=None)).rowcount:
                return False
            connection.execute(_of_reference(document, [READY]).values(state=GONE))
            old = delete(document_vectors).where(document_vectors.c.document == document.id)
            connection.execute(old.where(document_vectors.c.embedder != embedder))
            insert_enclosures(connection, owed)
            return True

        return await self._database.write(work)

    async def fail(self, document: Document, sentence: str) -> None:
        """It will not be ready; a version that answers goes on answering."""
        mine = update(documents).where(documents.c.id == document.id)
        waiting = mine.where(documents.c.state == INDEXING).values(state=FAILED, error=sentence)
        answering = mine.where(documents.c.state == READY).values(error=sentence)

        def work(connection: Connection) -> None:
            connection.execute(waiting)
            connection.execute(answering)

        await self._database.write(work)

    async def retire(self, place: Place, reference: str, owed: Sequence[Job]) -> list[str]:
        """Nothing of this reference is found from now on; the ids of its versions, which `purge` removes."""

        def work(connection: Connection) -> list[str]:
            _moved(connection, place)
            mine = _at(place) & (documents.c.reference == reference)
            wanted = select(documents.c.id).where(mine, documents.c.state != RECEIVING)
            found = list(connection.execute(wanted).scalars())
            connection.execute(update(documents).where(documents.c.id.in_(found)).values(state=GONE))
            if found:
                insert_enclosures(connection, owed)
            return found

        return await self._database.write(work)

    async def purge(self, document: str) -> None:
        """Removes every row of a version, a piece at a time, its own last: what was begun is found again."""
        for table in (document_chunks, document_vectors):
            number = table.c.number if table is document_chunks else table.c.first
            some = select(number).where(table.c.document == document).limit(PIECE)
            piece = delete(table).where(table.c.document == document, number.in_(some))
            while await self._database.write(partial(_removed, piece=piece)):
                pass
        last = delete(documents).where(documents.c.id == document)
        await self._database.write(lambda connection: connection.execute(last))

    async def gone(self) -> list[str]:
        """Versions that are deleted but not yet removed."""
        wanted = select(documents.c.id).where(documents.c.state == GONE)
        return await self._database.read(lambda connection: list(connection.execute(wanted).scalars()))

    async def behind(self, embedder: str) -> list[Document]:
        """Versions that are not ready, or lack vectors of `embedder` (if there is one), and that no job works for."""
        unfinished = documents.c.state.in_([INDEXING, FAILED])
        outdated = (documents.c.state == READY) & (documents.c.embedder != embedder)
        lacking = unfinished | outdated if embedder else unfinished
        wanted = select(documents).where(lacking).order_by(documents.c.id)
        working = select(jobs.c.id).where(jobs.c.kind == INDEX, jobs.c.state == WAITING)

        def work(connection: Connection) -> list[Document]:
            worked_for = {id.split(":")[1] for id in connection.execute(working).scalars()}
            return [document_of(row) for row in connection.execute(wanted) if row.id not in worked_for]

        return await self._database.read(work)

    async def owe(self, owed: Sequence[Enclosure]) -> None:
        """Writes these jobs or vectors; what is there already is passed over."""
        await self._database.write(lambda connection: insert_enclosures(connection, owed))

    async def state(self, document: str) -> str | None:
        """How a version stands; None: there is none."""
        wanted = select(documents.c.state).where(documents.c.id == document)
        return await self._database.read(lambda connection: connection.execute(wanted).scalar())


def _insert_chunks(connection: Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(document_chunks), rows)


def _removed(connection: Connection, piece: Delete) -> int:
    return connection.execute(piece).rowcount


def _moved(connection: Connection, place: Place | Document) -> None:
    whose = {"account": place.account, "application": place.application}
    connection.execute(InsertNew(shelves).values(**whose, revision=0))
    this = update(shelves).where(shelves.c.account == place.account, shelves.c.application == place.application)
    connection.execute(this.values(revision=shelves.c.revision + 1))


def _at(place: Place | Document) -> Any:
    return (documents.c.account == place.account) & (documents.c.application == place.application)


def _of_reference(document: Document, states: Sequence[str]) -> Any:
    """An update of the other versions of a reference that stand so."""
    same = _at(document) & (documents.c.reference == document.reference)
    return update(documents).where(same, documents.c.id != document.id, documents.c.state.in_(states))


def _check_room(connection: Connection, document: Document, most: int) -> None:
    counted = select(func.sum(documents.c.chunks)).where(
        _at(document), documents.c.state.in_([INDEXING, READY]), documents.c.reference != document.reference
    )
    others: int = connection.execute(counted).scalar() or 0
    if others + document.chunks > most:
        raise Conflict(
            f"The application {document.application} has {others:,} chunks, this document {document.chunks:,} more; "
            f"`context.max_chunks` allows {most:,}. Delete documents, or raise it."
        )


def _row(document: Document) -> dict[str, Any]:
    values = msgspec.structs.asdict(document)
    values["metadata"] = None if document.metadata is None else msgspec.json.encode(document.metadata).decode()
    return values


def _chunk_row(document: str, chunk: Chunk) -> dict[str, Any]:
    values = msgspec.structs.asdict(chunk)
    return {**values, "document": document, "path": msgspec.json.encode(chunk.path).decode()}


def document_of(row: Row[Any]) -> Document:
    """A row as a version."""
    values = dict(row._mapping)
    return Document(**{**values, "metadata": values["metadata"] and msgspec.json.decode(values["metadata"])})
