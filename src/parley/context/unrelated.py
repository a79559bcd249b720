"""What an embedder's cosine is for texts that have nothing in common: 0.05 for some models, 0.7 for others.

Measured once per process with sentences of our own, so that one threshold fits every model.
"""

import asyncio

import numpy as np

from parley.context.index import normed
from parley.context.ports import Embedder
from parley.core.errors import GatewayError

SENTENCES = (
    "The ferry to the island leaves at seven in the morning.",
    "Whisk the egg whites until they are stiff.",
    "The committee adopted the minutes of its last meeting.",
    "How do I change the battery of the smoke detector?",
    "Glaciers carve valleys in the shape of a U.",
    "She tuned the second violin a little too high.",
    "Interest is credited at the end of each quarter.",
    "The goalkeeper dived to the wrong side.",
    "Prune the roses before the first frost.",
    "A prime number has exactly two divisors.",
)
LONGEST = 10.0


class Unrelated:
    """The mean cosine of unrelated texts, measured when it is first needed."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._found: float | None = None
        self._lock = asyncio.Lock()

    async def cosine(self) -> float:
        """From 0 to 0.9; 0 as long as the embedder does not answer."""
        if self._found is None:
            async with self._lock:
                if self._found is None:
                    await self._measure()
        return self._found or 0.0

    async def _measure(self) -> None:
        try:
            rows = await self._embedder.embed(SENTENCES, asyncio.get_running_loop().time() + LONGEST)
        except GatewayError:
            return
        vectors = normed(np.asarray(rows, np.float32))
        cosines = (vectors @ vectors.T)[np.triu_indices(len(SENTENCES), 1)]
        self._found = float(np.clip(cosines.mean(), 0.0, 0.9))
