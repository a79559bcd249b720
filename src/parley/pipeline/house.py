"""What the hallway needs of the house, and what it hands back to the door."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from parley.accounts.applications import Registry
from parley.accounts.gate import Gate
from parley.accounts.prices import Prices
from parley.cache.answers import AnswerCache
from parley.core.asks import Chat
from parley.core.call import Call, Whose
from parley.core.documents import Retrieved
from parley.core.enclosures import Enclosure, Job
from parley.core.record import Attempt, Record
from parley.core.reply import Event, Reply
from parley.core.route import Target
from parley.pipeline.judging_court import Court
from parley.providers.caller import Upstream
from parley.routing.health import Permit
from parley.routing.router import Router

Events = AsyncGenerator[list[Event], None]
"""A streamed reply: each item is what one read from the network brought."""


class Ledger(Protocol):
    """The books."""

    def put(self, record: Record) -> Awaitable[None]:
        """Takes the record at once; the awaitable is done when it is committed."""


class Meter(Protocol):
    """The counters that `/metrics` shows."""

    def count(self, record: Record) -> None:
        """Counts one ended request."""


class Log(Protocol):
    """What is noted while models are asked."""

    def tried(self, target: Target) -> None:
        """Who is being asked now."""

    def ended(self, attempt: Attempt) -> None:
        """How one attempt ended."""

    def continued(self, cut: Target, by: Target, why: str) -> None:
        """One target's stream was cut, and another one goes on with its text."""


class Guests(Protocol):
    """Upstreams at an address, or with a key, that a request brought along."""

    def upstream(self, provider: str, host: str | None, key: str | None) -> Upstream:
        """The provider's dialect at `host` (a URL; None: its own), with `key` and never a key of the server's there.

        Raises BadRequest where this provider can not be asked so.
        """


class Afterthought(Protocol):
    """What a room wants to be committed together with a record."""

    def __call__(self, line: Record, call: Call, answer: "Answer | None", reply: Reply | None) -> Iterable[Enclosure]:
        """The rows; `reply` is what was answered, as far as it came. Must not wait and must not raise."""


class Books(Protocol):
    """A call's line in the books, to a stage that has something to do when it is closed."""

    def after(self, then: Callable[[], None]) -> None:
        """Runs `then` once the record is committed, or can not be."""

    def span(self, kind: str, name: str, began: float, ms: float, **more: Any) -> None:
        """Notes a part of the call for its trace: what `core.spans.span_of` takes, `began` in epoch seconds."""


class Context(Protocol):
    """What an application's documents say."""

    async def retrieve(self, ask: Chat, whose: Whose) -> Retrieved:
        """What applies to a chat. Raises nothing: what is in the way stands in the answer."""


class Memory(Protocol):
    """Sessions, windows, and what is known of users."""

    async def remember(self, call: Call, books: Books) -> Call:
        """The call with everything that it is to remember. Raises GatewayError."""


class Workers(Protocol):
    """Who does what is owed."""

    def hold(self, job: Job) -> Job:
        """A job that is about to be committed; leased where this process keeps it for itself."""

    def begin(self, jobs: Iterable[Job]) -> None:
        """These jobs are committed, or can not be."""


class Nobody:
    """There are no workers here."""

    def hold(self, job: Job) -> Job:
        """As `Workers` says."""
        return job

    def begin(self, jobs: Iterable[Job]) -> None:
        """As `Workers` says."""


class Answer(Struct, frozen=True, kw_only=True):
    """An answer on its way to the door: whole (`reply`) or streamed (`events`), never both.

    `path` is the place of the target in its config; `permit` is closed when the stream ends.
    """

    target: Target
    reply: Reply | None = None
    events: Events | None = None
    permit: Permit | None = None
    path: str = "config"
    retries: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()  # what stages tell in headers
    continues: bool = False  # another target may go on with its stream when that is cut
    fallback_reason: str | None = None
    cache: str = "DISABLED"


class House(Struct, frozen=True, kw_only=True):
    """The rooms, as the hallway sees them."""

    applications: Registry
    router: Router
    upstreams: Mapping[str, Upstream]
    guests: Guests
    ledger: Ledger
    prices: Prices
    meter: Meter
    gate: Gate | None = None
    memory: Memory | None = None
    context: Context | None = None
    cache: AnswerCache | None = None
    court: Court | None = None
    flights: dict[str, Any] = field(default_factory=dict)  # by key: the questions that equal calls share (`Shared`)
    keep_content: bool = True
    afterthoughts: tuple[Afterthought, ...] = ()
    workers: Workers = Nobody()
