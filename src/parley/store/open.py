"""Opens the store: finds it, brings its schema up to date, and hands out its repositories."""

import asyncio
import os
import time
from pathlib import Path

from parley.store.accounts import Accounts
from parley.store.address import Address, SqliteAddress, read_address
from parley.store.applications import Applications
from parley.store.cache import CachedAnswers
from parley.store.configs import Configs
from parley.store.database import Database
from parley.store.documents import Documents
from parley.store.errors import StoreError
from parley.store.evaluations import Evaluations
from parley.store.feedback import Feedbacks
from parley.store.jobs import Jobs
from parley.store.keys import Keys
from parley.store.memories import Memories
from parley.store.on_demand import migrate, postgres_database
from parley.store.prompts import Prompts
from parley.store.receipts import Receipts
from parley.store.requests import Requests
from parley.store.revisions import Revisions
from parley.store.schema import at_head
from parley.store.sessions import Sessions
from parley.store.shelves import Shelves
from parley.store.spans import Traces
from parley.store.spending import Spending
from parley.store.sqlite_database import SqliteDatabase
from parley.store.timelines import Timelines
from parley.store.webhooks import Webhooks

PATIENCE = 20.0
"""Seconds for which a start waits while other processes open or migrate the same store."""


class Store:
    """The cellar: one repository per noun."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.keys = Keys(database)
        self.accounts = Accounts(database)
        self.spending = Spending(database)
        self.traces = Traces(database)
        self.applications = Applications(database)
        self.configs = Configs(database)
        self.jobs = Jobs(database)
        self.requests = Requests(database)
        self.receipts = Receipts(database, self.requests)
        self.cache = CachedAnswers(database)
        self.sessions = Sessions(database)
        self.memories = Memories(database)
        self.timelines = Timelines(database)
        self.evaluations = Evaluations(database)
        self.feedback = Feedbacks(database)
        self.webhooks = Webhooks(database)
        self.prompts = Prompts(database)
        self.revisions = Revisions(database)
        self.documents = Documents(database)
        self.shelves = Shelves(database)

    async def close(self) -> None:
        """Ends every connection."""
        await self._database.close()


async def open_store(url: str | None, data_dir: Path) -> Store:
    """The store at `url` (without one: `parley.db` in `data_dir`), at the present schema. Raises StoreError."""
    address = read_address(url, data_dir)
    database = _database(address)
    try:
        await _migrated(database)
    except BaseException:
        await database.close()
        raise
    return Store(database)


def _database(address: Address) -> Database:
    if isinstance(address, SqliteAddress):
        _make_room(address.path)
        return SqliteDatabase(address)
    return postgres_database(address)


def _make_room(path: Path) -> None:
    """Makes the folder of a database file and tries whether both can be written: SQLite writes beside its file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_dir():
            raise StoreError(f"The store {path} is a directory; store.url has to name a file in one.")
        for place in (path, path.parent):
            if place.exists() and not os.access(place, os.R_OK | os.W_OK):
                raise StoreError(f"The store can not be used: {place} is not readable and writable for this user.")
        path.touch(mode=0o600)  # SQLite gives the files beside it the same mode
    except OSError as error:
        raise StoreError(f"The store {path} can not be made: {error.strerror}.") from None


async def _migrated(database: Database) -> None:
    """Looks before it locks, so that the usual start waits for nobody."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if not await database.read(at_head):
                await database.write(migrate)
            return
        except StoreError as error:
            if "locked" not in error.message or time.monotonic() > until:
                raise
        await asyncio.sleep(0.05)
