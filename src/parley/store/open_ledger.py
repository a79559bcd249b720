"""Puts a ledger together for the database that `store.url` names."""

from pathlib import Path

from parley.store.address import SqliteAddress, read_address
from parley.store.ledger import Durability, Ledger
from parley.store.on_demand import postgres_writer
from parley.store.scribe import Scribe, Writer
from parley.store.spool import Spool
from parley.store.sqlite_writer import SqliteWriter

PATIENCE = 2.0
BOUND = 10_000


def open_ledger(
    url: str | None,
    durability: Durability,
    spool: Path,
    *,
    data_dir: Path = Path(),
    bound: int = BOUND,
    patience: float = PATIENCE,
) -> Ledger:
    """A ledger that is not started yet, for a store that `open_store` has opened before. Raises StoreError.

    `spool` is a folder on a local disk, `bound` how many records may wait, and `patience` for how many seconds a
    database that does not answer holds up a batch before it goes to the spool.
    """
    address = read_address(url, data_dir)
    writer: Writer
    if isinstance(address, SqliteAddress):
        writer = SqliteWriter(address.path, busy=patience)
    else:
        writer = postgres_writer(address, timeout=patience)
    return Ledger(Scribe(writer, Spool(spool)), durability=durability, bound=bound)
