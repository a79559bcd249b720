"""What a request may want of the cache, whoever says it: its intent, its application or its routing config."""

from typing import Literal

from msgspec import Struct

LEAST_AGE, MOST_AGE = 60, 7_776_000
"""Seconds that an answer may be kept: a minute to 90 days, Portkey's bounds (branch 2.0.0, 2026-03)."""

Status = Literal["HIT", "SEMANTIC HIT", "MISS", "SEMANTIC MISS", "REFRESH", "DISABLED"]
"""What a request is told of the cache; the words are Portkey's (docs, 2026-08)."""

HITS = frozenset({"HIT", "SEMANTIC HIT"})


class Wish(Struct, frozen=True, kw_only=True):
    """How a request wants to be answered from the cache; `max_age` in seconds, None: as the server has it.

    Answers with tool calls are kept only with `tool_calls`, and those drawn above `max_temperature` never.
    """

    semantic: bool = False
    max_age: int | None = None
    tool_calls: bool = False
    max_temperature: float = 1.0

    @property
    def missed(self) -> Status:
        """What a request is told that found nothing."""
        return "SEMANTIC MISS" if self.semantic else "MISS"
