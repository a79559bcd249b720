"""What `/metrics` shows, in Prometheus' text format; with several workers, the sum over all of them.

Each worker leaves its counters in a directory that all of them share, once a second; whoever is asked adds them up.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from parley.routing.health import Shown
from parley.server.tallies import SECONDS, Spread, Tallies, Tally

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
EVERY = 1.0
LABELS = ("operation", "model", "provider", "outcome", "status")


class Snapshot(Struct, frozen=True):
    """One process's counters."""

    tallies: list[Tally]
    ledger: dict[str, int]
    targets: list[Shown] = []
    exported: dict[str, int] = {}
    judged: dict[str, int] = {}
    owed: dict[str, int] = {}


class Metrics:
    """The counters of this worker, and the way to those of the others."""

    def __init__(
        self,
        ledger: Callable[[], dict[str, int]],
        shared: Path | None = None,
        targets: Callable[[], list[Shown]] = list,
        exported: Callable[[], dict[str, int]] = dict,
    ) -> None:
        """`ledger` gives the ledger's counters by name; `shared` is the workers' directory, None if there is one.

        `targets` gives the health of those who were asked, `exported` the counters of the export of traces.
        """
        self.judged: Callable[[], dict[str, int]] = dict
        """Evaluations and verdicts by `WHAT STATUS`."""
        self.owed: Callable[[], dict[str, int]] = dict
        """Jobs of all workers that are owed, by kind."""
        self._exported = exported
        self._targets = targets
        self._tallies = Tallies()
        self._ledger = ledger
        self._shared = shared
        self._task: asyncio.Task[None] | None = None
        self.count = self._tallies.count

    async def start(self) -> None:
        """Begins to leave snapshots for the other workers, if there are any."""
        if self._shared is not None:
            self._task = asyncio.create_task(self._leave_snapshots(self._shared), name="metrics")

    async def stop(self) -> None:
        """Leaves the last snapshot."""
        if self._task is not None and self._shared is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._leave(self._shared)

    def render(self) -> bytes:
        """The exposition."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(self._together()))
        return generate_latest(registry)

    def _together(self) -> Snapshot:
        if self._shared is None:
            return self._snapshot()
        sum, targets = Tallies(), list[Shown]()
        ledger, exported, judged, owed = dict[str, int](), dict[str, int](), dict[str, int](), dict[str, int]()
        # This worker's from its snapshot too: whoever is asked then says the same, and no counter ever falls.
        for snapshot in map(_read, self._shared.glob("*.json")):
            sum.merge(snapshot.tallies)
            _add_up(ledger, snapshot.ledger)
            _add_up(exported, snapshot.exported)
            _add_up(judged, snapshot.judged)
            for kind, count in snapshot.owed.items():
                owed[kind] = max(owed.get(kind, 0), count)  # each worker saw the same jobs, some a moment later
            targets += snapshot.targets
        return Snapshot(sum.all(), ledger, targets, exported, judged, owed)

    async def _leave_snapshots(self, shared: Path) -> None:
        while True:
            try:
                self._leave(shared)
            except OSError:
                pass  # no room: the next one may find some
            await asyncio.sleep(EVERY)

    def _leave(self, shared: Path) -> None:
        draft = shared / f"{os.getpid()}.draft"
        draft.write_bytes(msgspec.json.encode(self._snapshot()))
        draft.replace(shared / f"{os.getpid()}.json")

    def _snapshot(self) -> Snapshot:
        counters = self._ledger(), self._targets(), self._exported(), self.judged(), self.owed()
        return Snapshot(self._tallies.all(), *counters)


def _add_up(sums: dict[str, int], counts: dict[str, int]) -> None:
    for name, value in counts.items():
        sums[name] = sums.get(name, 0) + value


def _read(file: Path) -> Snapshot:
    return msgspec.json.decode(file.read_bytes(), type=Snapshot)


class _Collected:
    """A snapshot as Prometheus' families."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily("parley_requests", "Requests that ended, by how.", labels=LABELS)
        tokens = CounterMetricFamily("parley_tokens", "Tokens, by kind.", labels=(*LABELS, "kind"))
        cost = CounterMetricFamily("parley_cost_usd", "Money spent, in US dollars.", labels=LABELS)
        latency = HistogramMetricFamily("parley_request_seconds", "Time from request to last byte.", labels=LABELS)
        first = HistogramMetricFamily("parley_first_token_seconds", "Time to a stream's first event.", labels=LABELS)
        for tally in self._snapshot.tallies:
            labels = (tally.operation, tally.model, tally.provider, tally.outcome, str(tally.status))
            requests.add_metric(labels, tally.requests)
            tokens.add_metric((*labels, "prompt"), tally.prompt_tokens)
            tokens.add_metric((*labels, "completion"), tally.completion_tokens)
            cost.add_metric(labels, tally.cost_usd)
            _add(latency, labels, tally.latency)
            _add(first, labels, tally.first_token)
        ledger = GaugeMetricFamily("parley_ledger", "The ledger's queue and counters.", labels=("what",))
        for what, value in self._snapshot.ledger.items():
            ledger.add_metric((what,), value)
        exported = GaugeMetricFamily("parley_trace_export", "Requests whose traces go elsewhere.", labels=("what",))
        for what, value in self._snapshot.exported.items():
            exported.add_metric((what,), value)
        judged = _judged(self._snapshot)
        return (requests, tokens, cost, latency, first, ledger, exported, *judged, *_targets(self._snapshot.targets))


def _judged(snapshot: Snapshot) -> tuple[Metric, ...]:
    """What judging came to, and what is owed."""
    status = ("status",)
    evaluations = CounterMetricFamily("parley_evaluations", "Evaluations of answers that were judged.", labels=status)
    verdicts = CounterMetricFamily("parley_verdicts", "What sentinels said.", labels=status)
    skipped = CounterMetricFamily("parley_evaluations_skipped", "Answers not judged: too much was owed already.")
    owed = GaugeMetricFamily("parley_jobs_owed", "Work that is owed after answers went out.", labels=("kind",))
    skipped.add_metric((), snapshot.judged.get("skipped", 0))
    for name, count in snapshot.judged.items():
        what, _, said = name.partition(" ")
        if said:
            (evaluations if what == "evaluation" else verdicts).add_metric((said,), count)
    for kind, count in snapshot.owed.items():
        owed.add_metric((kind,), count)
    return evaluations, verdicts, skipped, owed


def _targets(shown: list[Shown]) -> tuple[Metric, Metric, Metric]:
    """How each target does; of several workers the worst circuit, the longest latency, the sum of what is under way."""
    circuit = GaugeMetricFamily("parley_target_circuit", "0 closed, 1 half open, 2 open.", labels=("target",))
    latency = GaugeMetricFamily("parley_target_seconds", "Expected time to the first token.", labels=("target",))
    flight = GaugeMetricFamily("parley_target_in_flight", "Calls under way.", labels=("target",))
    for name in sorted({one.name for one in shown}):
        same = [one for one in shown if one.name == name]
        circuit.add_metric((name,), max(CIRCUITS.index(one.circuit) for one in same))
        latency.add_metric((name,), max(one.latency for one in same))
        flight.add_metric((name,), sum(one.in_flight for one in same))
    return circuit, latency, flight


CIRCUITS = ("closed", "half_open", "open")


def _add(family: HistogramMetricFamily, labels: tuple[str, ...], spread: Spread) -> None:
    total, buckets = 0, list[tuple[str, float]]()
    for bound, count in zip((*map(str, SECONDS), "+Inf"), spread.counts, strict=True):
        total += count
        buckets.append((bound, total))
    family.add_metric(labels, buckets, spread.sum)
