"""Sentinels: what an application expects of its answers, checked when it is saved and compiled once."""

import difflib
import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Struct

from parley.core.errors import BadRequest
from parley.core.reading import complaint
from parley.evaluation.check import Instrument, Wrong
from parley.evaluation.keys import LLM, Asking, Common, Label, Part
from parley.evaluation.ports import Knows
from parley.evaluation.verdict import Severity

_NUMBERED = re.compile(r"\[[^\]]*\]")
T = TypeVar("T", bound=Struct)

KINDS: dict[str, tuple[str, str, str]] = {
    "excludes": ("words", "Options", "make_excludes"),
    "contains": ("words", "Options", "make_contains"),
    "matches": ("pattern", "Options", "make_matches"),
    "never_matches": ("pattern", "Options", "make_never_matches"),
    "json": ("json_text", "Plain", "make_json"),
    "json_schema": ("json_text", "Options", "make_json_schema"),
    "length": ("length", "Options", "make"),
    "language": ("language", "Options", "make"),
    "tool_call": ("tool_call", "Options", "make"),
    "secrets": ("secrets", "Options", "make"),
    "personal_data": ("personal_data", "Options", "make"),
    "grounded": ("grounded", "Options", "make"),
    "refusal": ("refusal", "Options", "make"),
    "repetition": ("repetition", "Options", "make"),
    "truncated": ("truncated", "Options", "make"),
}
"""The file of `kinds/`, its keys and its maker. A kind's file is loaded when a sentinel of it is read: they bring
validators and repairers that a gateway without sentinels does not need."""

CHOICES: dict[str, tuple[str, ...]] = {
    "severity": get_args(Severity),
    "include": get_args(Part),
    "status": get_args(Label),
    "unit": ("characters", "words", "tokens"),
    "kinds": ("email", "phone", "iban"),
    "sources": ("context", "messages"),
}
"""What keys of few values may say."""

COMMON = frozenset(Common.__struct_fields__)


class Sentinel(Common, frozen=True, kw_only=True):
    """One expectation, ready: with an `instrument`, or with what a model is asked (`asking`, kind `llm`)."""

    instrument: Instrument | None = None
    asking: Asking | None = None


def anything(model: str) -> bool:
    """Every name may be a model's."""
    return True


def read_sentinels(raw: Sequence[Any], knows: Knows = anything, place: str = "sentinels") -> tuple[Sentinel, ...]:
    """`raw` checked and compiled, in its order.

    `knows` refuses judges that are no model. Raises BadRequest whose `param` is the place: `sentinels[2].pattern`.
    """
    found: list[Sentinel] = []
    names: set[str] = set()
    for number, one in enumerate(raw):
        sentinel = _read(one, f"{place}[{number}]", knows)
        if sentinel.name in names:
            raise _bad(f"{place}[{number}].name", f"is the name of another sentinel here: {sentinel.name!r}")
        names.add(sentinel.name)
        found.append(sentinel)
    return tuple(found)


def _read(raw: Any, place: str, knows: Knows) -> Sentinel:
    if not isinstance(raw, dict):
        raise _bad(place, "must be an object")
    given = {key: value for key, value in raw.items() if value is not None}
    kind = given.get("kind", LLM)
    if kind != LLM and kind not in KINDS:
        raise _bad(f"{place}.kind", f"is {kind!r}; there is: {', '.join([LLM, *KINDS])}")
    common = _converted({key: value for key, value in given.items() if key in COMMON}, Common, place)
    own = {key: value for key, value in given.items() if key not in COMMON}
    sentinel = Sentinel(**{name: getattr(common, name) for name in COMMON})
    if kind != LLM:
        return msgspec.structs.replace(sentinel, instrument=_instrument(kind, own, place))
    _known_keys(own, Asking, place, kind)
    if sentinel.directive is None:
        raise _bad(f"{place}.directive", "is required: it says what the judge looks for")
    asking = _converted(own, Asking, place)
    if asking.judge is not None and not knows(asking.judge):
        raise _bad(f"{place}.judge", f"names the model {asking.judge!r}, which does not exist")
    return msgspec.structs.replace(sentinel, asking=asking)


def _instrument(kind: str, own: dict[str, Any], place: str) -> Instrument:
    file, keys, maker = KINDS[kind]
    module = import_module(f"parley.evaluation.kinds.{file}")
    options: type[Struct] = getattr(module, keys)
    make: Callable[[Struct], Instrument] = getattr(module, maker)
    _known_keys(own, options, place, kind)
    try:
        return make(_converted(own, options, place))
    except Wrong as wrong:
        raise _bad(f"{place}.{wrong.key}", wrong.what) from None


def _known_keys(own: dict[str, Any], options: type[Struct], place: str, kind: str) -> None:
    fields = options.__struct_fields__
    for key in own:
        if key not in fields:
            near = difflib.get_close_matches(str(key), [*fields, *COMMON], 1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            allowed = ", ".join([*fields, *Common.__struct_fields__])
            raise _bad(f"{place}.{key}", f"is no key of a sentinel of the kind {kind}{meant} (there is: {allowed})")


def _converted(given: dict[str, Any], shape: type[T], place: str) -> T:
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        said = complaint(str(error))
        inner = f"{place}.{said.param}" if said.param else place
        message = said.message.replace(f"`{said.param}`", f"`{inner}`", 1) if said.param else said.message
        if choices := CHOICES.get(_NUMBERED.sub("", said.param or "").rpartition(".")[2]):
            message += f" There is: {', '.join(choices)}."
        raise BadRequest(message, param=inner, code=said.code) from None


def _bad(place: str, what: str) -> BadRequest:
    return BadRequest(f"`{place}` {what}.", param=place, code="invalid_value")
