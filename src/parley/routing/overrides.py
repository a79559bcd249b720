"""Puts a config's `override_params` into a call: they win over whatever the request says."""

from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import Raw, structs

from parley.core.asks import SERVICE_FIELDS, Json
from parley.core.call import Call
from parley.core.errors import BadRequest


def overridden(call: Call, params: dict[str, Json]) -> Call:
    """The call with `params` in its ask; fields that Parley does not know go to upstreams of the client's dialect.

    Raises BadRequest for a value that the field can not have, or a field that is Parley's own.
    """
    hints = _hints(type(call.ask))
    known: dict[str, Any] = {}
    unknown: dict[str, Raw] = {}
    for name, value in params.items():
        if name == "model":
            continue  # the target was chosen by it already
        if name in SERVICE_FIELDS:
            raise _wrong(name, "it speaks to Parley, not to a model; set it on the application or intent.")
        if name not in hints:
            unknown[name] = Raw(msgspec.json.encode(value))
            continue
        try:
            known[name] = msgspec.convert(value, hints[name])
        except msgspec.ValidationError as error:
            raise _wrong(name, f"{error}.") from None
    if not known and not unknown:
        return call
    source = structs.replace(call.source, fields={**call.source.fields, **unknown}) if unknown else call.source
    return structs.replace(call, ask=structs.replace(call.ask, **known), source=source)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _wrong(name: str, why: str) -> BadRequest:
    return BadRequest(
        f"The routing config can not be used. override_params.{name}: {why}",
        param=f"override_params.{name}",
        code="invalid_config",
    )
