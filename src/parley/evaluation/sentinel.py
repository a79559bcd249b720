"""Sentinels: what an application expects of its answers, checked when it is saved and compiled once."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta, Struct

from parley.evaluation.ports import Knows
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import PASS, Severity, Span, Status

Words = Annotated[str, Meta(min_length=1, max_length=8000)]


class Finding(Struct, frozen=True):
    """What a check found: a status, one sentence, the places in the text, and what the text should be instead."""

    status: Status
    description: str
    spans: tuple[Span, ...] = ()
    correction: str | None = None


Check = Callable[[Subject], Finding]
"""Looks at an answer; microseconds, never waits."""

FINE = Finding(PASS, "Nothing was found.")


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer with the verdict that it deserves, and why."""

    answer: Words
    status: Literal["PASS", "FAULT", "NA"]
    input: str | None = None
    reason: str | None = None


class Sentinel(Struct, frozen=True, kw_only=True):
    """One expectation. `check` is None for the kind `llm`, which asks a model.

    `sample` is the part of requests that are looked at. `mends` says which deterministic mend fits its faults.
    """

    name: str
    kind: str
    severity: Severity = "error"
    qualification: str | None = None
    directive: str | None = None
    examples: tuple[Example, ...] = ()
    correction: str | None = None
    include: frozenset[str] = frozenset()
    enabled: bool = True
    sample: float = 1.0
    judge: str | None = None
    check: Check | None = None
    options: Any = None


class Kind(Protocol):
    """What a file of `kinds/` offers."""

    Options: type[Struct]

    def make(self, options: Any) -> Check:
        """The check. Raises ValueError("key", "what is wrong") for a value that can not be."""


def read_sentinels(raw: list[dict[str, Any]], knows: Knows | None = None) -> tuple[Sentinel, ...]:
    """`raw` checked and compiled, in its order.

    `knows` refuses judges that are no model. Raises BadRequest whose `param` is the place: `sentinels[2].pattern`.
    """
    raise NotImplementedError
