"""Which child of a load balance is asked: by weight, by expected wait, or always the same for the same user."""

import hashlib
import math
import random
from collections.abc import Callable, Sequence

import msgspec

from parley.routing.facts import Facts
from parley.routing.plan import LoadBalance, Share, identity, leaves
from parley.routing.query import MISSING, fact

Load = Callable[[str], float]
"""The wait that one more call to a target of this name may expect, in seconds."""


def pick(plan: LoadBalance, shares: Sequence[Share], facts: Facts, load: Load, rng: random.Random) -> Share:
    """One of `shares`, which are those of `plan` that can be asked now; not empty, all with a weight above 0."""
    key = sticky_key(plan, facts)
    if key is not None:
        return max(shares, key=lambda share: _score(key, share))
    if plan.balance == "weighted" or len(shares) == 1:
        return drawn(shares, rng)
    one = drawn(shares, rng)
    other = drawn([share for share in shares if share is not one], rng)
    return min(one, other, key=lambda share: min(load(identity(leaf)) for leaf in leaves(share.plan)))


def drawn(shares: Sequence[Share], rng: random.Random) -> Share:
    """One of `shares` by chance, in proportion to the weights."""
    return rng.choices(shares, [share.weight for share in shares])[0]


def sticky_key(plan: LoadBalance, facts: Facts) -> bytes | None:
    """What the child is chosen by; `None` where nothing is sticky or the call says none of it."""
    values = [fact(name, facts) for name in plan.sticky]
    if all(value is MISSING or value is None for value in values):
        return None
    return msgspec.json.encode([None if value is MISSING else value for value in values])


def _score(key: bytes, share: Share) -> float:
    """Weighted rendezvous hashing (Thaler and Ravishankar 1996; the weights by Schindelhauer and Schomaker 2005).

    When a child comes or goes, only the keys that it wins or held move.
    """
    digest = hashlib.blake2b(key, digest_size=8, key=_name(share)).digest()
    uniform = (int.from_bytes(digest) + 1) / (2**64 + 2)
    return -share.weight / math.log(uniform)


def _name(share: Share) -> bytes:
    return hashlib.blake2b(identity(share.plan).encode(), digest_size=16).digest()
