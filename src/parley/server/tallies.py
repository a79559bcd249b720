"""Plain counters of ended requests: cheap to raise on the path of a call, easy to add up over workers."""

from bisect import bisect_left

from msgspec import Struct, field

from parley.core.record import Record

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Upper bounds of the buckets that durations fall into; the last bucket has none."""


class Spread(Struct):
    """How durations are spread: one count per bucket, and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    sum: float = 0.0

    def add(self, seconds: float) -> None:
        """Counts one duration."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.sum += seconds

    def merge(self, other: "Spread") -> None:
        """Adds another spread."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.sum += other.sum


class Tally(Struct, kw_only=True):
    """The requests that share their labels."""

    operation: str
    model: str
    provider: str
    outcome: str
    status: int
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    latency: Spread = field(default_factory=Spread)
    first_token: Spread = field(default_factory=Spread)

    def add(self, record: Record) -> None:
        """Counts one request."""
        self.requests += 1
        self.latency.add(record.latency_ms / 1000)
        if record.first_token_ms is not None:
            self.first_token.add(record.first_token_ms / 1000)
        usage = record.usage
        if usage is not None:
            self.prompt_tokens += usage.prompt_tokens
            self.completion_tokens += usage.completion_tokens
        if record.cost_usd is not None:
            self.cost_usd += record.cost_usd

    def merge(self, other: "Tally") -> None:
        """Adds the same labels' tally of another worker."""
        self.requests += other.requests
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.cost_usd += other.cost_usd
        self.latency.merge(other.latency)
        self.first_token.merge(other.first_token)


Labels = tuple[str, str, str, str, int]


class Tallies:
    """Every tally of one process, by its labels."""

    def __init__(self) -> None:
        self._by_labels: dict[Labels, Tally] = {}

    def count(self, record: Record) -> None:
        """Counts one ended request."""
        # A model that nobody knows is any text that a client likes to send: it gets no label of its own.
        model = record.model if record.provider else ""
        labels = (record.operation, model, record.provider, record.outcome, record.status)
        tally = self._by_labels.get(labels)
        if tally is None:
            tally = self._by_labels[labels] = _empty(labels)
        tally.add(record)

    def all(self) -> list[Tally]:
        """Every tally."""
        return list(self._by_labels.values())

    def merge(self, tallies: list[Tally]) -> None:
        """Adds another process's."""
        for tally in tallies:
            labels = (tally.operation, tally.model, tally.provider, tally.outcome, tally.status)
            self._by_labels.setdefault(labels, _empty(labels)).merge(tally)


def _empty(labels: Labels) -> Tally:
    operation, model, provider, outcome, status = labels
    return Tally(operation=operation, model=model, provider=provider, outcome=outcome, status=status)
