"""A database as the repositories see it: pieces of work on a connection, each in one transaction, off the event loop.

The same synchronous work runs on both databases. No transaction outlives its piece of work.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles

from parley.store.address import Address
from parley.store.errors import StoreError

T = TypeVar("T")
Work = Callable[[Connection], T]

CONNECTIONS = 4
POOL_WAIT = 10.0
"""Seconds for which a piece of work waits for a free connection."""


class Database(Protocol):
    """What a repository needs."""

    async def read(self, work: Work[T]) -> T:
        """Runs `work` in a transaction that writes nothing. Raises StoreError."""

    async def write(self, work: Work[T]) -> T:
        """Runs `work` in a transaction and commits it. Raises StoreError, and whatever else `work` raises."""

    async def write_unsynced(self, work: Work[T]) -> T:
        """As `write`, without waiting for the disk: a power cut may undo the last of these, all in one piece.

        For what is done again then. Nobody waits behind it for the disk either.
        """

    async def close(self) -> None:
        """Ends every connection."""


class InsertNew(Insert):
    """An INSERT that passes over rows whose key is there already."""

    inherit_cache = True


@compiles(InsertNew)
def _insert_new(element: InsertNew, compiler: Any, **options: Any) -> str:
    return f"{compiler.visit_insert(element, **options)} ON CONFLICT DO NOTHING"


def trouble(address: Address, error: BaseException) -> StoreError:
    """The sentence for what a driver said, without statements, values or passwords."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cause = said.__cause__ or said
    reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    return StoreError(f"{str(address)[0].upper()}{str(address)[1:]} does not answer: {reason}.", retry_after="1")
