"""Delivers answers that were had without Parley: kept on disk, then sent in the background until they arrive."""

import asyncio
import logging
from functools import partial
from typing import NamedTuple

from openai import APIStatusError, BaseModel

from parley_client.asks import Ask
from parley_client.background import Background, in_thread
from parley_client.outbox import Outbox
from parley_client.params import Callback
from parley_client.results import Evaluation
from parley_client.watching import Reach, Watcher, sentence, tell

log = logging.getLogger("parley_client")

PATIENCE = 10.0
FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
"""Seconds between two tries while Parley is away."""

REFUSED = (400, 413, 422)
"""Statuses that say that the record itself is wrong: sending it again would not help."""

Record = dict[str, object]


class Submitted(BaseModel):
    """What Parley says of a submission: the id of its record."""

    id: str = ""


def submission(record: Record) -> Ask[Submitted]:
    """Hands in a request and its answer; handing them in twice makes one record."""
    return Ask("POST", "/v1/submissions", Submitted, body=record, timeout=PATIENCE, retries=0)


class Tried(NamedTuple):
    """How sending a record went: `over` where it is not to be sent again, `why` where Parley did not take it."""

    over: bool
    why: str | None = None


class Delivery:
    """One client's answers on their way to Parley."""

    def __init__(self, background: Background, reach: Reach, outbox: Outbox, watcher: Watcher) -> None:
        self._background = background
        self._reach = reach
        self._outbox = outbox
        self._watcher = watcher
        self._looked = False
        self._sweeping = False

    @property
    def waiting(self) -> list[str]:
        """The ids of records that Parley does not have yet."""
        return self._outbox.waiting()

    def submit(self, record: Record, callback: Callback | None) -> None:
        """Takes a record with an `id`; does not wait, and raises nothing."""
        self._background.start(self._submit(record, callback))

    async def _submit(self, record: Record, callback: Callback | None) -> None:
        id = str(record["id"])
        if not await self._kept(id, record):
            log.warning("the record of %s is not on disk: it is lost unless Parley takes it now", id)
        tried = await self._tried(id, record)
        if not self._looked or not tried.over:  # an earlier process may have left records, too
            self._looked = True
            self._background.start(self._sweep(), awaited=False)
        if callback is not None and tried.why is None:
            await self._watcher.told(id, callback, None)
        elif callback is not None:
            await tell(callback, Evaluation.unknown(id, f"Parley has not taken the answer: {tried.why}"))

    async def _kept(self, id: str, record: Record) -> bool:
        try:
            return await in_thread(lambda: self._outbox.keep(id, record))
        except (OSError, TypeError, ValueError) as error:
            log.error("the record of %s could not be written: %s", id, error)
            return False

    async def _tried(self, id: str, record: Record) -> Tried:
        """Sends a record, and forgets it where that is over."""
        tried = Tried(over=True)
        try:
            await self._reach(submission(record))
        except Exception as error:  # whatever it is: the record is kept, and the callback told
            refused = isinstance(error, APIStatusError) and error.status_code in REFUSED
            tried = Tried(over=refused, why=sentence(error))
            log.log(logging.ERROR if refused else logging.WARNING, "Parley did not take %s: %s", id, tried.why)
        if tried.over:
            await self._forgotten(id)
        return tried

    async def _forgotten(self, id: str) -> None:
        try:
            await in_thread(lambda: self._outbox.forget(id))
        except OSError as error:
            log.warning("the record of %s could not be deleted and is sent again: %s", id, error)

    async def _sweep(self) -> None:
        """Sends what waits, oldest first, until nothing does."""
        if self._sweeping:
            return
        self._sweeping, pause = True, FIRST_PAUSE
        try:
            while ids := await in_thread(self._outbox.waiting):
                if await self._all_over(ids):
                    pause = FIRST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LAST_PAUSE)
        except OSError as error:
            log.error("the records that wait could not be read: %s", error)
        finally:
            self._sweeping = False

    async def _all_over(self, ids: list[str]) -> bool:
        """Sends these records; False as soon as one must wait."""
        for id in ids:
            record = await in_thread(partial(self._outbox.read, id))
            if record is None:
                await self._forgotten(id)
            elif not (await self._tried(id, record)).over:
                return False
        return True
