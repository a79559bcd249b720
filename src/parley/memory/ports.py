"""What the room needs of the store and of models."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from parley.core.asks import Chat
from parley.core.call import Whose
from parley.core.enclosures import MemoryRow, TurnRow
from parley.core.holdings import KeptSummary, Page
from parley.core.reply import Usage
from parley.memory.names import SessionName, UserName


class Said(Protocol):
    """What came back from a model, and what it took."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def model(self) -> str:
        """Which model said it."""

    @property
    def provider(self) -> str:
        """Where."""

    @property
    def usage(self) -> Usage | None:
        """Its tokens."""

    @property
    def cost_usd(self) -> float | None:
        """US dollars, None: unknown."""

    @property
    def ms(self) -> float:
        """Milliseconds."""


class Models(Protocol):
    """The models that may be asked."""

    embedder: str | None  # the model of `[embeddings]`

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Said:
        """The answer to `chat`; `deadline` in the event loop's time. Raises GatewayError."""

    async def embed(self, texts: Sequence[str], deadline: float | None = None) -> list[list[float]]:
        """One vector per text. Raises GatewayError."""


class Vectors(Protocol):
    """What is near to what, where a model of `[embeddings]` says so."""

    async def near(self, question: str, rows: Sequence[MemoryRow], deadline: float) -> Mapping[int, float]:
        """The cosine to `question` of each row, by place, that has a vector. Raises GatewayError."""

    async def described(self, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
        """The rows with their vectors. Raises GatewayError."""

    async def same_attributes(self, new: Sequence[str], known: Sequence[str]) -> frozenset[tuple[str, str]]:
        """The pairs of attributes that mean the same. Raises GatewayError."""


SPAN = "memory"
"""The kind of the spans that this room notes."""


class Books(Protocol):
    """A call's line in the books."""

    def after(self, then: Callable[[], None]) -> None:
        """Runs `then` once the record is committed, or can not be."""

    def span(self, kind: str, name: str, began: float, ms: float, **more: Any) -> None:
        """Notes a part of the call for its trace: what `core.spans.span_of` takes, `began` in epoch seconds."""


class SessionStore(Protocol):
    """Sessions at rest."""

    async def history(self, session: SessionName, most: int) -> list[TurnRow]:
        """The newest `most` turns, oldest first."""

    async def take(self, session: SessionName, holder: str, now: float, until: float) -> bool:
        """Whether `holder` now has the session to itself until `until` (epoch seconds)."""

    async def keep(self, session: SessionName, holder: str, until: float) -> None:
        """Lets `holder` have it longer."""

    async def leave(self, session: SessionName, holder: str) -> None:
        """Gives it back."""

    async def summaries(self, session: SessionName) -> list[KeptSummary]:
        """The summaries of a session."""

    async def add_summary(self, session: SessionName, summary: KeptSummary, now: float) -> None:
        """Keeps a summary, and none that covers less."""


class MemoryStore(Protocol):
    """Memories at rest."""

    async def any(self) -> bool:
        """Whether there is a single one."""

    async def current(self, user: UserName, most: int) -> list[MemoryRow]:
        """The facts that no other supersedes, newest first."""

    async def add(self, rows: Sequence[MemoryRow]) -> None:
        """Keeps these rows."""

    async def page(
        self, filters: Mapping[str, str], limit: int, after: str | None, *, history: bool
    ) -> Page[tuple[MemoryRow, bool]]:
        """Facts, newest first, each with whether it is current; with `history` also those that no longer hold."""

    async def remove(self, id: str, account: str | None) -> int:
        """Removes a fact with its whole history, if it is of this account (None: any); how many rows those were."""

    async def accounts_of(self, application: str, user_id: str) -> list[str]:
        """The accounts of which something is kept of such a user."""

    async def forget(self, account: str, application: str, user_id: str, lane: str) -> Mapping[str, int]:
        """Removes all that the store has of a person's words, and the work in `lane`; how much of what that was."""
