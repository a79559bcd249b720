"""The key of a request: everything that can change its answer, in one canonical form, and whose it is.

Two requests that differ only in the order of an object's members, in a neutral value that is spelled out, in being
streamed or in session and trace have the same key. What was filled in by the intent, remembered or retrieved is part of
the request by then. Account, application and intent are part of every key, so that no request reaches another's answer.
"""

import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from parley.core.asks import NEUTRAL, SERVICE_FIELDS, Ask, Chat, Json, TextCompletion
from parley.core.call import Call

JUDGED = frozenset({"evaluation_enabled", "apply_corrections", "safe_mode", "instructions"})
"""Fields for Parley itself that change what a client is given."""
IGNORED = (SERVICE_FIELDS - JUDGED) | {"stream", "stream_options", "user", "messages", "prompt", "model", "store"}
TEXT = "text"
LONGEST_NAME = 100
"""Characters of an application's name or a namespace; beyond, the store's indexes can not hold it."""

_sorted = msgspec.json.Encoder(order="sorted")


class Question(Struct, frozen=True, kw_only=True):
    """What a request asks, as the cache sees it: `key` and `scope` are SHA-256 in hex.

    `scope` covers all but the last user turn, whose text is `text`; both are None where that turn is not plain text.
    """

    key: str
    account: str
    application: str
    namespace: str
    user_id: str | None
    scope: str | None = None
    text: str | None = None


def question_of(call: Call, mark: str, sentinels: Json = None) -> Question | None:
    """The question of a call; None where its names are longer than the store takes.

    `mark` tells the targets that its model's name stands for, `sentinels` the checks that its answer has to pass.
    """
    ask, whose = call.ask, call.whose
    named = call.caching.namespace if call.caching is not None else None
    if max(len(whose.account), len(whose.application), len(named or ""), len(whose.user_id or "")) > LONGEST_NAME:
        return None
    if "\0" in f"{whose.account}{whose.application}{named or ''}{whose.user_id or ''}":
        return None
    partition: Json = [named] if named is not None else whose.metadata or {}
    owner = [whose.account, whose.application, whose.intent, ask.model, mark, partition, type(ask).__name__, sentinels]
    head = _sorted.encode([owner, _parameters(ask, call)])
    turns = _turns(ask)
    scope, text = _scope(head, turns)
    return Question(
        key=hashlib.sha256(head + _sorted.encode(turns)).hexdigest(),
        account=whose.account,
        application=whose.application,
        namespace=named or "",
        user_id=whose.user_id,
        scope=scope,
        text=text,
    )


def _parameters(ask: Ask, call: Call) -> dict[str, Json]:
    """Every field that was given and matters, those that Parley does not know included."""
    known = ask.__struct_fields__
    found: dict[str, Json] = {}
    for name in known:
        value = getattr(ask, name)
        if value is not None and name not in IGNORED and value not in NEUTRAL.get(name, ()):
            found[name] = value
    for name, raw in call.source.fields.items():
        if name not in known and name not in IGNORED:
            found[name] = msgspec.json.decode(raw)
    return found


def _turns(ask: Ask) -> Any:
    if isinstance(ask, Chat):
        return [_plainer(message) for message in ask.messages]
    return ask.prompt if isinstance(ask, TextCompletion) else ask.input


def _plainer(message: dict[str, Json]) -> dict[str, Json]:
    """The message, its content as a string where it is one part of text."""
    content = message.get("content")
    if isinstance(content, list) and len(content) == 1 and content[0].keys() == {"type", TEXT}:
        return {**message, "content": content[0][TEXT]} if content[0]["type"] == TEXT else message
    return message


def _scope(head: bytes, turns: Any) -> tuple[str | None, str | None]:
    last = turns[-1] if turns else None
    if not isinstance(last, dict) or last.get("role") != "user" or not isinstance(last.get("content"), str):
        return None, None
    rest = [*turns[:-1], {**last, "content": None}]
    return hashlib.sha256(head + _sorted.encode(rest)).hexdigest(), last["content"]
