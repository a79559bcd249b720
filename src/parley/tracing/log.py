"""The traces that are kept, as trees."""

from collections.abc import Mapping
from typing import Any, Protocol

from parley.core.enclosures import EvaluationRow, Span, TraceMark, VerdictRow
from parley.core.holdings import Page, TraceRow
from parley.core.record import Record
from parley.tracing.node import Tree
from parley.tracing.tree import Found, tree_of


class Kept(Protocol):
    """All that is kept of one trace, oldest first."""

    @property
    def trace_id(self) -> str:
        """Its id."""

    @property
    def records(self) -> list[Record]:
        """Its requests, without their content."""

    @property
    def marks(self) -> list[TraceMark]:
        """Where requests stand in the traces of their callers."""

    @property
    def spans(self) -> list[Span]:
        """What stages noted and callers sent."""

    @property
    def evaluations(self) -> list[EvaluationRow]:
        """What judging its answers came to."""

    @property
    def verdicts(self) -> list[VerdictRow]:
        """And what each sentinel said."""


class TraceStore(Protocol):
    """Traces at rest."""

    async def get(self, trace_id: str) -> Kept | None:
        """One trace."""

    async def page(
        self, limit: int, after: str | None = None, filters: Mapping[str, Any] | None = None
    ) -> Page[TraceRow]:
        """Traces, newest first."""


class TraceLog:
    """Reads traces."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self.page = store.page

    async def tree(self, trace_id: str) -> Tree | None:
        """The trace with this id, of W3C's or ours."""
        kept = await self._store.get(trace_id)
        if kept is None:
            return None
        return tree_of(
            Found(
                trace_id=kept.trace_id,
                records=kept.records,
                marks=kept.marks,
                spans=kept.spans,
                evaluations=kept.evaluations,
                verdicts=kept.verdicts,
            )
        )
