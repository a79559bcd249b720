"""What the portal settles for an intent, for calls that do not go through Parley: asked for, and remembered a while."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from openai import BaseModel, OpenAIError

from parley_client.asks import Ask
from parley_client.watching import sentence

log = logging.getLogger("parley_client")

FRESH = 30.0
"""Seconds for which an answer holds, or its absence: a change in the portal counts here within them."""
PATIENCE = 3.0
"""Seconds that a call waits for Parley before it goes on with what it has."""
MOST = 1_000

Whose = tuple[str, str]


class Settled(BaseModel):
    """The merged configuration of an application and intent: intent, then application, then server."""

    application: str = "default"
    intent: str = "default"
    config: dict[str, Any] = {}  # noqa: RUF012  (pydantic copies it)


class Portal:
    """The configurations that were heard of; asking for them is the caller's."""

    def __init__(self) -> None:
        self._known: dict[Whose, tuple[float, Mapping[str, Any]]] = {}

    def fresh(self, whose: Whose) -> Mapping[str, Any] | None:
        """The configuration, or None where Parley should be asked."""
        until, config = self._known.get(whose, (0.0, {}))
        return config if time.monotonic() < until else None

    def heard(self, whose: Whose, said: Settled) -> Mapping[str, Any]:
        """Remembers what Parley said."""
        return self._keep(whose, said.config)

    def missed(self, whose: Whose, error: OpenAIError) -> Mapping[str, Any]:
        """What to go on with while Parley can not be asked: what it said last, or nothing."""
        log.warning("the configuration of %s/%s could not be had: %s", *whose, sentence(error))
        return self._keep(whose, self._known.get(whose, (0.0, {}))[1])

    def _keep(self, whose: Whose, config: Mapping[str, Any]) -> Mapping[str, Any]:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[whose] = (time.monotonic() + FRESH, config)
        return config


def settled_for(whose: Whose) -> Ask[Settled]:
    """Asks for a configuration."""
    query = {"application": whose[0], "intent": whose[1]}
    return Ask("GET", "/v1/intent", Settled, query=query, timeout=PATIENCE, retries=0)
