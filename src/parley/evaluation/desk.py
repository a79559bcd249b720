"""The evaluation desk: what is known of a request's evaluation, as it stands or once it is there."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

from msgspec import Struct

from parley.core.enclosures import FAILED, WAITING, EvaluationRow, Job, VerdictRow
from parley.core.errors import NotFound
from parley.core.holdings import Page
from parley.core.record import Record

Kept = tuple[EvaluationRow, tuple[VerdictRow, ...]]

FIRST_LOOK, LAST_LOOK = 0.05, 0.5
"""Seconds between two looks of somebody who waits, at first and at last; other workers may be the ones who judge."""
UNKNOWN = 2.0
"""Seconds for which a request that is not in the ledger yet is waited for."""
BACK = 5.0
"""Seconds that a listener looks back, for evaluations that were committed later than younger ones."""
AT_ONCE = 500
"""Evaluations that a listener is told at a time."""


class Standing(Struct, frozen=True, kw_only=True):
    """How it stands with the evaluation of one request: there (`row`), or `status` and why.

    `status` is PENDING while it is owed, ERROR where nobody could judge, NA where there was nothing to judge it by.
    """

    request_id: str
    status: str
    reason: str | None = None
    row: EvaluationRow | None = None
    verdicts: tuple[VerdictRow, ...] = ()


class EvaluationStore(Protocol):
    """Evaluations at rest."""

    async def get(self, request_id: str) -> Kept | None:
        """The evaluation of a request."""

    async def page(self, limit: int, after: str | None = None, filters: Mapping[str, Any] | None = None) -> Page[Kept]:
        """Evaluations, newest first."""

    async def since(self, at: float, limit: int, filters: Mapping[str, Any] | None = None) -> list[Kept]:
        """Evaluations from `at` on, oldest first."""


class Records(Protocol):
    """The ledger."""

    async def get(self, id: str) -> Record | None:
        """The record with this id or completion id."""


class OwedJobs(Protocol):
    """Work that is owed."""

    async def get(self, id: str) -> Job | None:
        """One job."""


class EvaluationDesk:
    """What the management API and the SDK see of evaluations. `account` is whose may be seen; None: everybody's."""

    def __init__(self, store: EvaluationStore, records: Records, jobs: OwedJobs) -> None:
        self._store = store
        self._records = records
        self._jobs = jobs

    async def standing(self, id: str, account: str | None, wait: float = 0.0) -> Standing:
        """How it stands, waited for at most `wait` seconds where it is owed. Raises NotFound."""
        began, pause = time.monotonic(), FIRST_LOOK
        while True:
            waited = time.monotonic() - began
            try:
                found = await self._now(id, account)
                if found.status != "PENDING" or waited >= wait:
                    return found
            except NotFound:
                if waited >= min(wait, UNKNOWN):
                    raise
            await asyncio.sleep(min(pause, max(0.0, wait - waited)))
            pause = min(2 * pause, LAST_LOOK)

    async def page(self, limit: int, after: str | None, filters: Mapping[str, Any]) -> Page[Kept]:
        """Evaluations, newest first."""
        return await self._store.page(limit, after, filters)

    async def listen(
        self, since: float, filters: Mapping[str, Any], every: float = LAST_LOOK
    ) -> AsyncGenerator[list[Kept], None]:
        """Evaluations as they come to be, from `since` (epoch seconds) on; an empty list where there is none."""
        told: dict[str, float] = {}
        while True:
            found = await self._store.since(since, AT_ONCE, filters)
            fresh = [kept for kept in found if kept[0].request_id not in told]
            told.update({row.request_id: row.created for row, _ in fresh})
            yield fresh
            if len(found) == AT_ONCE and fresh:
                since = found[-1][0].created
            else:
                await asyncio.sleep(every)
                since = max(since, time.time() - BACK)
            told = {id: at for id, at in told.items() if at >= since}

    async def _now(self, id: str, account: str | None) -> Standing:
        kept = await self._store.get(id)
        if kept is None:
            record = await self._records.get(id)
            if record is None or (account is not None and record.account != account):
                raise NotFound(f"There is no request with the id {id}; it is the answer's `x-request-id` or its `id`.")
            job = await self._jobs.get(f"evaluation:{record.id}")
            kept = await self._store.get(record.id)
            if kept is None:
                return _without(record.id, job)
        row, verdicts = kept
        if account is not None and row.account != account:
            raise NotFound(f"There is no request with the id {id}; it is the answer's `x-request-id` or its `id`.")
        return Standing(request_id=row.request_id, status=row.status, reason=row.reason, row=row, verdicts=verdicts)


def _without(id: str, job: Job | None) -> Standing:
    if job is not None and job.state == WAITING:
        late = f" The last try failed: {job.error}" if job.error else ""
        return Standing(request_id=id, status="PENDING", reason=f"It is being judged.{late}")
    if job is not None and job.state == FAILED:
        return Standing(request_id=id, status="ERROR", reason=f"It could not be judged: {job.error}")
    return Standing(
        request_id=id,
        status="NA",
        reason="It was not judged: no sentinel looks at it, evaluation was off, or its answer came from the cache.",
    )
