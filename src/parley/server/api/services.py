"""What the management API is given to work with."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from parley.accounts.account_desk import AccountDesk
from parley.accounts.config import IntentConfig
from parley.accounts.config_desk import ConfigDesk
from parley.accounts.key_desk import KeyDesk
from parley.cache.desk import CacheDesk
from parley.context.ports import Desk as Documents
from parley.core.call import Whose
from parley.core.holdings import Page, TraceRow, UsageRow
from parley.core.record import Record
from parley.evaluation.desk import EvaluationDesk
from parley.evaluation.feedback import FeedbackDesk
from parley.evaluation.ports import Asker
from parley.evaluation.webhooks import Webhooks
from parley.memory.desk import MemoryDesk
from parley.memory.session_desk import SessionDesk
from parley.receipts.book import Book
from parley.routing.saved import SavedConfigs
from parley.tracing.node import Tree


class RequestLog(Protocol):
    """The ledger's records, to be read."""

    async def get(self, id: str) -> Record | None:
        """The record with this id or completion id."""

    async def page(
        self,
        limit: int,
        after: str | None = None,
        filters: Mapping[str, Any] | None = None,
        *,
        content: bool = True,
    ) -> Page[Record]:
        """Records, newest first; without `content`, messages and answers are not read."""

    async def usage(
        self,
        by: list[str],
        since: float | None = None,
        until: float | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> list[UsageRow]:
        """Sums per group."""

    def export(
        self, since: float | None = None, until: float | None = None, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Record]:
        """Every record in the time, oldest first."""


class TraceLog(Protocol):
    """Traces, to be read."""

    async def tree(self, trace_id: str) -> Tree | None:
        """The trace with this id, of W3C's or ours."""

    async def page(
        self, limit: int, after: str | None = None, filters: Mapping[str, Any] | None = None
    ) -> Page[TraceRow]:
        """Traces by their newest request, newest first."""


class Catalog(Protocol):
    """The models that can be reached."""

    async def describe(self) -> list[dict[str, Any]]:
        """One plain object per model, with at least `id` and `provider`."""


class ApiServices(Struct, frozen=True, kw_only=True):
    """The ports behind `/api`."""

    keys: KeyDesk
    accounts: AccountDesk
    traces: TraceLog
    configs: ConfigDesk
    routes: SavedConfigs
    requests: RequestLog
    catalog: Catalog
    evaluations: EvaluationDesk
    webhooks: Webhooks
    feedback: FeedbackDesk
    settled: Callable[[str, str], IntentConfig]
    asker: Callable[[Whose], Asker]
    cache: CacheDesk | None = None
    memories: MemoryDesk | None = None
    sessions: SessionDesk | None = None
    documents: Documents | None = None
    receipts: Book | None = None
