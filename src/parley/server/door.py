"""Who is at the door: the key, the conversation and the trace that a request's headers and body name."""

import re
from collections.abc import Mapping

from parley.accounts.keys import Keyring
from parley.core.asks import Ask
from parley.core.call import Caching, Caller, Directions, Trace, Whose
from parley.core.errors import BadRequest, Forbidden, Unauthenticated
from parley.core.spans import REQUEST, SESSION, trace_of
from parley.server.labels import NAMES as LABELS
from parley.server.labels import labels
from parley.wire.ids import new_id

Headers = Mapping[bytes, bytes]
NO_HEADERS: Headers = {}

KEY_HEADERS = (b"authorization", b"x-api-key", b"x-portkey-api-key", b"x-maitai-api-key")
NO_CREDENTIAL = frozenset({b"", b"OPENAI_API_KEY"})
"""What clients send when nobody gave them a key: Portkey's SDK puts the literal name of the variable."""

TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
"""W3C Trace Context, level 1 (2021-11)."""


def authenticate(headers: Headers, keyring: Keyring, scope: str) -> Caller:
    """The holder of the request's key. Raises Unauthenticated, or Forbidden when the key lacks `scope`."""
    caller = keyring.find(_credential(headers))
    if scope not in caller.scopes and "admin" not in caller.scopes:
        raise Forbidden(f"This key has no scope `{scope}`; it has: {', '.join(sorted(caller.scopes)) or 'none'}.")
    return caller


def _credential(headers: Headers) -> bytes:
    for name in KEY_HEADERS:
        value = headers.get(name, b"").strip()
        if name == b"authorization":
            kind, _, value = value.partition(b" ")
            value = value.strip() if kind.lower() == b"bearer" else b""
        if value not in NO_CREDENTIAL:
            return value
    raise Unauthenticated(
        "No API key was given. Send `Authorization: Bearer KEY`; `parley keys create` makes one.",
        code="missing_api_key",
    )


def whose(ask: Ask, caller: Caller, headers: Headers = NO_HEADERS, id: str = "") -> Whose:
    """Whose conversation this is; what the request `id` leaves out is `default`, or a fresh session.

    Raises Forbidden, and BadRequest for metadata that is none.
    """
    named = ask.account_id or headers.get(SELECTED_ACCOUNT)
    metadata = ask.metadata if headers.keys().isdisjoint(LABELS) else labels(headers, ask.metadata)
    said = getattr(ask, "user", None) or (metadata.get("_user") if metadata else None)
    return Whose(
        account=caller.account if not named else _account(named, caller),
        application=ask.application or "default",
        intent=ask.intent or "default",
        session_id=ask.session_id or (SESSION + id[len(REQUEST) :] if id else new_id("ses")),
        reference_id=ask.reference_id,
        user_id=ask.user_id or None,
        said_user=said if isinstance(said, str) and said else None,
        metadata=metadata,
    )


SELECTED_ACCOUNT = b"x-selected-account-id"
OPERATORS = "default"
"""The account of the operator's own keys, which may act for any account."""
LONGEST_ACCOUNT = 100


def _account(named: str | bytes, caller: Caller) -> str:
    """The account that a request is for: `account_id` in its body, else the header of Scale's clients."""
    account = named if isinstance(named, str) else named.decode("latin-1").strip()
    if account == caller.account or not account:
        return caller.account
    if caller.account != OPERATORS and "admin" not in caller.scopes:
        raise Forbidden(
            f"This key belongs to the account {caller.account} and can not act for {account[:100]}.",
            param="account_id",
            code="account_not_allowed",
        )
    if len(account) > LONGEST_ACCOUNT or not account.isprintable():
        raise BadRequest(
            f"`account_id` must have at most {LONGEST_ACCOUNT} printable characters.",
            param="account_id",
            code="invalid_value",
        )
    return account


def directions(headers: Headers) -> Directions | None:
    """What the headers say of the call's route; `None`: nothing. Raises BadRequest for letters outside ASCII."""
    if PORTKEYS_OWN.isdisjoint(headers):
        return None
    found = {field: text for header, field in DIRECTIONS.items() if (text := _ascii(headers, header))}
    return Directions(**found) if found else None


def caching(headers: Headers) -> Caching | None:
    """What the headers say of the cache; `None`: nothing. Raises BadRequest for a flag that is none."""
    if CACHING.isdisjoint(headers):
        return None
    return Caching(
        namespace=_namespace(headers),
        refresh=_flag(headers, REFRESH, False),
        share=_flag(headers, SHARE, True),
    )


def _namespace(headers: Headers) -> str | None:
    text = _ascii(headers, NAMESPACE)
    if len(text) > LONGEST_NAMESPACE:
        name = NAMESPACE.decode()
        raise BadRequest(f"`{name}` must have at most {LONGEST_NAMESPACE} letters.", param=name, code="invalid_value")
    return text or None


def _flag(headers: Headers, name: bytes, otherwise: bool) -> bool:
    given = headers.get(name, b"").strip().lower()
    if given not in FLAGS:
        text = name.decode()
        raise BadRequest(f"`{text}` must be true or false.", param=text, code="invalid_value")
    return FLAGS[given] if given else otherwise


NAMESPACE, REFRESH = b"x-portkey-cache-namespace", b"x-portkey-cache-force-refresh"
LONGEST_NAMESPACE = 100
SHARE = b"x-parley-single-flight"
CACHING = frozenset({NAMESPACE, REFRESH, SHARE})
FLAGS = {b"": False, b"true": True, b"false": False}

DIRECTIONS = {
    b"x-portkey-config": "config",
    b"x-portkey-provider": "provider",
    b"x-portkey-virtual-key": "virtual_key",
    b"x-portkey-custom-host": "custom_host",
    b"x-portkey-request-timeout": "request_timeout",
}
PORTKEYS_OWN = frozenset(DIRECTIONS)


def _ascii(headers: Headers, name: bytes) -> str:
    try:
        return headers.get(name, b"").decode("ascii").strip()
    except UnicodeDecodeError:
        text = name.decode()
        raise BadRequest(f"`{text}` holds letters outside ASCII; JSON writes them as \\uXXXX.", param=text) from None


def trace(headers: Headers, id: str) -> Trace:
    """Where request `id` stands in its caller's trace: by Portkey's headers, else `traceparent`, else a new one."""
    if headers.keys().isdisjoint(TRACING):
        return Trace(trace_id=trace_of(id))
    given = headers.get(b"x-portkey-trace-id", b"").decode("latin-1")
    span = _text(headers, b"x-portkey-span-id")
    parent = _text(headers, b"x-portkey-parent-span-id")
    name = _text(headers, b"x-portkey-span-name")
    parent_header = headers.get(b"traceparent")
    if not given and parent_header and (w3c := TRACEPARENT.match(parent_header.decode("latin-1"))):
        given, parent = w3c[1], parent or w3c[2]
    return Trace(
        trace_id=given or trace_of(id),
        span_id=span,
        parent_span_id=parent,
        span_name=name,
        brought=bool(given or span or parent or name),
    )


TRACING = frozenset(
    {
        b"x-portkey-trace-id",
        b"x-portkey-span-id",
        b"x-portkey-parent-span-id",
        b"x-portkey-span-name",
        b"traceparent",
    }
)
LONGEST_ID = 256
"""Characters of the spans' ids and names that callers bring."""


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return value.decode("latin-1")[:LONGEST_ID] if value else None
