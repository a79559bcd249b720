"""Passive outlier detection: which targets do worse than their peers, by what calls to them showed.

Peers are the children of one load balance. A target is an outlier if it fails clearly more often than the others
together, or if it has slowed down against its own past while the others have not; its latency itself is never
compared, because a large model beside a small one is slow and well. At most half of the peers are set aside (as in
Envoy's outlier detection, whose default is a tenth), so that a common trouble is nobody's fault.
"""

from collections.abc import Mapping
from statistics import median

from msgspec import Struct

MORE_FAILURES = 0.3
ENOUGH_CALLS = 10
SLOWER = 3.0


class Standing(Struct, frozen=True, kw_only=True):
    """How a target did of late: the part of its calls that failed, how many, and its latency against its own best."""

    failure_rate: float
    calls: int
    slowdown: float = 1.0


def outliers(peers: Mapping[str, Standing]) -> frozenset[str]:
    """The peers to set aside, the worst first, at most half of them."""
    marked = [(badness, name) for name in peers if (badness := _badness(name, peers)) > 0]
    marked.sort(reverse=True)
    return frozenset(name for _, name in marked[: len(peers) // 2])


def _badness(name: str, peers: Mapping[str, Standing]) -> float:
    one = peers[name]
    others = [standing for other, standing in peers.items() if other != name and standing.calls >= ENOUGH_CALLS]
    if one.calls < ENOUGH_CALLS or not others:
        return 0.0
    calls = sum(standing.calls for standing in others)
    rate = sum(standing.failure_rate * standing.calls for standing in others) / calls
    fails = one.failure_rate - rate - MORE_FAILURES
    slows = one.slowdown / max(1.0, median(standing.slowdown for standing in others)) / SLOWER - 1
    return max(fails, slows, 0.0)
