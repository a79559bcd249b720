"""Fits an ask to a provider: what it has no word for is dropped where it changes nothing, refused where it would."""

from collections.abc import Collection

from msgspec import Raw

from parley.core.asks import NEUTRAL, SERVICE_FIELDS, Ask, Json
from parley.core.call import Source
from parley.core.errors import BadRequest


def unfit(ask: Ask, beyond: Collection[str], accepts: Collection[str], provider: str) -> list[str]:
    """Names of the given fields among `beyond` that `provider` does not take and that change nothing.

    Raises BadRequest for one that would change the answer.
    """
    dropped = []
    for name in beyond:
        value = getattr(ask, name)
        if value is None or name in accepts:
            continue
        if value not in NEUTRAL.get(name, ()):
            raise BadRequest(
                f"`{name}` is not supported by the provider `{provider}`: leave it out or choose another model.",
                param=name,
                code="unsupported_parameter",
            )
        dropped.append(name)
    return dropped


def client_fields(ask: Ask, source: Source, dropped: Collection[str]) -> dict[str, Json]:
    """The client's own fields in their order, for an upstream of the same dialect.

    A field that is as it was asked keeps its bytes; one that a stage changed carries its new value; one that is null,
    that only concerns Parley, or that is in `dropped`, is gone. Fields that Parley does not know stay.
    """
    known = ask.__struct_fields__
    body: dict[str, Json] = {}
    for name, raw in source.fields.items():
        if name in SERVICE_FIELDS or name in dropped or (name in known and getattr(ask, name) is None):
            continue
        body[name] = raw
    if ask is not source.asked:
        for name in known:
            now = getattr(ask, name)
            if now is getattr(source.asked, name, None) or name in SERVICE_FIELDS or name in dropped:
                continue
            if now is not None:
                body[name] = now
    # OpenAI's own metadata shares its name with Maitai's: it is meant for the upstream only together with `store`.
    if source.fields.get("metadata") is not None and source.fields.get("store") == TRUE:
        body["metadata"] = source.fields["metadata"]
    return body


def canon_fields(ask: Ask, dropped: Collection[str]) -> dict[str, Json]:
    """Every given field of the ask by its OpenAI name, for an upstream whose client spoke another dialect."""
    return {
        name: value
        for name in ask.__struct_fields__
        if name not in SERVICE_FIELDS and name not in dropped and (value := getattr(ask, name)) is not None
    }


TRUE = Raw(b"true")
