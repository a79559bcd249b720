"""Checks what an application expects before it is kept: its sentinels, and that their judges are models."""

from collections.abc import Mapping, Sequence
from typing import Any

from parley.core.errors import BadRequest
from parley.evaluation.ports import Knows
from parley.evaluation.sentinel import read_sentinels


class Expect:
    """The check, with what it knows of models."""

    def __init__(self, knows: Knows) -> None:
        self._knows = knows

    def __call__(self, sentinels: Sequence[Mapping[str, Any]], judge: str | None) -> None:
        """Raises BadRequest that names the key: `judge`, or `sentinels[2].pattern`."""
        if judge is not None and not self._knows(judge):
            raise BadRequest(f"`judge` names the model {judge!r}, which does not exist.", param="judge")
        read_sentinels(sentinels, self._knows)
