"""When a target is asked again, and after how long.

Parley retries 408, 409, 429 and every 5xx (Portkey: 429, 500, 502, 503, 504), with full jitter over a doubling
ceiling, so that callers who failed together do not come back together. Retry-After is a floor under the wait;
one that is longer than `retry_after.LONGEST` means "not in this call".
"""

import random

from parley.routing.outcome import Outcome
from parley.routing.plan import Retry
from parley.routing.retry_after import LONGEST

RETRIABLE = frozenset({408, 409, 429, *range(500, 600)})
FIRST_CEILING = 0.5
"""Seconds that the first wait takes at most; it doubles with each retry."""
CEILING = 8.0


def may_retry(retry: Retry, done: int, outcome: Outcome) -> bool:
    """Whether a target that was retried `done` times may be asked once more after `outcome`."""
    if outcome.answered or outcome.final or done >= retry.attempts:
        return False
    return outcome.among(RETRIABLE if retry.on_status_codes is None else retry.on_status_codes)


def wait_before(retry: Retry, done: int, outcome: Outcome, rng: random.Random) -> float | None:
    """Seconds to wait before retry number `done + 1`; `None`: the upstream asks for more patience than a call has."""
    drawn = rng.uniform(0, min(CEILING, FIRST_CEILING * 2 ** min(done, 16)))
    asked = outcome.retry_after if retry.honour_retry_after else None
    if asked is None:
        return drawn
    return None if asked > LONGEST else asked + rng.uniform(0, min(FIRST_CEILING, 0.1 + asked))
