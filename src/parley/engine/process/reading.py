"""Where a model's prompts are read for their log-probabilities: one at a time, on weights mapped when first needed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from parley.engine.process.admission import Admission
from parley.engine.process.scorer import Scorer


class Reading:
    """A scorer made on first use, with a thread of its own: OpenMP keeps helpers for each thread that ever computed."""

    def __init__(self, make: Callable[[], Scorer], turn: Admission) -> None:
        """`turn` admits one at a time, and has a bounded queue."""
        self._make = make
        self._scorer: Scorer | None = None
        self.turn = turn
        self.threads = ThreadPoolExecutor(1, thread_name_prefix="reading")

    def begin(self, tokens: int, scales: list[float]) -> Scorer:
        """The scorer, ready for a prompt of so many tokens; blocks. Raises RuntimeError."""
        if self._scorer is None:
            self._scorer = self._make()
        self._scorer.begin(tokens, scales)
        return self._scorer

    def close(self) -> None:
        """Free the scorer; nothing may run on it."""
        self.threads.shutdown(wait=False)
        if self._scorer is not None:
            self._scorer.close()
            self._scorer = None
