"""The gate: who is bounded by an account's or a key's allowance, and what calls under way have set aside.

Where nobody is bounded the gate stands open, and a call passes it at the cost of one look.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any

from msgspec import Struct

from parley.accounts.allowing import bounds_of
from parley.accounts.expectation import Expectation
from parley.accounts.ports import AccountStore, Spending
from parley.accounts.purse import Bound, Purse
from parley.core.allowances import Account, Allowance
from parley.core.enclosures import Charge
from parley.core.errors import GatewayError
from parley.core.holdings import Key

log = logging.getLogger(__name__)

EVERY = 1.0
PURGE = 600
"""Rounds between two purges."""
KEPT = 3600.0
MET = 10_000
"""Names of accounts remembered as there already."""


class Terms(Struct, frozen=True):
    """What bounds one holder: an account or a key."""

    bounds: tuple[Bound, ...] = ()
    models: tuple[str, ...] | None = None


class Amounts(Struct, frozen=True, kw_only=True):
    """What a call is expected to take, or took."""

    usd: float = 0.0
    tokens: float = 0.0
    requests: float = 1.0


class Ticket:
    """What one call has set aside, by purse, and what it used in the end."""

    __slots__ = ("_taken", "used")

    def __init__(self) -> None:
        self._taken: list[tuple[Purse, float]] = []
        self.used = Amounts(requests=0.0)

    def add(self, purse: Purse, amount: float) -> None:
        """Notes what was set aside in a purse."""
        self._taken.append((purse, amount))

    def charges(self, request_id: str) -> list[Charge]:
        """What is committed with the record."""
        return [
            Charge(budget=purse.bound.budget, since=purse.since, amount=amount, request_id=request_id)
            for purse, _ in self._taken
            if purse.bound.durable and (amount := getattr(self.used, purse.bound.measure)) > 0
        ]

    def close(self) -> None:
        """Settles with every purse; closing it twice changes nothing."""
        taken, self._taken = self._taken, []
        for purse, amount in taken:
            purse.settle(amount, getattr(self.used, purse.bound.measure))


class Gate:
    """Every allowance that is in force, and the purses of this worker."""

    def __init__(
        self, accounts: AccountStore, spending: Spending, worker: str, clock: Callable[[], float] = time.time
    ) -> None:
        """`worker` names this process among all that share the store."""
        self.expectation = Expectation()
        self.bounded = False  # whether anybody is
        self.under_way: dict[str, Any] = {}  # by request: what whoever entered it needs at its end
        self._accounts = accounts
        self._spending = spending
        self._worker = worker
        self._clock = clock
        self._by_account: dict[str, Terms] = {}
        self._by_key: dict[str, Terms] = {}
        self._purses: dict[str, Purse] = {}
        self._over: list[Purse] = []  # of periods that have ended
        self._known: set[str] = set()
        self._met: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def terms(self, account: str, key_id: str) -> tuple[Terms, ...]:
        """What bounds a call of this account with this key, the key's first; usually nothing."""
        key, owner = self._by_key.get(key_id), self._by_account.get(account)
        if key is None and owner is None:
            return ()
        return tuple(terms for terms in (key, owner) if terms is not None)

    async def enter(self, terms: Iterable[Terms], amounts: Amounts) -> Ticket:
        """Sets the amounts aside wherever they count. Raises BudgetSpent and RateLimited, and then nothing is."""
        ticket = Ticket()
        async with AsyncExitStack() as stack:
            stack.callback(ticket.close)
            for one in terms:
                for bound in one.bounds:
                    amount = getattr(amounts, bound.measure)
                    purse = self._purse(bound)
                    await purse.reserve(amount)
                    ticket.add(purse, amount)
            stack.pop_all()
        return ticket

    def meet(self, account: str) -> None:
        """Takes note of an account that a call named; one that is new is kept within moments."""
        if account not in self._known and len(self._met) < MET:
            self._met.add(account)

    def hold_keys(self, keys: Iterable[Key]) -> None:
        """Holds the allowances of these keys and no others."""
        self._by_key = {
            key.id: _terms(f"key {key.id}", key.allowance) for key in keys if key.allowance not in (None, Allowance())
        }
        self._look()

    def hold_accounts(self, accounts: Iterable[Account]) -> None:
        """Holds these accounts and no others."""
        all = list(accounts)
        self._known = {account.id for account in all[:MET]}
        self._by_account = {
            account.id: _terms(f"account {account.id}", account.allowance)
            for account in all
            if account.allowance != Allowance()
        }
        self._look()

    async def refresh(self) -> None:
        """Reads the accounts again."""
        self.hold_accounts(await self._accounts.all())

    async def start(self) -> None:
        """Begins to tend the purses."""
        self._task = asyncio.create_task(self._run(), name="budgets")

    async def stop(self) -> None:
        """Gives back what this worker holds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.tend()
            if self._purses or self._over:
                await self._spending.release(self._worker)
        except GatewayError as error:
            log.warning("what was set aside is given back later: %s", error.message)

    async def tend(self) -> None:
        """One round: purses say that they are alive, ended ones go, new accounts are kept. Raises StoreError."""
        now = self._clock()
        for budget, purse in list(self._purses.items()):
            if purse.until <= now:
                self._over.append(self._purses.pop(budget))
        for purse in [*self._purses.values(), *self._over]:
            await purse.tend()
        self._over = [purse for purse in self._over if not purse.empty]
        if self._met:
            met, self._met = self._met, set()
            await self._accounts.note(met, now)
            self._known |= met

    def _purse(self, bound: Bound) -> Purse:
        purse = self._purses.get(bound.budget)
        over = purse if purse is not None and purse.until <= self._clock() else None
        if over is not None:
            self._over.append(over)
        if purse is None or over is not None:
            purse = self._purses[bound.budget] = Purse(bound, self._worker, self._spending, self._clock, over)
        elif purse.bound is not bound:
            purse.rebind(bound)
        return purse

    def _look(self) -> None:
        self.bounded = bool(self._by_key or self._by_account)

    async def _run(self) -> None:
        rounds, away = 0, False
        while True:
            await asyncio.sleep(EVERY)
            rounds += 1
            try:
                await self.tend()
                if rounds % PURGE == 0:
                    await self._spending.purge(self._clock() - KEPT)
                away = False
            except GatewayError as error:
                if not away:
                    log.warning("what budgets were used is told to the other workers later: %s", error.message)
                away = True


def _terms(holder: str, allowance: Allowance | None) -> Terms:
    allowance = allowance or Allowance()
    models = None if allowance.models is None else tuple(allowance.models)
    return Terms(bounds_of(holder, allowance), models)
