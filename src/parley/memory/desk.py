"""What an operator does with memories: reads them, adds to them, and has people forgotten."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from parley.core.enclosures import MemoryRow
from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import Page
from parley.core.names import fit
from parley.memory.facts import KINDS, Fact
from parley.memory.learning import taken_in
from parley.memory.merging import Stated
from parley.memory.names import UserName, lane_of
from parley.memory.plain import line
from parley.memory.ports import MemoryStore, Vectors
from parley.memory.statements import read_statement
from parley.wire.ids import new_id

READ = 1000


class Told(Struct, frozen=True, kw_only=True):
    """A fact that somebody tells of a user; without an attribute it is what its `text` says, read by rule."""

    account: str
    application: str
    user_id: str
    text: str
    attribute: str = ""
    value: str = ""
    kind: str = "other"
    confidence: float = 1.0
    exclusive: bool | None = None


class Elsewhere(Protocol):
    """Another part of the house that keeps what users said."""

    async def forget(self, account: str, application: str, user_id: str) -> Mapping[str, int]:
        """Removes what it keeps of a person; how much of what that was."""


class MemoryDesk:
    """The memories, as the management API sees them."""

    def __init__(
        self,
        store: MemoryStore,
        vectors: Vectors | None,
        changed: Callable[[], Awaitable[None]],
        elsewhere: Sequence[Elsewhere] = (),
    ) -> None:
        """`changed` is awaited after each change; `elsewhere` are the parts that forget people too."""
        self._store = store
        self._vectors = vectors
        self._changed = changed
        self._elsewhere = elsewhere

    async def page(
        self, filters: Mapping[str, str], limit: int, after: str | None, *, history: bool
    ) -> Page[tuple[MemoryRow, bool]]:
        """Facts, newest first, each with whether it holds now. Raises BadRequest for an `after` that is no cursor."""
        fitting = {name: fit(value) for name, value in filters.items()}
        return await self._store.page(fitting, limit, after, history=history)

    async def add(self, told: Told) -> list[MemoryRow]:
        """Takes a fact in as if the user had stated it; the rows that this made, the first of them the fact."""
        user = UserName(fit(told.account), fit(told.application), fit(told.user_id))
        attribute, value = line(told.attribute), line(told.value or told.text)
        if not attribute and (found := read_statement(line(told.text))) is not None:
            attribute, value = found
        fact = Fact(
            kind=told.kind if told.kind in KINDS else "other",
            attribute=attribute,
            value=value,
            text=line(told.text),
            confidence=told.confidence,
            exclusive=told.exclusive,
        )
        known = await self._store.current(user, READ)
        now = max([time.time(), *(row.created for row in known)])  # other machines' clocks may be ahead
        stated = Stated(user=user, at=now, source=None, ids=new_id("mem"))
        rows = await taken_in([fact], known, stated, self._vectors)
        await self._store.add(rows)
        await self._changed()
        return rows

    async def remove(self, id: str, account: str | None) -> int:
        """Removes one fact with its history; how many rows that were. Raises NotFound, also for one of another account
        where `account` says whose it has to be."""
        gone = await self._store.remove(id, account)
        if not gone:
            raise NotFound(f"There is no memory with the id {id}.")
        await self._changed()
        return gone

    async def forget(self, account: str | None, application: str, user_id: str) -> dict[str, int]:
        """Removes everything that is kept of a person's words, whoever keeps it; how much of what that was.

        Raises BadRequest where several accounts have such a user and `account` does not say which.
        """
        there = [account] if account is not None else await self._store.accounts_of(application, user_id)
        if len(there) > 1:
            raise BadRequest(
                f"Several accounts have such a user: say which with `account`. There is {', '.join(sorted(there))}.",
                param="account",
            )
        removed: dict[str, int] = {}
        for one in there:
            lane = lane_of(UserName(fit(one), fit(application), fit(user_id)))
            removed = dict(await self._store.forget(one, application, user_id, lane))
            for other in self._elsewhere:
                removed.update(await other.forget(one, application, user_id))
        await self._changed()
        return removed
