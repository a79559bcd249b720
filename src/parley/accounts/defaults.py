"""Defaults: what an intent, its application and the server settle, merged, and put where a request says nothing."""

from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec import Struct, structs

from parley.accounts.config import Fallback, IntentConfig
from parley.core.asks import SERVICE_FIELDS, Chat, Embed, FallbackConfig, Json, TextCompletion
from parley.core.call import Settled

A = TypeVar("A", bound=Chat | TextCompletion | Embed)

INSTEAD = {
    "max_tokens": ("max_completion_tokens",),
    "max_completion_tokens": ("max_tokens",),
    "tools": ("functions",),
    "tool_choice": ("function_call", "functions"),
}
"""Fields that say the same thing under another name: where one is given, a default for the other is not wanted."""

OF_ASK: dict[type[Struct], frozenset[str]] = {
    Chat: frozenset(Chat.__struct_fields__),
    TextCompletion: frozenset(TextCompletion.__struct_fields__) - {"logprobs"},
    Embed: SERVICE_FIELDS - {"instructions", "fallback_model", "fallback_config"},
}
"""Which defaults mean something for which kind of ask: a chat's model does not embed."""


class Defaults(Struct, frozen=True, kw_only=True):
    """The merged defaults of one application and intent."""

    config: IntentConfig = IntentConfig()
    chat: tuple[tuple[str, Json], ...] = ()
    text: tuple[tuple[str, Json], ...] = ()
    embed: tuple[tuple[str, Json], ...] = ()

    @property
    def sentinels(self) -> list[dict[str, Json]]:
        """The checks of an answer that hold here."""
        return self.config.sentinels or []


NONE = Defaults()
"""Nothing is settled: what the request leaves out stays out."""


def merge(configs: Sequence[IntentConfig]) -> Defaults:
    """`configs` in order of precedence (intent, application, server) as one; the first that says a thing counts.

    Sentinels of all of them hold together; of two with the same name the first one's.
    """
    values: dict[str, Json] = {}
    for config in configs:
        said = {name: value for name, value in structs.asdict(config).items() if value is not None}
        fallback = _fallback(values, said)
        wanted = {k: v for k, v in said.items() if k not in values and not any(o in values for o in INSTEAD.get(k, ()))}
        values = {**values, **wanted, **fallback, **_sentinels(values, said)}
    if not values:
        return NONE
    return Defaults(
        config=IntentConfig(**values),
        chat=_for(Chat, values),
        text=_for(TextCompletion, values),
        embed=_for(Embed, values),
    )


def apply_defaults(ask: A, defaults: Defaults) -> A:
    """`ask` with what it leaves out filled in; the very same object where there is nothing to fill in."""
    return fill_in(ask, _fields(ask, defaults))


def fill_in(ask: A, fields: Settled) -> A:
    """`ask` with each of these fields that it leaves out; the very same object where it leaves out none."""
    if not fields:
        return ask
    changes: dict[str, Any] = {}
    for name, value in fields:
        given = getattr(ask, name, value)  # what an ask has no field for needs no filling in
        if name == "fallback_config":
            value = _under(ask.fallback_model, given, value)
            if value != given:
                changes[name] = value
        elif given is None and not any(getattr(ask, other, None) is not None for other in INSTEAD.get(name, ())):
            changes[name] = value
    return structs.replace(ask, **changes) if changes else ask


def _fields(ask: Chat | TextCompletion | Embed, defaults: Defaults) -> tuple[tuple[str, Json], ...]:
    if type(ask) is Chat:
        return defaults.chat
    return defaults.text if type(ask) is TextCompletion else defaults.embed


def _for(kind: type[Struct], values: dict[str, Json]) -> tuple[tuple[str, Json], ...]:
    return tuple((name, _in_words_of_an_ask(value)) for name, value in values.items() if name in OF_ASK[kind])


def _in_words_of_an_ask(value: Json) -> Json:
    if isinstance(value, Fallback):
        return FallbackConfig(model=value.model, strategy=value.strategy, timeout=value.timeout)
    return value


def _fallback(above: dict[str, Json], below: dict[str, Json]) -> dict[str, Json]:
    """The two layers' `fallback_config` as one, part by part."""
    if "fallback_config" not in below:
        return {}
    return {
        "fallback_config": _under(above.get("fallback_model"), above.get("fallback_config"), below["fallback_config"])
    }


def _sentinels(above: dict[str, Json], below: dict[str, Json]) -> dict[str, Json]:
    """The two layers' sentinels as one list."""
    if not above.get("sentinels") or not below.get("sentinels"):
        return {}
    names = {one.get("name") for one in above["sentinels"]}
    return {"sentinels": [*above["sentinels"], *(one for one in below["sentinels"] if one.get("name") not in names)]}


def _under(model: str | None, above: FallbackConfig | None, below: FallbackConfig) -> FallbackConfig:
    """`below` where `above` says nothing; a model named above (here or as `fallback_model`) replaces the one below."""
    if above is None:
        return structs.replace(below, model=None) if model else below
    said = {name: value for name, value in structs.asdict(above).items() if value is not None}
    return structs.replace(below, **({"model": None} if model else {}), **said)
