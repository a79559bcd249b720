"""What was taken from budgets, and what workers hold of them: counters that any number of workers draw on."""

from math import floor

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from parley.core.allowances import Draw, Drawn
from parley.store.database import Database, InsertNew
from parley.store.tables import holds, spending

SHARE = 16
"""The part of what is free that a worker gets at once."""


class Spending:
    """The repository of counters. What records were charged is added by the ledger, in their own transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draw(self, wish: Draw) -> Drawn:
        """Notes what the worker holds and spent, and grants what it needs, or more, if so much is free."""

        def work(connection: Connection) -> Drawn:
            connection.execute(InsertNew(spending).values(budget=wish.budget, since=wish.since, spent=0.0))
            # Two who draw at once wait for one another here.
            row = update(spending).where(spending.c.budget == wish.budget, spending.c.since == wish.since)
            connection.execute(row.values(spent=spending.c.spent + wish.add))
            spent = _spent(connection, wish.budget, wish.since)
            earlier = 0.0
            if wish.earlier is not None:
                earlier = _spent(connection, wish.budget, wish.earlier[0]) * wish.earlier[1]
            others = connection.execute(
                select(func.coalesce(func.sum(holds.c.held), 0.0)).where(
                    holds.c.budget == wish.budget,
                    holds.c.since == wish.since,
                    holds.c.worker != wish.worker,
                    holds.c.until > wish.now,
                )
            ).scalar_one()
            granted = _granted(wish, wish.most - spent - earlier, float(others))
            _hold(connection, wish, wish.kept + granted)
            return Drawn(granted=granted, spent=spent + earlier, others=float(others), earlier=earlier)

        return await self._database.write(work)

    async def spent(self, budgets: list[tuple[str, float]]) -> list[float]:
        """What was taken from each budget (its name, the beginning of its period)."""
        return await self._database.read(
            lambda connection: [_spent(connection, budget, since) for budget, since in budgets]
        )

    async def free(self) -> None:
        """Forgets what anybody holds: right at the start of a process that is alone on its store."""
        await self._database.write(lambda connection: connection.execute(delete(holds)))

    async def release(self, worker: str) -> None:
        """Forgets what a worker holds."""
        await self._database.write(lambda connection: connection.execute(delete(holds).where(holds.c.worker == worker)))

    async def purge(self, before: float) -> None:
        """Forgets minutes that began, and holds that ended, before this time."""

        def work(connection: Connection) -> None:
            connection.execute(delete(holds).where(holds.c.until < before))
            minutes = and_(spending.c.since < before, spending.c.budget.like("%|minute"))
            connection.execute(delete(spending).where(minutes))

        await self._database.write(work)


def _spent(connection: Connection, budget: str, since: float) -> float:
    wanted = select(spending.c.spent).where(spending.c.budget == budget, spending.c.since == since)
    return float(connection.execute(wanted).scalar() or 0.0)


def _granted(wish: Draw, left: float, others: float) -> float:
    """`left` is what is not spent; what this worker and `others` hold of it is not free."""
    free = left - others - wish.kept
    if wish.need <= 0:
        return 0.0
    if free >= wish.need:
        more = max(wish.need, free / SHARE)
        return more if wish.overdraw else float(floor(more))
    alone = others <= 0 and wish.kept <= 0
    return wish.need if wish.overdraw and alone and left > 0 else 0.0


def _hold(connection: Connection, wish: Draw, held: float) -> None:
    mine: ColumnElement[bool] = and_(
        holds.c.budget == wish.budget, holds.c.since == wish.since, holds.c.worker == wish.worker
    )
    connection.execute(delete(holds).where(mine))
    if held > 0:
        row = {"budget": wish.budget, "since": wish.since, "worker": wish.worker, "held": held, "until": wish.until}
        connection.execute(insert(holds).values(row))
