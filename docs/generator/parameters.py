"""The page of every field of a request and of what becomes of it: each is tried on the dialects' writers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

from docs.generator.types import in_words
from parley.core.asks import NEUTRAL, SERVICE_FIELDS, Chat, Embed, TextCompletion
from parley.core.call import Call, Caller, Source, Trace, Whose
from parley.core.errors import BadRequest
from parley.core.route import Target
from parley.dialects import anthropic_messages, openai_chat, openai_completions
from parley.providers.registry import BY_NAME, ENGINE_ROW
from parley.providers.vllm import Vllm
from parley.wire.http import Timeouts, Url

OPENING = """# Parameters

This page lists every field of a request, the values it takes, and what becomes of it.

`null` means not given. A value out of its range is a 400 that names the field. What the request leaves out comes
from its intent, then from its application. A field that is not listed goes through unchanged, at every depth, to
an upstream that speaks the same dialect; towards another dialect it is left out."""

SERVICE = """## For Parley itself

These fields end at Parley's door; no upstream sees them. They are taken on all three paths."""

DOES: Mapping[str, str] = {
    "session_id": "the conversation; a fresh one where it is left out; recorded",
    "reference_id": "your own name for this request; recorded",
    "application": "whose defaults hold; `default` where it is left out; recorded",
    "intent": "which of the application's defaults hold; `default` where it is left out; recorded",
    "user_id": "the person at the other end; recorded",
    "account_id": "accepted; the account of a request is that of its key",
    "metadata": "recorded; sent on only together with OpenAI's `store: true`",
    "log_prompt": "`false` keeps neither messages nor answer of this request",
    "fallback_model": "asked when the model fails",
    "fallback_config": "`model` as `fallback_model`; `strategy` and `timeout` are accepted and not acted on yet",
    "evaluation_enabled": "the answer is [judged](../guide/quality.md) by its sentinels, after it was given",
    "apply_corrections": "judged and corrected before it is given, within a budget; 400 without evaluation",
    "safe_mode": "nothing is given that did not pass, whatever it takes; 400 without evaluation",
    "assistant": "accepted, not acted on yet",
    "context_retrieval_enabled": "accepted, not acted on yet",
    "context_query": "accepted, not acted on yet",
    "server_side_inference": "the SDK's: where it is `false`, it asks the provider itself; a request here is answered",
    "callback": "the SDK's: a function there; accepted and not acted on here",
    "instructions": "accepted, not acted on yet",
    "memory_strategy": "accepted, not acted on yet",
}

CHATS = """## Chats: `POST /v1/chat/completions`

The last four columns say what an upstream is sent. *yes*: the field as it came. *dropped*: left out, which
changes nothing. *400*: refused with the names of field and provider. A neutral value is dropped instead. Of the
upstreams that speak OpenAI's dialect some take more fields or call them otherwise: [providers](providers.md)
lists them; `openai` is shown here. What the engine makes of what it is sent stands in [its
guide](../guide/engine.md), and what a vLLM server needs for it in [that one](../guide/vllm.md)."""

TEXTS = """## Texts: `POST /v1/completions`

Not for Anthropic's models, which do not continue texts. Fields that chats have too mean the same."""

VECTORS = """## Vectors: `POST /v1/embeddings`"""

HEADERS = """## Headers

| header | what it does |
|---|---|
| `authorization: Bearer`, `x-api-key`, `x-portkey-api-key` | the key; the first that is not empty counts |
| `x-portkey-trace-id`, else `traceparent` | the trace that the record belongs to; a fresh one where both are missing |
| `x-portkey-span-id`, `x-portkey-parent-span-id`, `x-portkey-span-name` | accepted with the trace |

| header of an answer | what it says |
|---|---|
| `x-request-id` | the record's id, for `GET /api/requests/{id}` |
| `x-portkey-trace-id` | the trace; never empty |
| `x-parley-model`, `x-parley-provider` | who answered |
| `x-parley-fallback-reason` | why the one before did not |
| `x-parley-cache`, `x-portkey-cache-status` | `DISABLED` |
| `retry-after` | on 429 and 503: seconds or a date, the upstream's where it gave one |"""

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
SAMPLES: Mapping[str, Any] = {
    "n": 2,
    "stop": ["end"],
    "logit_bias": {"1": 5},
    "stream_options": {"include_usage": True},
    "tools": [TOOL],
    "tool_choice": "required",
    "functions": [TOOL["function"]],
    "function_call": {"name": "now"},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "a", "schema": {"type": "object", "properties": {}}},
    },
    "reasoning_effort": "low",
    "logprobs": True,
    "top_logprobs": 2,
    "parallel_tool_calls": False,
    "repetition_penalty": 1.1,
}
"""A value of each field that a number between 0 and 1, `true` or `x` does not suit."""
TEXT_SAMPLES: Mapping[str, Any] = {"suffix": "x", "echo": True, "best_of": 2, "logprobs": 3}
WITH: Mapping[str, Mapping[str, Any]] = {
    "stream_options": {"stream": True},
    "tool_choice": {"tools": [TOOL]},
    "parallel_tool_calls": {"tools": [TOOL]},
    "top_logprobs": {"logprobs": True},
    "function_call": {"functions": [TOOL["function"]]},
}
"""What a field needs beside it."""


def parameters() -> str:
    """Every field of a request."""
    if missing := set(DOES) ^ SERVICE_FIELDS:
        raise ValueError(f"docs/generator/parameters.py must say what these fields do: {sorted(missing)}")
    return "\n\n".join(
        [
            OPENING,
            SERVICE,
            _table(("field", "value", "what it does"), _service()),
            CHATS,
            _table(("field", "value", "neutral", "`openai`", "`anthropic`", "`vllm`", "the engine"), _chats()),
            TEXTS,
            _table(("field", "value", "`vllm`"), _texts()),
            VECTORS,
            _table(("field", "value"), _plain(Embed)),
            HEADERS,
        ]
    )


def _service() -> list[str]:
    values = _values(Embed)
    return [f"| `{name}` | {values[name]} | {does} |" for name, does in DOES.items()]


def _chats() -> list[str]:
    rows = []
    for name, value in _values(Chat).items():
        if name in SERVICE_FIELDS:
            continue
        neutral = ", ".join(f"`{_json(one)}`" for one in NEUTRAL.get(name, ()))
        openai = _fate(name, BY_NAME["openai"].beyond, "openai")
        engine = _fate(name, ENGINE_ROW.beyond, "engine")
        others = f"{_fate_at_anthropic(name)} | {_fate_at_vllm(name)}"
        rows.append(f"| `{name}` | {value} | {neutral} | {openai} | {others} | {engine} |")
    return rows


def _plain(ask: Any) -> list[str]:
    chats = _values(Chat)
    return [
        f"| `{name}` | {value} |"
        for name, value in _values(ask).items()
        if name not in SERVICE_FIELDS and chats.get(name) != value
    ]


def _texts() -> list[str]:
    def said(fields: dict[str, Any]) -> dict[str, Any]:
        ask, raw = openai_completions.read_completion(msgspec.json.encode({"prompt": "a", **fields}))
        return _at_vllm(ask, Source(dialect=openai_completions.NAME, fields=raw, asked=ask))

    fates = {"prompt": "yes", **{name: _compare(name, said, value) for name, value in TEXT_SAMPLES.items()}}
    return [f"{row} {fates[row.split('`')[1]]} |" for row in _plain(TextCompletion)]


def _fate_at_vllm(name: str) -> str:
    if name in ("functions", "function_call"):
        return f"as `{'tools' if name == 'functions' else 'tool_choice'}`"

    def said(fields: dict[str, Any]) -> dict[str, Any]:
        chat, raw = openai_chat.read_chat(msgspec.json.encode(fields))
        return _at_vllm(chat, Source(dialect=openai_chat.NAME, fields=raw, asked=chat))

    return _compare(name, said)


def _at_vllm(ask: Any, source: Source) -> dict[str, Any]:
    row = BY_NAME["vllm"]
    vllm = Vllm("vllm", row, url=Url.parse(row.base_url), key=None, timeouts=Timeouts(), headers={})
    call = Call(
        id="",
        received=0,
        deadline=0,
        caller=Caller(key_id="", account="", scopes=frozenset()),
        whose=Whose(account="", application="", intent="", session_id=""),
        trace=Trace(trace_id=""),
        ask=ask,
        source=source,
    )
    request = vllm.prepare(call, Target(model="m", provider="vllm", upstream="m"))
    return dict(msgspec.json.decode(request.body))


def _fate(name: str, accepts: frozenset[str], provider: str) -> str:
    if name in ("functions", "function_call"):
        return f"as `{'tools' if name == 'functions' else 'tool_choice'}`"
    write = openai_chat.write_call

    def said(fields: dict[str, Any]) -> dict[str, Any]:
        body = openai_chat.read_chat(msgspec.json.encode(fields))
        chat, raw = body
        source = Source(dialect=openai_chat.NAME, fields=raw, asked=chat)
        return dict(msgspec.json.decode(write(chat, source, model="m", accepts=accepts, provider=provider)))

    return _compare(name, said)


def _fate_at_anthropic(name: str) -> str:
    def said(fields: dict[str, Any]) -> dict[str, Any]:
        chat, _ = openai_chat.read_chat(msgspec.json.encode(fields))
        accepts = BY_NAME["anthropic"].beyond
        body = anthropic_messages.write_call(chat, model="m", accepts=accepts, provider="anthropic")
        return dict(msgspec.json.decode(body))

    return _compare(name, said)


def _compare(name: str, said: Any, sample: Any = None) -> str:
    """What giving a field changes in what is said."""
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **WITH.get(name, {})}
    if name in ("model", "messages"):
        return "yes" if name == "messages" else "the upstream's name"
    try:
        before = said(asked)
        after = said({**asked, name: _sample(name) if sample is None else sample})
    except BadRequest:
        return "400"
    if name in after and name not in before:
        return "yes"
    changed = [key for key, value in after.items() if before.get(key) != value]
    if name in after and not changed:
        return "always asked for" if name == "stream_options" else "yes"
    return f"as {', '.join(f'`{key}`' for key in changed)}" if changed else "dropped"


def _sample(name: str) -> Any:
    if name in SAMPLES:
        return SAMPLES[name]
    for value in (0.5, 3, True, "x"):
        try:
            msgspec.convert({"messages": [{}], name: value}, Chat)
        except msgspec.ValidationError:
            continue
        return value
    raise ValueError(f"docs/generator/parameters.py has no sample of `{name}`")


def _values(ask: Any) -> dict[str, str]:
    info: Any = inspect.type_info(ask)
    return {field.name: in_words(field.type) for field in info.fields}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _table(titles: tuple[str, ...], lines: list[str]) -> str:
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *lines])
