"""Takes the parameters of a call apart: what is OpenAI's, what is Parley's, and what the SDK itself does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openai import NOT_GIVEN, Omit, omit

from parley_client.params import PARLEYS, Callback

CORRECTIONS = ("apply_corrections", "safe_mode")
THROUGH_PARLEY = (
    *CORRECTIONS,
    "assistant",
    "context_retrieval_enabled",
    "fallback_model",
    "fallback_config",
)
"""What only Parley can do, and so not for a call that does not go through it."""


@dataclass(frozen=True)
class Asked:
    """One call of `create`: `openais` are the arguments of OpenAI's, `ours` what is Parley's beside them."""

    openais: dict[str, Any]
    ours: dict[str, Any]
    callback: Callback | None
    direct: bool

    @property
    def to_parley(self) -> dict[str, Any]:
        """The arguments for OpenAI's `create` where Parley is asked: only what was given leaves."""
        body = {**self.ours, **(self.openais.get("extra_body") or {})}
        return {"model": omit, **self.openais, "extra_body": body or None}

    @property
    def whose(self) -> tuple[str, str]:
        """The application and intent."""
        return self.ours.get("application") or "default", self.ours.get("intent") or "default"


def read(stream: bool | None, params: Mapping[str, Any]) -> Asked:
    """The call. Raises ValueError for parameters that contradict each other, before anything is sent."""
    said = {name: value for name, value in params.items() if not isinstance(value, Omit) and value is not NOT_GIVEN}
    callback = said.pop("callback", None)
    direct = said.pop("server_side_inference", None) is False
    ours = {name: said.pop(name) for name in PARLEYS & said.keys()}
    ours = {name: value for name, value in ours.items() if value is not None}
    if stream is not None:
        said["stream"] = stream
    asked = Asked(said, ours, callback, direct)
    _check(asked)
    return asked


def _check(asked: Asked) -> None:
    if asked.ours.get("evaluation_enabled") is False:
        for name in CORRECTIONS:
            if asked.ours.get(name):
                raise ValueError(f"`{name}` needs the evaluation that `evaluation_enabled=False` turns off.")
        if asked.callback is not None:
            raise ValueError("`callback` is told the evaluation that `evaluation_enabled=False` turns off.")
    if not asked.direct:
        return
    for name in THROUGH_PARLEY:
        if asked.ours.get(name):
            raise ValueError(
                f"`{name}` needs the answer to go through Parley: leave out `server_side_inference=False`."
            )
    if any(name.lower() == "x-stainless-raw-response" for name in asked.openais.get("extra_headers") or ()):
        raise ValueError("Raw responses are those of Parley: leave out `server_side_inference=False`.")
