"""Accounts, and what was taken from budgets."""

from sqlalchemy import Column, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("allowance", Text, nullable=False),
)
"""`allowance` is JSON: budgets, limits, models; `{}` where an account has none."""

spending = Table(
    "spending",
    metadata,
    Column("budget", String, primary_key=True),
    Column("since", REAL, primary_key=True),
    Column("spent", REAL, nullable=False),
)
"""What was taken from a budget in the time that began at `since`, added up in the transactions of the records."""

holds = Table(
    "holds",
    metadata,
    Column("budget", String, primary_key=True),
    Column("since", REAL, primary_key=True),
    Column("worker", String, primary_key=True),
    Column("held", REAL, nullable=False),
    Column("until", REAL, nullable=False),
)
"""What a worker has set aside for calls that are under way; past `until` it is gone, and so is its claim."""
