"""The desk where documents are brought, looked at and taken away; a file that can not be read leaves nothing behind."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Struct, structs

from parley.context.indexing import ABANDONED, index_job, sweep_job
from parley.context.ports import Brought, Documents, Embedder, Shelves, Shown
from parley.context.reader import Reader
from parley.context.sniff import charset_of, type_of
from parley.core.documents import FAILED, INDEXING, READY, RECEIVING, Chunk, Document, Place
from parley.core.errors import BadRequest, NotFound, Overloaded
from parley.core.holdings import Page
from parley.wire.ids import new_id

AT_ONCE = 2
"""Files that are read at once by one worker; each may take a processor and a gigabyte."""
WAITING = 16
LONGEST_REFERENCE = 512


class Limits(Struct, frozen=True, kw_only=True):
    """Bytes of a file, and chunks of an application's documents together."""

    size: int
    chunks: int


class Desk:
    """Brings documents to their shelves."""

    def __init__(
        self, documents: Documents, shelves: Shelves, embedder: Embedder, limits: Limits, reader: Reader
    ) -> None:
        self._documents = documents
        self._shelves = shelves
        self._embedder = embedder
        self._limits = limits
        self._reader = reader
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def put(self, receive: Callable[[int], Awaitable[Brought]]) -> Shown:
        """The new version of a document. `receive` reads the file, of at most so many bytes.

        Raises BadRequest, TooLarge, Conflict where the application's documents are too many, and Overloaded.
        """
        if self._waiting >= WAITING:
            raise Overloaded("Too many documents are being read here; send it again in a moment.", retry_after="5")
        self._waiting += 1
        try:
            async with self._gate:
                return await self._put(await receive(self._limits.size))
        finally:
            self._waiting -= 1

    async def _put(self, brought: Brought) -> Shown:
        place, reference = brought.place, brought.reference
        _check_reference(reference)
        type = type_of(brought.type, brought.media, brought.name or reference, brought.data)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(brought.data).hexdigest())
        document = Document(
            id=new_id("doc"),
            account=place.account,
            application=place.application,
            reference=reference,
            created=time.time(),
            type=type,
            size=len(brought.data),
            digest=digest,
            chunks=0,
            state=RECEIVING,
            description=brought.description,
            metadata=brought.metadata,
        )
        known = await self._shelves.versions(place, reference)
        if known and known[0].state != FAILED and _same(known[0], document):
            return await self._shown(known)
        chunks = await self._reader.read(brought.data, type, charset_of(brought.media))
        await self._keep(structs.replace(document, chunks=len(chunks)), chunks)
        return await self.get(place, reference)

    async def _keep(self, document: Document, chunks: Sequence[Chunk]) -> None:
        """Writes a version in pieces; until the last step nobody finds it, and what is cut off is cleared away."""
        await self._documents.receive(document, [sweep_job(document.id, ABANDONED)])
        try:
            await self._documents.add(document.id, chunks)
            ready = not self._embedder.embedder
            owed = sweep_job(document.id) if ready else index_job(document.id, "first")
            accepted = structs.replace(document, state=READY if ready else INDEXING)
            await self._documents.accept(accepted, [owed], self._limits.chunks)
        except BaseException:
            await asyncio.shield(self._documents.purge(document.id))
            raise

    async def get(self, place: Place, reference: str) -> Shown:
        """A document as it stands. Raises NotFound."""
        versions = await self._shelves.versions(place, reference)
        if not versions:
            raise NotFound(f"The application {place.application} has no document {reference[:200]!r}.")
        return await self._shown(versions)

    async def page(self, place: Place, limit: int, after: str | None) -> Page[Shown]:
        """Documents by reference. Raises BadRequest for an `after` of another list."""
        found = await self._shelves.page(place, limit, after)
        newest = [versions[0].id for versions in found.data]
        done = await self._shelves.done(newest, self._embedder.embedder or "")
        return Page([_as_shown(versions, self._target, done) for versions in found.data], found.next)

    async def passages(self, document: str, first: int, limit: int) -> list[Chunk]:
        """Chunks of a version."""
        return await self._shelves.passages(document, first, limit)

    async def delete(self, place: Place, reference: str) -> int:
        """Removes a document with every version and row of it; how many chunks. Raises NotFound."""
        shown = await self.get(place, reference)
        gone = await self._documents.retire(place, reference, [sweep_job(new_id("sweep"))])
        for document in gone:
            await self._documents.purge(document)
        return shown.chunks

    @property
    def _target(self) -> str:
        return self._embedder.embedder or ""

    async def _shown(self, versions: list[Document]) -> Shown:
        done = await self._shelves.done([versions[0].id], self._target)
        return _as_shown(versions, self._target, done)


def _as_shown(versions: Sequence[Document], target: str, done: dict[str, int]) -> Shown:
    newest = versions[0]
    complete = newest.state == READY and target in ("", newest.embedder)
    count = newest.chunks if complete else min(done.get(newest.id, 0), newest.chunks)
    if complete or newest.state == FAILED:
        status = "ready" if complete else "failed"
    else:
        status = "indexing" if count or newest.state == READY else "pending"
    values: dict[str, Any] = structs.asdict(newest)
    return Shown(
        **{name: values[name] for name in Shown.__struct_fields__ if name in values},
        status=status,
        chunks_done=count,
        answers=any(version.state == READY for version in versions),
    )


def _same(known: Document, document: Document) -> bool:
    names = ("digest", "type", "description", "metadata")
    return all(getattr(known, name) == getattr(document, name) for name in names)


def _check_reference(reference: str) -> None:
    if not reference.strip() or len(reference) > LONGEST_REFERENCE or not reference.isprintable():
        raise BadRequest(
            f"`reference` is the document's name: 1 to {LONGEST_REFERENCE} printable characters.", param="reference"
        )
