"""What the room needs of the house: the store's documents and shelves, an embedder, and somebody to ask."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from parley.core.documents import Chunk, Document, Leaf, Place, Retrieved
from parley.core.enclosures import Job
from parley.core.holdings import Page


class Shelves(Protocol):
    """What a search and a list read; `store/shelves.py` says more."""

    async def revision(self, place: Place) -> int:
        """How often this shelf changed; 0: there was never anything on it."""

    async def ready(self, place: Place) -> tuple[int, dict[str, str]]:
        """The revision, and the versions that answer with the embedder that each has vectors of."""

    async def leaves(self, wanted: Sequence[str], embedder: str) -> list[Leaf]:
        """These versions, as an index needs them."""

    async def chunks(self, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, Chunk]]:
        """These chunks by document and number, each with its reference; what is deleted is missing."""

    async def passages(self, document: str, first: int, limit: int) -> list[Chunk]:
        """Chunks of a version from number `first` on."""

    async def counted(self, document: str, embedder: str) -> list[tuple[int, int]]:
        """First number and count of each piece of vectors that is there."""

    async def done(self, wanted: Sequence[str], embedder: str) -> dict[str, int]:
        """How many chunks of each of these versions have vectors of `embedder`."""

    async def get(self, id: str) -> Document | None:
        """One version, in whatever state."""

    async def versions(self, place: Place, reference: str) -> list[Document]:
        """The versions of a reference that are shown, newest first."""

    async def page(self, place: Place, limit: int, after: str | None) -> Page[list[Document]]:
        """References by name, each with its versions."""


class Documents(Protocol):
    """How versions come, change and go; `store/documents.py` says more."""

    async def receive(self, document: Document, owed: Sequence[Job]) -> None:
        """Notes that a version is being written."""

    async def add(self, document: str, chunks: Sequence[Chunk]) -> None:
        """Writes chunks of a version."""

    async def accept(self, document: Document, owed: Sequence[Job], most: int) -> None:
        """All its chunks are here. Raises Conflict where the application would have more than `most`."""

    async def finish(self, document: Document, embedder: str, owed: Sequence[Job]) -> bool:
        """All its vectors are here; False where it is gone already."""

    async def fail(self, document: Document, sentence: str) -> None:
        """It will not be ready."""

    async def retire(self, place: Place, reference: str, owed: Sequence[Job]) -> list[str]:
        """Nothing of this reference is found from now on; its versions."""

    async def purge(self, document: str) -> None:
        """Removes every row of a version."""

    async def gone(self) -> list[str]:
        """Versions that are deleted but not yet removed."""

    async def behind(self, embedder: str) -> list[Document]:
        """Versions that lack vectors of `embedder`, and that no job works for."""

    async def state(self, document: str) -> str | None:
        """How a version stands."""

    async def owe(self, owed: Sequence[Job]) -> None:
        """Owes these jobs."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def embedder(self) -> str | None:
        """The model's name; None: there is none."""

    async def embed(self, texts: Sequence[str], deadline: float | None = None) -> list[list[float]]:
        """One vector per text; `deadline` in the event loop's time. Raises GatewayError."""


class Brought(Struct, frozen=True, kw_only=True):
    """A file as it came: `type` is what its sender calls it, `media` its media type, `name` the name of the file."""

    place: Place
    reference: str
    data: bytes
    type: str | None = None
    media: str = ""
    name: str = ""
    description: str | None = None
    metadata: dict[str, Any] | None = None


class Shown(Struct, frozen=True, kw_only=True):
    """A document as the management API shows it: its newest version, and whether any version answers now.

    `status` is pending (nothing is embedded yet), indexing, ready or failed; `chunks_done` counts what is indexed of
    `chunks`. `created` is in epoch seconds, `size` in bytes.
    """

    id: str
    account: str
    application: str
    reference: str
    type: str
    description: str | None
    metadata: dict[str, Any] | None
    size: int
    digest: str
    created: float
    status: str
    answers: bool
    chunks: int
    chunks_done: int
    error: str | None


class Bounds(Struct, frozen=True, kw_only=True):
    """How much is handed out: parts, tokens in all, and the least score."""

    parts: int
    tokens: int
    threshold: float


class Wanted(Struct, frozen=True, kw_only=True):
    """As `Bounds`; what is None is as for calls."""

    parts: int | None = None
    tokens: int | None = None
    threshold: float | None = None


class Desk(Protocol):
    """What the management API does with documents; `context/desk.py` says more."""

    async def put(self, receive: Callable[[int], Awaitable[Brought]]) -> Shown:
        """A new version; `receive` reads the file, of at most so many bytes."""

    async def get(self, place: Place, reference: str) -> Shown:
        """A document. Raises NotFound."""

    async def page(self, place: Place, limit: int, after: str | None) -> Page[Shown]:
        """Documents by reference."""

    async def passages(self, document: str, first: int, limit: int) -> list[Chunk]:
        """Chunks of a version from number `first` on."""

    async def delete(self, place: Place, reference: str) -> int:
        """Removes a document; how many chunks. Raises NotFound."""

    async def find(self, place: Place, query: str, wanted: Wanted) -> Retrieved:
        """What applies to a query."""
