"""What `/metrics` shows, in Prometheus' text format; with several workers, the sum over all of them."""

import os
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from parley.core.record import Record

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[str, str, str, str, int]


class Metrics:
    """Counts every ended request, once."""

    def __init__(self, ledger_stats: Callable[[], dict[str, int]]) -> None:
        """`ledger_stats` gives the ledger's counters by name when somebody looks."""
        registry = self._registry = CollectorRegistry()
        names = ("operation", "model", "provider", "outcome", "status")
        self._requests = Counter("parley_requests", "Requests that ended, by how.", names, registry=registry)
        few = ("operation", "model", "provider")
        self._latency = Histogram(
            "parley_request_seconds", "Time from request to last byte.", few, buckets=SECONDS, registry=registry
        )
        self._first = Histogram(
            "parley_first_token_seconds",
            "Time to the first token of a stream.",
            few,
            buckets=SECONDS,
            registry=registry,
        )
        self._tokens = Counter("parley_tokens", "Tokens, by kind.", (*few, "kind"), registry=registry)
        self._cost = Counter("parley_cost_usd", "Money spent, in US dollars.", few, registry=registry)
        self._ledger = Gauge(
            "parley_ledger",
            "The ledger's queue and counters.",
            ("what",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._ledger_stats = ledger_stats
        self._children: dict[Labels, _Children] = {}

    def count(self, record: Record) -> None:
        """Counts one ended request."""
        # A model that nobody knows is any text that a client likes to send: it gets no label of its own.
        model = record.model if record.provider else ""
        labels = (record.operation, model, record.provider, record.outcome, record.status)
        children = self._children.get(labels)
        if children is None:
            children = self._children[labels] = _Children(self, labels)
        children.count(record)

    def render(self) -> bytes:
        """The exposition, for all workers where there are several."""
        for what, value in self._ledger_stats().items():
            self._ledger.labels(what).set(value)
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            whole = CollectorRegistry()
            MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
            return generate_latest(whole)
        return generate_latest(self._registry)


class _Children:
    """The counters of one combination of labels, looked up once."""

    __slots__ = ("completion", "cost", "first", "latency", "prompt", "requests")

    def __init__(self, metrics: Metrics, labels: Labels) -> None:
        operation, model, provider, outcome, status = labels
        few = (operation, model, provider)
        self.requests = metrics._requests.labels(operation, model, provider, outcome, str(status))
        self.latency = metrics._latency.labels(*few)
        self.first = metrics._first.labels(*few)
        self.prompt = metrics._tokens.labels(*few, "prompt")
        self.completion = metrics._tokens.labels(*few, "completion")
        self.cost = metrics._cost.labels(*few)

    def count(self, record: Record) -> None:
        self.requests.inc()
        self.latency.observe(record.latency_ms / 1000)
        if record.first_token_ms is not None:
            self.first.observe(record.first_token_ms / 1000)
        if record.usage is not None:
            self.prompt.inc(record.usage.prompt_tokens)
            self.completion.inc(record.usage.completion_tokens)
        if record.cost_usd:
            self.cost.inc(record.cost_usd)
