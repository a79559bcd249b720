"""Receipts at rest; the ledger writes them together with their records."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from parley.core.enclosures import Receipt
from parley.core.record import Record
from parley.store.database import Database
from parley.store.requests import Requests
from parley.store.rows import record_of
from parley.store.tables import receipts, requests

SIZE = len(receipts.c)


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
        joined = receipts.outerjoin(requests, requests.c.id == receipts.c.request_id)
        wanted = select(receipts, requests).select_from(joined).order_by(receipts.c.request_id).limit(limit)
        return await self._database.read(_reading(wanted.where(receipts.c.request_id > after)))


def _reading(wanted: Select[Any]) -> Any:
    def work(connection: Connection) -> list[tuple[Receipt, Record | None]]:
        return [_pair(row) for row in connection.execute(wanted)]

    return work


def _pair(row: Row[Any]) -> tuple[Receipt, Record | None]:
    receipt = Receipt(**dict(zip(Receipt.__struct_fields__, row[:SIZE], strict=True)))
    return receipt, None if row[SIZE] is None else record_of(row)
