"""The mandate: whether a call's answer is judged, by whom, and what becomes of an answer that is at fault.

evaluation_enabled   BACKGROUND    judged after it was given
+ apply_corrections  CORRECTIONS   judged before, within a budget; past it the answer goes out as it is
+ safe_mode          SAFE          judged before, however long it takes; nothing goes out that did not pass
"""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from parley.accounts.applications import Registry
from parley.accounts.config import IntentConfig, OnFault
from parley.core.asks import Chat
from parley.core.call import Call, Whose
from parley.evaluation.panel import Panel
from parley.evaluation.panels import Panels

Mode = Literal["background", "corrections", "safe"]
BACKGROUND: Mode = "background"
CORRECTIONS: Mode = "corrections"
SAFE: Mode = "safe"

BUDGET = 2.0
"""Seconds that judging and correcting may hold an answer up where the intent names no `evaluation_budget`."""
ROUNDS = 2
"""Times that a model is asked for a better answer where the intent names no `correction_rounds`."""
ERROR = OnFault(action="error")


class Mandate(Struct, frozen=True, kw_only=True):
    """What judging one call means; `budget` in seconds, `fallback` the model that `on_fault` may ask."""

    panel: Panel
    mode: Mode
    budget: float = BUDGET
    rounds: int = ROUNDS
    on_fault: OnFault = ERROR
    fallback: str | None = None

    @property
    def safe(self) -> bool:
        """Whether nothing may go out that did not pass."""
        return self.mode == SAFE


class Mandates:
    """Finds the mandate of each call."""

    def __init__(self, applications: Registry, panels: Panels) -> None:
        self._applications = applications
        self._panels = panels

    def panel(self, whose: Whose) -> Panel:
        """The panel of an application and intent as they are now."""
        config = self._applications.defaults(whose.application, whose.intent).config
        return self._panels.of(config.sentinels, config.judge)

    def of(self, call: Call) -> Mandate | None:
        """The call's mandate; None where there is nothing to judge it by, or it is not to be judged."""
        config = self._applications.defaults(call.whose.application, call.whose.intent).config
        if not config.sentinels:
            return None
        ask = call.ask
        if type(ask) is not Chat or ask.evaluation_enabled is False:
            return None
        panel = self._panels.of(config.sentinels, config.judge)
        return None if panel.empty else _mandate(panel, ask, config)


def _mandate(panel: Panel, ask: Chat, config: IntentConfig) -> Mandate:
    if not ask.safe_mode and not ask.apply_corrections:
        return Mandate(panel=panel, mode=BACKGROUND)
    on_fault = config.on_fault or ERROR
    settled: Mapping[str, Any] = {
        "budget": config.evaluation_budget,
        "rounds": config.correction_rounds,
        "fallback": on_fault.model or ask.fallback_model or (ask.fallback_config and ask.fallback_config.model),
    }
    return Mandate(
        panel=panel,
        mode=SAFE if ask.safe_mode else CORRECTIONS,
        on_fault=on_fault,
        **{name: value for name, value in settled.items() if value is not None},
    )
