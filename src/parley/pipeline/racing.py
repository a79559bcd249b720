"""Two walks for one call, by the rules of `routing/race.py`: who answers first wins, the other one is cancelled."""

import asyncio

from msgspec import structs

from parley.core.call import Call
from parley.pipeline.asking import now, release
from parley.pipeline.house import Answer, House, Log
from parley.pipeline.walking import GIVEN_UP, Walking
from parley.routing.race import Do, Race, Rule, Runner
from parley.routing.router import Way


async def race(call: Call, way: Way, rule: Rule, house: House, log: Log) -> Answer:
    """The answer of the winner. Raises the last one's GatewayError where nobody answers.

    When it returns or raises, also by being cancelled, no task of it runs any more and every loser is let go.
    """
    running = _Running(call, way, Race(rule), house, log)
    try:
        return await running.winner()
    finally:
        await running.end()


class _Running:
    """The tasks of one race."""

    def __init__(self, call: Call, way: Way, rules: Race, house: House, log: Log) -> None:
        self._call, self._way, self._house, self._log = call, way, house, log
        self._rules = rules
        self._tasks: dict[Runner, asyncio.Task[Answer]] = {}
        self._won: Runner | None = None

    async def winner(self) -> Answer:
        """Runs the race to its end."""
        orders = self._rules.begin(now())
        while True:
            for order in orders:
                if order.order in ("win", "lose"):
                    return self._ended(order)
                self._follow(order)
            wake = self._rules.wake_at
            live = [task for task in self._tasks.values() if not task.done()]
            done, _ = await asyncio.wait(
                live, timeout=None if wake is None else max(0.0, wake - now()), return_when=asyncio.FIRST_COMPLETED
            )
            orders = self._told(done) if done else self._rules.tick(now())

    async def end(self) -> None:
        """Cancels who still runs and lets go of answers that nobody wants."""
        for runner in self._tasks:
            self._cancel(runner)
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        for runner, task in self._tasks.items():
            if runner != self._won and not task.cancelled() and task.exception() is None:
                await _let_go(task.result())

    def _told(self, done: set[asyncio.Task[Answer]]) -> list[Do]:
        """What the ends of these tasks mean; the first runner's counts first."""
        orders: list[Do] = []
        for runner, task in list(self._tasks.items()):
            if task not in done or task.cancelled():
                continue
            error = task.exception()
            orders += self._rules.answered(runner) if error is None else self._rules.failed(runner, str(error))
        return orders

    def _ended(self, order: Do) -> Answer:
        task = self._tasks[order.runner]
        if order.order == "lose":
            return task.result()  # raises
        self._won = order.runner
        answer = task.result()
        self._log.tried(answer.target)
        if self._rules.reason is None:
            return answer
        first = self._call.ask.model
        return structs.replace(answer, fallback_reason=f"{first}: {self._rules.reason}")

    def _follow(self, order: Do) -> None:
        if order.order == "cancel":
            self._cancel(order.runner)
            return
        way = self._way
        plan = way.plan if order.runner == "first" else way.second
        assert plan is not None
        walking = Walking(self._call, plan, way.budget, self._house, self._log)
        self._tasks[order.runner] = asyncio.create_task(walking.answer(), name=f"{self._call.id} {order.runner}")

    def _cancel(self, runner: Runner) -> None:
        if runner != self._won:
            why = "another model answered first" if self._won else (self._rules.reason or "the call ended")
            self._tasks[runner].cancel(f"{GIVEN_UP}{why}")


async def _let_go(answer: Answer) -> None:
    """Closes an answer that came at the same moment as the winner's."""
    if answer.events is not None:
        await anext(answer.events, None)  # one that was never begun would not notice that it is closed
        await answer.events.aclose()
    if answer.permit is not None:
        release(answer.permit)
