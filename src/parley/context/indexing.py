"""The work that documents owe: vectors piece by piece, and the removal of what is deleted.

A job embeds the first piece that is missing, whatever it was made for, so that a piece done twice or a second chain of
jobs for the same version changes nothing. Its vectors and the next job are committed together with its end.
"""

import asyncio
import struct
import time
import zlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from parley.context.ports import Documents, Embedder, Shelves
from parley.core.documents import GONE, INDEX, RECEIVING, Chunk, Document
from parley.core.enclosures import DocumentVectors, Enclosure, Job
from parley.core.errors import BadRequest, GatewayError

SWEEP = "sweep_documents"
LANES = 4
"""Versions that are embedded at once, by all workers together: an embedder has only so much patience."""
PIECE = 32
"""Chunks that one job embeds."""
LAST_TRY = 5
"""The try after which a job is given up (`jobs/worker.py`): then the document has failed."""
DEADLINE = 100.0
ABANDONED = 600.0
"""Seconds after which a version whose chunks were never complete is cleared away."""


class Owed(Struct, frozen=True):
    """Which version; `run` tells one chain of jobs from another."""

    document: str
    run: str


def index_job(document: str, run: str, first: int = 0) -> Job:
    """The job that embeds the next piece of a version."""
    now, payload = time.time(), msgspec.json.encode(Owed(document, run))
    lane = f"{INDEX} {zlib.crc32(document.encode()) % LANES}"
    return Job(id=f"{INDEX}:{document}:{run}:{first}", kind=INDEX, created=now, due=now, payload=payload, lane=lane)


def sweep_job(document: str, after: float = 0.0) -> Job:
    """The job that removes deleted versions, and this one if it is still not complete, `after` seconds from now."""
    now, payload = time.time(), msgspec.json.encode(Owed(document, ""))
    return Job(id=f"{SWEEP}:{document}:{after:.0f}", kind=SWEEP, created=now, due=now + after, payload=payload)


class Indexer:
    """Does the work."""

    def __init__(self, documents: Documents, shelves: Shelves, embedder: Embedder) -> None:
        self._documents = documents
        self._shelves = shelves
        self._embedder = embedder

    async def catch_up(self) -> None:
        """Owes what the present embedder still lacks; right at a start, when the last process had another one."""
        run = f"start-{time.time() // 60:.0f}"
        owed = [index_job(document.id, run) for document in await self._documents.behind(self._embedder.embedder or "")]
        if owed:
            await self._documents.owe(owed)

    async def index(self, job: Job) -> Sequence[Enclosure]:
        """Embeds one piece. Raises GatewayError, to be tried again; after the last try the document has failed."""
        owed = msgspec.json.decode(job.payload, type=Owed)
        document = await self._shelves.get(owed.document)
        if document is None or document.state == GONE:
            await self._documents.purge(owed.document)
            return ()
        embedder = self._embedder.embedder or ""
        first = await self._next(document, embedder)
        if first is None:
            await self._documents.finish(document, embedder, [sweep_job(document.id)])
            return ()
        chunks = await self._shelves.passages(document.id, first, PIECE)
        try:
            vectors = await self._vectors(chunks)
        except GatewayError as error:
            if job.tries < LAST_TRY:
                raise
            await self._documents.fail(document, f"Its text could not be embedded: {error.message}")
            return ()
        return DocumentVectors(
            document=document.id, embedder=embedder, first=first, count=len(chunks), data=vectors
        ), index_job(document.id, owed.run, first + len(chunks))

    async def _next(self, document: Document, embedder: str) -> int | None:
        """The first chunk without a vector; None: there is none."""
        if not embedder:
            return None
        upto = 0
        for first, count in await self._shelves.counted(document.id, embedder):
            if first > upto:
                break
            upto = first + count
        return upto if upto < document.chunks else None

    async def _vectors(self, chunks: Sequence[Chunk]) -> bytes:
        until = asyncio.get_running_loop().time() + DEADLINE
        texts = [embedded_text(chunk) for chunk in chunks]
        try:
            rows = await self._embedder.embed(texts, until)
        except BadRequest:  # one of them is too long for the model
            rows = [await self._shortened(text, until) for text in texts]
        return b"".join(struct.pack(f"<{len(row)}e", *row) for row in rows)

    async def _shortened(self, text: str, until: float) -> list[float]:
        """The vector of as much of `text` as the model takes."""
        while True:
            try:
                (row,) = await self._embedder.embed([text], until)
                return row
            except BadRequest:
                if len(text) < 64:
                    raise
                text = text[: len(text) // 2]

    async def sweep(self, job: Job) -> Sequence[Enclosure]:
        """Removes what is deleted."""
        owed = msgspec.json.decode(job.payload, type=Owed)
        if await self._documents.state(owed.document) == RECEIVING:
            await self._documents.purge(owed.document)
        for document in await self._documents.gone():
            await self._documents.purge(document)
        return ()


def embedded_text(chunk: Chunk) -> str:
    """What an embedder is given: the headings, since a passage alone often does not say what it is about."""
    return f"{' > '.join(chunk.path)}\n{chunk.text}" if chunk.path else chunk.text
