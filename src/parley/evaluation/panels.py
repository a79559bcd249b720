"""Keeps the panel of each application and intent, so that sentinels are compiled once per change."""

import logging
from typing import Any

from parley.core.errors import BadRequest
from parley.evaluation.panel import Panel
from parley.evaluation.sentinel import read_sentinels

log = logging.getLogger(__name__)

MOST = 4096
"""Panels kept at once."""

EMPTY = Panel(())
"""Nothing is expected."""


class Panels:
    """Panels by the sentinels' configuration."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, str | None, Panel]] = {}

    def of(self, raw: list[dict[str, Any]] | None, judge: str | None = None) -> Panel:
        """The panel of this configuration: the very list of `Defaults.config.sentinels`; None and [] give EMPTY.

        One look-up where nothing changed. A configuration that this version of Parley does not understand gives
        EMPTY and a line in the log.
        """
        if not raw:
            return EMPTY
        kept = self._kept.get(id(raw))
        if kept is not None and kept[0] is raw and kept[1] == judge:
            return kept[2]
        return self._make(raw, judge)

    def _make(self, raw: list[dict[str, Any]], judge: str | None) -> Panel:
        try:
            panel = Panel(read_sentinels(raw), judge)
        except BadRequest as error:
            log.warning("sentinels in the store are not understood and left out: %s", error.message)
            panel = EMPTY
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[id(raw)] = (raw, judge, panel)
        return panel
