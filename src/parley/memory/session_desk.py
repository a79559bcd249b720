"""What an operator does with sessions: reads them, takes them along, and removes them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import Page, SessionSums, SessionTurn


class Timelines(Protocol):
    """Sessions at rest."""

    async def page(self, filters: Mapping[str, Any], limit: int, after: str | None) -> Page[SessionSums]:
        """Sessions, that with the newest request first."""

    async def accounts_of(self, application: str, session_id: str) -> list[str]:
        """The accounts that have a session of this id."""

    async def sums(self, account: str, application: str, session_id: str) -> SessionSums | None:
        """What a session comes to."""

    async def turns(
        self, account: str, application: str, session_id: str, limit: int, after: str | None
    ) -> Page[SessionTurn]:
        """Its requests, oldest first."""

    async def remove(self, account: str, application: str, session_id: str) -> Mapping[str, int]:
        """Removes what was said in it."""


class SessionDesk:
    """The sessions, as the management API sees them."""

    def __init__(self, timelines: Timelines, changed: Callable[[], Awaitable[None]]) -> None:
        """`changed` is awaited after a session was removed."""
        self._timelines = timelines
        self._changed = changed

    async def page(self, filters: Mapping[str, Any], limit: int, after: str | None) -> Page[SessionSums]:
        """Sessions, that with the newest request first. Raises BadRequest for an `after` that is no cursor."""
        return await self._timelines.page(filters, limit, after)

    async def get(self, account: str | None, application: str, session_id: str) -> SessionSums:
        """What a session comes to. Raises NotFound; BadRequest where several accounts have one of this id."""
        one = await self._account(account, application, session_id)
        sums = await self._timelines.sums(one, application, session_id)
        if sums is None:
            raise _none(application, session_id)
        return sums

    async def turns(self, session: SessionSums, limit: int, after: str | None) -> Page[SessionTurn]:
        """Its requests, oldest first. Raises BadRequest for an `after` that is no cursor."""
        return await self._timelines.turns(session.account, session.application, session.session_id, limit, after)

    async def remove(self, account: str | None, application: str, session_id: str) -> Mapping[str, int]:
        """Removes what was said in a session; how much of what that was. Raises as `get`."""
        session = await self.get(account, application, session_id)
        removed = await self._timelines.remove(session.account, application, session_id)
        await self._changed()
        return removed

    async def _account(self, account: str | None, application: str, session_id: str) -> str:
        if account is not None:
            return account
        there = await self._timelines.accounts_of(application, session_id)
        if not there:
            raise _none(application, session_id)
        if len(there) > 1:
            raise BadRequest(
                f"Several accounts have such a session: say which with `account`. There is {', '.join(sorted(there))}.",
                param="account",
            )
        return there[0]


def _none(application: str, session_id: str) -> NotFound:
    return NotFound(f"There is no session `{session_id[:100]}` in the application `{application[:100]}`.")
