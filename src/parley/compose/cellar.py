"""The cellar: the store and the ledger, open for as long as the house is."""

from contextlib import AsyncExitStack
from pathlib import Path

from parley.settings import Settings
from parley.store import Ledger, Store, open_ledger, open_store
from parley.store.address import SqliteAddress, read_address

SPOOL = "spool"


async def open_cellar(
    settings: Settings, data: Path, shared: Path | None, stack: AsyncExitStack
) -> tuple[Store, Ledger]:
    """The store and a started ledger. Raises StoreError."""
    store = await open_store(settings.store.url, data)
    stack.push_async_callback(store.close)
    if shared is None and isinstance(read_address(settings.store.url, data), SqliteAddress):
        # Nobody else works here: whoever held a lease is gone.
        await store.sessions.free()
        await store.jobs.free()
        await store.spending.free()
    ledger = open_ledger(settings.store.url, settings.store.durability, data / SPOOL, data_dir=data)
    await ledger.start()
    stack.push_async_callback(ledger.stop, settings.server.grace)
    return store, ledger
