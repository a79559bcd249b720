"""What the tests of the services' clients are about, for the matrix in docs/services/README.md."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

FEATURES = {
    "plain": "whole answers",
    "streams": "streams",
    "cut": "a stream that is cut",
    "async": "the asynchronous client",
    "tools": "tools",
    "parameters": "its own parameters",
    "completions": "text completions",
    "embeddings": "embeddings",
    "models": "models",
    "upstream": "errors of the upstream, by status",
    "refusals": "Parley's own refusals",
    "config": "configuration, routing and prompts",
    "context": "context and files",
    "judged": "evaluations, corrections and callbacks",
    "feedback": "feedback",
    "ledger": "traces, logs and sums",
    "proofs": "proofs",
    "sessions": "a session with other services' clients",
}
"""The rows of the matrix, in order."""


def feature(*names: str) -> Callable[[Test], Test]:
    """Says which `FEATURES` a test shows; the generator of the documents reads it from the test's source."""
    if not names or not FEATURES.keys() >= set(names):
        raise ValueError(f"A feature is one of {', '.join(FEATURES)}; not {', '.join(names)}.")

    def marked(test: Test) -> Test:
        return test

    return marked
