"""The page of every upstream that Parley knows by name, read from the registry's rows."""

import json

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from parley.compose.providers import make_provider
from parley.providers.capabilities import PROBES, capabilities
from parley.providers.provider import Provider
from parley.providers.registry import ROWS, Row
from parley.settings import ProviderSection
from parley.settings.secrets import Secret

_PEM = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
_KEY = json.dumps({"type": "service_account", "project_id": "p", "private_key": _PEM, "client_email": "a@example.com"})
"""A service account's key, for the one dialect that reads its key; to the others it is a text like any other."""

OPENING = """# Providers

This page lists every upstream that Parley knows by name, with what it is told.

A known name needs only its key: `[providers.groq]` in `parley.toml` and `GROQ_API_KEY` in the environment.
Anything else that speaks one of these dialects works with `dialect` and `base_url`; [the
guide](../guide/providers.md) shows how. `checked` is the day on which the row was compared with what stands
beside it: the provider's reference, or its own client library."""


def providers() -> str:
    """Every upstream that Parley knows by name."""
    rows = sorted(ROWS, key=lambda row: row.name)
    able = ["## Capabilities", _CAPABLE, _capabilities(rows)]
    parts = [OPENING, "## Addresses and keys", _addresses(rows), *able, "## Fields", _FIELDS, _fields(rows)]
    return "\n\n".join(parts)


_CAPABLE = """What each can be asked for: a mark says that Parley has words for it in the upstream's dialect and sends
it, no mark that such a request is a 400 before anything is sent. Found by preparing one request of each kind for each
row. What an upstream's single models can do, they say themselves; `GET /v1/models` has the same list for each model."""

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


def _capabilities(rows: list[Row]) -> str:
    lines = []
    for row in rows:
        able = capabilities(_provider(row))
        lines.append(f"| `{row.name}` | {' | '.join('✓' if name in able else '' for name in PROBES)} |")
    return _table(("name", *(name.replace("_", " ") for name in PROBES)), lines)


def _provider(row: Row) -> Provider:
    """The row's provider, made as the gateway makes it, with a key that opens nothing."""
    section = ProviderSection(dialect=row.name, base_url=row.base_url or "https://x.example/v1", api_key=Secret(_KEY))
    return make_provider(row.name, section)


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
