"""Writing the call for an upstream: the client's bytes, without what is not the upstream's business."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.asks import Chat
from parley.core.call import Source
from parley.core.errors import BadRequest
from parley.dialects.openai_chat import read_chat, write_call

USER = [{"role": "user", "content": "Hello"}]
NONE: frozenset[str] = frozenset()


def sent(body: bytes, accepts: frozenset[str] = NONE, dialect: str = "openai_chat", **changes: Any) -> Any:
    chat, fields = read_chat(body)
    source = Source(dialect=dialect, fields=fields, asked=chat)
    if changes:
        chat = msgspec.structs.replace(chat, **changes)
    return json.loads(write_call(chat, source, model="upstream", accepts=accepts, provider="acme"))


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": USER, **fields}).encode()


def test_untouched_bytes_go_through_in_their_order() -> None:
    chat, fields = read_chat(b'{"x": [1 , 2], "messages": [{"role":"user", "content":"a"} ], "model":"m", "n": 1}')
    source = Source(dialect="openai_chat", fields=fields, asked=chat)
    told = write_call(chat, source, model="up", accepts=NONE, provider="acme")
    assert told == b'{"x":[1 , 2],"messages":[{"role":"user", "content":"a"} ],"model":"up","n":1}'


def test_service_fields_and_nulls_stay_here() -> None:
    told = sent(
        body(session_id="s", application="a", user_id="u", metadata={"a": "b"}, log_prompt=True, temperature=None)
    )
    assert told == {"model": "upstream", "messages": USER}


def test_metadata_goes_along_with_store_only() -> None:
    assert "metadata" not in sent(body(metadata={"a": "b"}, store=False))
    assert sent(body(metadata={"a": "b"}, store=True))["metadata"] == {"a": "b"}


def test_a_changed_field_is_written_anew_and_a_removed_one_is_gone() -> None:
    told = sent(body(temperature=1, max_tokens=5, odd=1), temperature=0.5, max_tokens=None, top_p=0.9)
    assert told == {"model": "upstream", "messages": USER, "temperature": 0.5, "odd": 1, "top_p": 0.9}


def test_a_stream_always_asks_for_usage_and_keeps_the_other_options() -> None:
    assert sent(body(stream=True))["stream_options"] == {"include_usage": True}
    options = {"include_usage": False, "include_obfuscation": False}
    told = sent(body(stream=True, stream_options=options))
    assert told["stream_options"] == {"include_usage": True, "include_obfuscation": False}


def test_a_field_beyond_the_provider_is_dropped_if_neutral_and_refused_if_not() -> None:
    neutral = {"min_p": 0, "top_k": -1, "repetition_penalty": 1.0, "ignore_eos": False, "peft": ""}
    assert sent(body(**neutral)) == {"model": "upstream", "messages": USER}
    assert sent(body(min_p=0.1), frozenset({"min_p"}))["min_p"] == 0.1
    with pytest.raises(BadRequest, match="`min_p` is not supported by the provider `acme`") as caught:
        sent(body(min_p=0.1))
    assert caught.value.param == "min_p"


def test_a_chat_of_another_dialect_is_rendered() -> None:
    told = sent(body(temperature=0.5, odd=1, session_id="s"), dialect="egp")
    assert told == {"model": "upstream", "messages": USER, "temperature": 0.5}


def test_functions_go_upstream_as_tools() -> None:
    told = sent(body(functions=[{"name": "look"}], function_call="auto"))
    assert "functions" not in told
    assert "function_call" not in told
    assert told["tools"] == [{"type": "function", "function": {"name": "look"}}]


def test_octoais_schema_becomes_a_strict_json_schema() -> None:
    told = sent(body(response_format={"type": "json_object", "schema": {"type": "object"}}))
    schema = {"name": "answer", "schema": {"type": "object"}, "strict": True}
    assert told["response_format"] == {"type": "json_schema", "json_schema": schema}


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text().filter(lambda name: name not in Chat.__struct_fields__), JSONS, max_size=4), JSONS)
@settings(max_examples=100, deadline=None)
def test_unknown_fields_survive_at_every_depth(top: dict[str, Any], deep: Any) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "a", "odd": deep}], "odd": deep}]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"odd": deep}, "odd": deep}, "odd": deep}]
    fields = {**top, "model": "m", "messages": messages, "tools": tools}
    told = sent(json.dumps(fields).encode(), temperature=0.3)
    assert told == {**fields, "model": "upstream", "temperature": 0.3}
