"""The page of every upstream that Parley knows by name, read from the registry's rows."""

from parley.providers.registry import ROWS, Row

OPENING = """# Providers

This page lists every upstream that Parley knows by name, with what it is told.

A known name needs only its key: `[providers.groq]` in `parley.toml` and `GROQ_API_KEY` in the environment.
Anything else that speaks one of these dialects works with `dialect` and `base_url`; [the
guide](../guide/providers.md) shows how. `checked` is the day on which the row was compared with what stands
beside it: the provider's reference, or its own client library."""


def providers() -> str:
    """Every upstream that Parley knows by name."""
    rows = sorted(ROWS, key=lambda row: row.name)
    parts = [OPENING, "## Addresses and keys", _addresses(rows), "## Fields", _FIELDS, _fields(rows)]
    return "\n\n".join(parts)


_FIELDS = """Every upstream takes OpenAI's own fields or says itself that it does not. Beyond them each takes
what its row names; a field that it does not take is dropped where its value is neutral, and is a 400 that names
field and provider where it would change the answer. Some upstreams have another name for a field, which Parley
uses for them, or refuse one that changes nothing, which Parley leaves out."""


def _addresses(rows: list[Row]) -> str:
    lines = [
        f"| `{row.name}` | {row.speaks} | {row.base_url or 'yours'} | {_key(row)} | {row.docs} | {row.checked} |"
        for row in rows
    ]
    return _table(("name", "speaks", "address", "key", "its reference", "checked"), lines)


def _key(row: Row) -> str:
    if row.key_env is None:
        return "none"
    return f"`{row.key_env}`" + ("" if row.key_required else " if set") + _header(row)


def _header(row: Row) -> str:
    return "" if row.key_header == "authorization" else f", as `{row.key_header}`"


def _fields(rows: list[Row]) -> str:
    lines = [
        f"| `{row.name}` | {_names(row.beyond)} | {', '.join(f'`{a}` as `{b}`' for a, b in row.renames.items())} "
        f"| {_names(row.lacks)} |"
        for row in rows
        if row.beyond or row.renames or row.lacks
    ]
    return _table(("name", "takes beyond OpenAI's fields", "is sent", "is not sent"), lines)


def _names(fields: frozenset[str]) -> str:
    return ", ".join(f"`{field}`" for field in sorted(fields))


def _table(titles: tuple[str, ...], lines: list[str]) -> str:
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *lines])
