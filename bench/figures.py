"""The little arithmetic of the benchmark."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile, 0 < percent <= 100. Raises ValueError without values."""
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ranked = sorted(values)
    return ranked[math.ceil(len(ranked) * percent / 100) - 1]
