"""Work that is owed: committed with the record that asks for it, done by any worker, kept a day after it is done."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("due", REAL, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("leased_until", REAL),
    Column("error", Text),
    Column("payload", LargeBinary, nullable=False),
)
"""`lane` is empty, or names what only one job at a time may touch; `state` is waiting, done or failed."""

Index("jobs_by_state", jobs.c.state, jobs.c.due)
