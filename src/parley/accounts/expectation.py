"""How long answers will be: what is set aside for a call that says no `max_tokens`.

Mean and deviation are followed as TCP follows round trips (RFC 6298, 2011-06), and the expectation is the mean and
four deviations. Until something was seen it is more than most answers have.
"""

from collections import OrderedDict
from typing import Any

UNSEEN = 4096.0
MOST = 10_000


class Expectation:
    """Tokens of answers, by whatever answers have in common: an account and a model."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Any, tuple[float, float]] = OrderedDict()

    def of(self, what: Any) -> float:
        """The tokens that the next answer will hardly exceed."""
        seen = self._seen.get(what)
        return UNSEEN if seen is None else seen[0] + 4 * seen[1]

    def learn(self, what: Any, tokens: int) -> None:
        """Takes in an answer."""
        seen = self._seen.pop(what, None)
        if seen is None:
            self._seen[what] = (tokens, tokens / 2)
        else:
            mean, deviation = seen
            self._seen[what] = (mean + (tokens - mean) / 8, deviation + (abs(tokens - mean) - deviation) / 4)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)
