"""A purse: this worker's part of one budget or limit in one period.

The store knows what was spent and what every worker holds; a worker draws a sixteenth of what is free at once, so that
most calls find enough in its purse, and close to the end each call draws its own. What a call takes is set aside
before it asks a model, and given back for what it really cost once its record is committed.
"""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from parley.accounts.periods import period
from parley.accounts.ports import Spending
from parley.core.allowances import Draw, Drawn
from parley.core.errors import BudgetSpent, CallerError, RateLimited

LEASE = 30.0
"""Seconds after which what a worker holds is free again, unless it said that it is still there."""
PATIENCE = 5.0
"""Seconds that a call waits while only what is set aside for others stands against it."""
POLL = 0.05
DRY = 0.1
"""Seconds for which a limit that was found used up is not asked for again."""
NOUNS = {"usd": "US dollars", "tokens": "tokens", "requests": "requests"}


class Bound(Struct, frozen=True, kw_only=True):
    """One bound of a holder: so much of `measure` (`usd`, `tokens`, `requests`) per `per`."""

    holder: str
    measure: str
    per: str
    most: float

    @property
    def budget(self) -> str:
        """Its name in the store."""
        return f"{self.holder}|{self.measure}|{self.per}"

    @property
    def durable(self) -> bool:
        """Whether it is counted with the records; what runs by the minute is counted beside them."""
        return self.per != "minute"


class Purse:
    """One bound in the period that began at `since`; used on one event loop."""

    def __init__(
        self, bound: Bound, worker: str, spending: Spending, clock: Callable[[], float], before: "Purse | None" = None
    ) -> None:
        """`before` is the purse of the period before: what was used of it is told first."""
        self._before = before
        self.bound = bound
        self.since, self.until = period(bound.per, clock())
        self._worker = worker
        self._spending = spending
        self._clock = clock
        self._held = 0.0  # drawn, and not given back
        self._reserved = 0.0  # of that: set aside for calls under way
        self._used = 0.0  # of that: spent since the last draw
        self._lock = asyncio.Lock()
        self._drawing = False
        self._settled = asyncio.Event()
        self._dry = (0.0, "")
        self._touched = False
        self._renew_at = 0.0

    def rebind(self, bound: Bound) -> None:
        """Counts against a bound that was changed."""
        self.bound = bound
        self._dry = (0.0, "")

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that the store has to be told of."""
        return self.idle and not self._held and not self._used

    @property
    def idle(self) -> bool:
        """Whether no call is under way on it."""
        return self._reserved <= 0 and not self._drawing

    def take(self, amount: float) -> bool:
        """Sets `amount` aside if the purse holds it."""
        if self._drawing or self._held - self._reserved - self._used < amount:
            return False
        self._reserved += amount
        self._touched = True
        return True

    async def reserve(self, amount: float) -> None:
        """Sets `amount` aside, drawing from the store where the purse does not hold it.

        Raises BudgetSpent where the budget is used up, and RateLimited where a limit is, or where for `PATIENCE`
        seconds all that is left was set aside for calls under way.
        """
        if amount <= 0 or self.take(amount):
            return
        try:
            async with asyncio.timeout(PATIENCE), self._lock:
                while not self.take(amount):
                    await self._draw_or_wait(amount)
        except TimeoutError:
            raise RateLimited(
                f"What is left of {self._words()} is set aside for calls under way; ask again when they have ended.",
                retry_after="1",
            ) from None

    def settle(self, reserved: float, used: float) -> None:
        """Gives back what was set aside for a call, which used so much."""
        self._reserved = max(self._reserved - reserved, 0.0)
        self._used += used
        self._touched = True
        self._settled.set()

    async def tend(self) -> None:
        """Says that it is still there, or gives back what nobody needs. Raises StoreError."""
        now = self._clock()
        touched, self._touched = self._touched, False
        if not self._held and not self._used:
            return
        if (not touched and self.idle) or (self._used and not self.bound.durable) or now >= self._renew_at:
            async with self._lock:
                await self._draw(0.0, 0.0 if not touched else self._held - self._reserved - self._used)

    async def _draw_or_wait(self, amount: float) -> None:
        if self._dry[0] > self._clock():
            raise self._refusal(self._dry[1])
        self._settled.clear()
        before = self._reserved
        drawn = await self._draw(amount, 0.0)
        if drawn.granted > 0:
            return
        most, gone = self.bound.most, drawn.spent
        if self.bound.durable and gone < most and (drawn.others > 0 or before > 0):
            try:
                async with asyncio.timeout(POLL if drawn.others > 0 else None):
                    await self._settled.wait()
            except TimeoutError:
                pass
            return
        wait = self._wait(drawn)
        self._dry = (self.until if self.bound.durable and gone >= most else self._clock() + DRY, wait)
        raise self._refusal(wait)

    async def _draw(self, need: float, spare: float) -> Drawn:
        """Tells the store what is held and asks for `need`; `spare` is kept without need."""
        if self._before is not None:
            await self._before.tend()
            self._before = None
        self._drawing = True
        kept, used, now = self._reserved + max(spare, 0.0), self._used, self._clock()
        try:
            drawn = await self._spending.draw(
                Draw(
                    budget=self.bound.budget,
                    since=self.since,
                    worker=self._worker,
                    most=self.bound.most,
                    kept=kept,
                    need=need,
                    add=0.0 if self.bound.durable else used,
                    earlier=self._weight(now),
                    overdraw=self.bound.measure != "requests",
                    now=now,
                    until=now + LEASE,
                )
            )
        finally:
            self._drawing = False
        self._held, self._used = kept + drawn.granted, self._used - used
        self._renew_at = now + LEASE / 3
        return drawn

    def _weight(self, now: float) -> tuple[float, float] | None:
        """A minute that has just begun still remembers the one before: its beginning, and how much of it counts."""
        if self.bound.durable:
            return None
        return self.since - 60.0, max(0.0, 1 - (now - self.since) / 60.0)

    def _wait(self, drawn: Drawn) -> str:
        """The seconds after which it may go on."""
        left = max(self.until - self._clock(), 0.0)
        if not self.bound.durable and drawn.spent - drawn.earlier < self.bound.most and drawn.earlier > 0:
            left = min(left, 60.0 / max(drawn.earlier, 1.0))  # what the minute before counts runs down all the time
        return str(max(1, int(left + 0.999)))

    def _refusal(self, wait: str) -> CallerError:
        if self.bound.durable:
            account = self.bound.holder.startswith("account ")
            return BudgetSpent(
                f"Usage limit exceeded: {self._words()} is used up until the next {self.bound.per} begins.",
                code="06" if account else None,
                type="usage_limit_exceeded_error" if account else None,
                retry_after=wait,
            )
        return RateLimited(f"Rate limit exceeded: {self._words()} is reached.", retry_after=wait)

    def _words(self) -> str:
        bound = self.bound
        what = "budget" if bound.durable else "limit"
        return f"the {what} of the {bound.holder} ({bound.most:g} {NOUNS[bound.measure]} per {bound.per})"
