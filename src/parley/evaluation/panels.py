"""Keeps the panel of each application and intent, so that sentinels are compiled once per change."""

from collections.abc import Callable
from typing import Any

from parley.evaluation.panel import Panel
from parley.evaluation.sentinel import read_sentinels

MOST = 4096
"""Panels kept at once."""

EMPTY = Panel(())


class Panels:
    """Panels by the sentinels' configuration; `of` is one dict look-up when nothing changed."""

    def __init__(self, read: Callable[..., Any] = read_sentinels) -> None:
        self._read = read
        self._kept: dict[int, tuple[Any, str | None, Panel]] = {}

    def of(self, raw: list[dict[str, Any]] | None, judge: str | None = None) -> Panel:
        """The panel of this configuration, the very list of `Defaults.config.sentinels`; None and [] give EMPTY.

        A configuration that this version does not understand gives EMPTY and a line in the log.
        """
        if not raw:
            return EMPTY
        raise NotImplementedError
