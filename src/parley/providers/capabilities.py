"""What a provider can be asked for, found out by preparing one small request of each kind and seeing what is refused.

An upstream that speaks OpenAI's dialect is sent what it is sent; whether one of its models can do it, it says itself.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from parley.core.asks import Ask, Chat, Embed, TextCompletion
from parley.core.call import Call, Caller, Source, Trace, Whose
from parley.core.errors import GatewayError
from parley.core.route import Target
from parley.providers.provider import Provider

_TEXT = Chat(messages=[{"role": "user", "content": "Hello"}], model="m")
_FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def _with_part(part: Mapping[str, Any]) -> Chat:
    return structs.replace(_TEXT, messages=[{"role": "user", "content": [{"type": "text", "text": "?"}, part]}])


_PNG = "data:image/png;base64,iVBORw0KGgo="
_PDF = "data:application/pdf;base64,JVBERi0="

PROBES: Mapping[str, Ask] = {
    "chat": _TEXT,
    "stream": structs.replace(_TEXT, stream=True),
    "tools": structs.replace(_TEXT, tools=[_FUNCTION], tool_choice="required"),
    "images": _with_part({"type": "image_url", "image_url": {"url": _PNG}}),
    "files": _with_part({"type": "file", "file": {"filename": "a.pdf", "file_data": _PDF}}),
    "audio": _with_part({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
    "json_object": structs.replace(_TEXT, response_format={"type": "json_object"}),
    "json_schema": structs.replace(
        _TEXT, response_format={"type": "json_schema", "json_schema": {"name": "s", "schema": _SCHEMA}}
    ),
    "reasoning": structs.replace(_TEXT, reasoning_effort="low"),
    "logprobs": structs.replace(_TEXT, logprobs=True, top_logprobs=1),
    "seed": structs.replace(_TEXT, seed=1),
    "n": structs.replace(_TEXT, n=2),
    "loglikelihood": structs.replace(_TEXT, loglikelihood=True),
    "peft": structs.replace(_TEXT, peft="adapter"),
    "completions": TextCompletion(prompt="Hello", model="m"),
    "embeddings": Embed(input="Hello", model="m"),
}
"""One request for each thing that a provider may be able to do."""


def capabilities(provider: Provider) -> tuple[str, ...]:
    """The names among `PROBES` that the provider takes."""
    return tuple(name for name, ask in PROBES.items() if _takes(provider, ask))


def _takes(provider: Provider, ask: Ask) -> bool:
    try:
        provider.prepare(_call(ask), Target(model="m", provider=provider.name, upstream="m"))
    except GatewayError:
        return False
    return True


def _call(ask: Ask) -> Call:
    return Call(
        id="",
        received=0.0,
        deadline=0.0,
        caller=Caller(key_id="", account="", scopes=frozenset()),
        whose=Whose(account="", application="", intent="", session_id=""),
        trace=Trace(trace_id=""),
        ask=ask,
        source=Source(dialect="", fields={}, asked=ask),
    )
