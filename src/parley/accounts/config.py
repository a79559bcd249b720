"""What an application or an intent may settle for its requests, and the check that it settles nothing else."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from parley.core.asks import (
    Bias,
    FallbackConfig,
    Json,
    Penalty,
    Positive,
    Probability,
    Seed,
    Stops,
    Temperature,
)
from parley.core.errors import BadRequest
from parley.core.strategy import read_strategy

Name = Annotated[str, Meta(min_length=1, max_length=256)]


class Fallback(FallbackConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A second model; `strategy` says when it is asked, `timeout` (seconds) after how long."""

    model: Name | None = None
    strategy: Literal["reactive", "timeout", "first_response"] | None = None


class OnFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What safe mode gives instead of an answer that can not be corrected: `text`, another model's answer, an error.

    `model` is the one to ask for `fallback`; without it the request's fallback model is asked.
    """

    action: Literal["refuse", "fallback", "error"]
    text: Annotated[str, Meta(min_length=1, max_length=8000)] | None = None
    model: Name | None = None


class CacheConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whether answers are given again: to equal requests (`simple`), also to the same question in other words
    (`semantic`), or not (`off`).

    `max_age` is how many seconds an answer is kept, `tool_calls` whether answers that call tools are; requests with a
    temperature above `max_temperature` are never answered from the cache.
    """

    mode: Literal["simple", "semantic", "off"]
    max_age: Annotated[int, Meta(ge=60, le=7_776_000)] | None = None
    tool_calls: bool = False
    max_temperature: Temperature = 1.0


class IntentConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Defaults for the requests of an application or intent; what is `None` is left to the next in line."""

    model: Name | None = None
    fallback_model: Name | None = None
    fallback_config: Fallback | None = None
    instructions: str | None = None
    temperature: Temperature | None = None
    top_p: Probability | None = None
    top_k: Annotated[int, Meta(ge=-1, le=2**31 - 1)] | None = None
    min_p: Probability | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | Stops | None = None
    max_tokens: Positive | None = None
    max_completion_tokens: Positive | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    repetition_penalty: Annotated[float, Meta(gt=0, le=10)] | None = None
    logit_bias: dict[str, Bias] | None = None
    seed: Seed | None = None
    ignore_eos: bool | None = None
    peft: str | None = None
    chat_template: str | None = None
    reasoning_effort: str | None = None
    response_format: dict[str, Json] | None = None
    tools: Annotated[list[dict[str, Json]], Meta(max_length=128)] | None = None
    tool_choice: str | dict[str, Json] | None = None
    parallel_tool_calls: bool | None = None
    evaluation_enabled: bool | None = None
    apply_corrections: bool | None = None
    safe_mode: bool | None = None
    assistant: bool | None = None
    context_retrieval_enabled: bool | None = None
    memory_strategy: dict[str, Json] | None = None
    log_prompt: bool | None = None
    cache: CacheConfig | None = None
    server_side_inference: bool | None = None
    sentinels: Annotated[list[dict[str, Json]], Meta(max_length=256)] | None = None
    judge: Name | None = None
    evaluation_budget: Annotated[float, Meta(gt=0, le=600)] | None = None
    correction_rounds: Annotated[int, Meta(ge=0, le=5)] | None = None
    on_fault: OnFault | None = None


ALLOWED = IntentConfig.__struct_fields__
INNER: dict[str, type[Struct]] = {"fallback_config": Fallback, "on_fault": OnFault}


def read_config(raw: Mapping[str, Any]) -> IntentConfig:
    """`raw` checked; `None` is "not given". Raises BadRequest that names the key and what is allowed."""
    for key in raw:
        if key not in ALLOWED:
            raise BadRequest(_unknown(str(key), ALLOWED), param=str(key))
    config = IntentConfig(**{key: _value(key, value) for key, value in raw.items() if value is not None})
    _agree(config)
    return config


def plain(config: IntentConfig) -> dict[str, Any]:
    """The configuration as plain JSON, only what is given."""
    found: dict[str, Any] = msgspec.to_builtins(config)
    if "fallback_config" in found:
        found["fallback_config"] = {k: v for k, v in found["fallback_config"].items() if v is not None}
    return found


def _value(name: str, value: Any) -> Any:
    if name in INNER and isinstance(value, Mapping):
        for key in value:
            if key not in INNER[name].__struct_fields__:
                raise BadRequest(_unknown(f"{name}.{key}", INNER[name].__struct_fields__), param=f"{name}.{key}")
    try:
        return getattr(msgspec.convert({name: value}, IntentConfig), name)
    except msgspec.ValidationError as e:
        reason, _, place = str(e).partition(" - at `$.")
        param = place.rstrip("`") or name
        raise BadRequest(f"`{param}` is not right: {_sentence(reason)}.", param=param) from None


def _agree(config: IntentConfig) -> None:
    if config.memory_strategy is not None:
        read_strategy(config.memory_strategy)
    if config.evaluation_enabled is False and (config.apply_corrections or config.safe_mode):
        flag = "apply_corrections" if config.apply_corrections else "safe_mode"
        raise BadRequest(f"`{flag}` needs evaluation, but `evaluation_enabled` is false.", param=flag)
    fault = config.on_fault
    if fault is not None and fault.text is not None and fault.action != "refuse":
        raise BadRequest("`on_fault.text` is what `refuse` says: leave it out, or let `action` be refuse.", param=TEXT)
    if fault is not None and fault.model is not None and fault.action != "fallback":
        raise BadRequest("`on_fault.model` is whom `fallback` asks: leave it out, or change `action`.", param=MODEL)


TEXT, MODEL = "on_fault.text", "on_fault.model"


def _sentence(reason: str) -> str:
    plainly = reason.replace("`", "").replace(" | null", "").replace(">=", "of at least").replace("<=", "of at most")
    return plainly[:1].lower() + plainly[1:]


def _unknown(key: str, allowed: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key.rpartition(".")[2], allowed, 1)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return f"`{key}` is not something that can be configured.{guess} Allowed are: {', '.join(allowed)}."
