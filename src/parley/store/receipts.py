"""Receipts at rest; the ledger writes them together with their records."""

from sqlalchemy import Connection, select

from parley.core.enclosures import Receipt
from parley.core.record import Record
from parley.store.database import Database
from parley.store.requests import Requests
from parley.store.rows import record_of
from parley.store.tables import receipts, requests


class Receipts:
    """The repository of receipts."""

    def __init__(self, database: Database, records: Requests) -> None:
        self._database = database
        self._records = records

    async def of(self, id: str) -> tuple[Receipt, Record] | None:
        """The receipt of a request, by its id or its completion's, and the record that it belongs to."""
        record = await self._records.get(id)
        if record is None:
            return None
        wanted = select(receipts).where(receipts.c.request_id == record.id)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else (Receipt(**row._mapping), record)

    async def page(self, after: str, limit: int) -> list[tuple[Receipt, Record | None]]:
        """Receipts by the id of their request, after `after`, each with its record as it is now."""
        wanted = select(receipts).where(receipts.c.request_id > after).order_by(receipts.c.request_id).limit(limit)

        def work(connection: Connection) -> list[tuple[Receipt, Record | None]]:
            found = [Receipt(**row._mapping) for row in connection.execute(wanted)]
            theirs = select(requests).where(requests.c.id.in_([one.request_id for one in found]))
            records = {row.id: record_of(row) for row in connection.execute(theirs)}
            return [(one, records.get(one.request_id)) for one in found]

        return await self._database.read(work)
