"""The evaluation room joined to the house: who judges, what is owed to it, and who hears of it."""

from parley.compose.ground import Ground
from parley.core.errors import NotFound
from parley.evaluation.expect import Expect
from parley.evaluation.panels import Panels
from parley.evaluation.webhooks import KIND as WEBHOOK
from parley.evaluation.webhooks import Webhooks
from parley.jobs.worker import Worker
from parley.pipeline.judging_court import Court
from parley.pipeline.judging_later import Backlog, Later
from parley.pipeline.judging_mandate import Mandates
from parley.pipeline.judging_rows import KIND
from parley.routing.router import Router

MOST = 100_000
"""Judgements that may be owed at once; what comes then is answered, not judged, and counted."""


class Judging:
    """The court, and how much is owed to it."""

    def __init__(self, court: Court) -> None:
        self.court = court
        self.backlog = Backlog(self._waiting, MOST)
        self._worker: Worker | None = None

    def watch(self, worker: Worker) -> None:
        """Says who knows how much is owed."""
        self._worker = worker

    def counted(self) -> dict[str, int]:
        """The counters for `/metrics`."""
        return {**self.court.counted, "skipped": self.backlog.skipped}

    def owed(self) -> dict[str, int]:
        """How many jobs of each kind are owed, by the last look of this process."""
        kinds = (KIND, WEBHOOK)
        return {**dict.fromkeys(kinds, 0), **(self._worker.backlog if self._worker is not None else {})}

    def _waiting(self) -> int:
        return 0 if self._worker is None else self._worker.backlog.get(KIND, 0)


def make_expect(router: Router) -> Expect:
    """The check of sentinels before they are kept: a judge is a model or a saved config of this gateway."""

    def knows(model: str) -> bool:
        if model in router.saved:
            return True
        try:
            router.catalog.route(model)
        except NotFound:
            return False
        return True

    return Expect(knows)


def open_evaluation(ground: Ground, hooks: Webhooks) -> Judging:
    """The court of this process, its afterthought and its handler left on the ground; `hooks` hear of what it says."""
    court = Court(Mandates(ground.registry, Panels()), ground.errands, hooks.of_evaluation)
    ground.stack.callback(court.close)
    judging = Judging(court)
    later = Later(court, judging.backlog)
    ground.afterthoughts.append(later.owe)
    ground.handlers[KIND] = later.pay
    return judging
