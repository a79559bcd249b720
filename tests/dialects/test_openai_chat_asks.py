"""Reading a chat: what is taken, what is refused, and in which words."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.asks import Chat
from parley.core.errors import BadRequest
from parley.dialects.openai_chat import read_chat

USER = [{"role": "user", "content": "Hello"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CALLED = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def ask(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": USER, **fields}).encode()


def refusal(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        read_chat(body)
    assert caught.value.message[-1] == "."
    assert caught.value.status == 400
    return caught.value


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"temperature": 2.1}, "temperature"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": "hot"}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"top_p": 1.1}, "top_p"),
    ({"min_p": -1}, "min_p"),
    ({"repetition_penalty": 0}, "repetition_penalty"),
    ({"presence_penalty": 2.5}, "presence_penalty"),
    ({"frequency_penalty": -2.5}, "frequency_penalty"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"n": 1.5}, "n"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": "many"}, "max_completion_tokens"),
    ({"seed": 2**63}, "seed"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
    ({"stop": [1]}, "stop[0]"),
    ({"logit_bias": {"50": 101}}, "logit_bias"),
    ({"logit_bias": {"the": 1}}, "logit_bias"),
    ({"top_logprobs": 5}, "top_logprobs"),
    ({"top_logprobs": 5, "logprobs": False}, "top_logprobs"),
    ({"top_logprobs": 21, "logprobs": True}, "top_logprobs"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"stream_options": {"include_usage": "yes"}, "stream": True}, "stream_options.include_usage"),
    ({"apply_corrections": True, "evaluation_enabled": False}, "apply_corrections"),
    ({"safe_mode": True, "evaluation_enabled": False}, "safe_mode"),
    ({"fallback_config": {"timeout": 0}}, "fallback_config.timeout"),
    ({"metadata": "x"}, "metadata"),
    ({"tools": []}, "tools"),
    ({"tools": [TOOL] * 129}, "tools"),
    ({"tools": ["look"]}, "tools[0]"),
    ({"tools": [{"type": "function"}]}, "tools[0].function"),
    ({"tools": [{"type": "function", "function": {"name": "has space"}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "a" * 65}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "a", "parameters": 1}}]}, "tools[0].function.parameters"),
    ({"tools": [{"type": "custom", "custom": {}}]}, "tools[0].custom.name"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tool_choice": "maybe", "tools": [TOOL]}, "tool_choice"),
    (
        {"tool_choice": {"type": "function", "function": {"name": "other"}}, "tools": [TOOL]},
        "tool_choice.function.name",
    ),
    ({"tool_choice": {"type": "function"}, "tools": [TOOL]}, "tool_choice.function.name"),
    ({"functions": [{"name": "look"}], "tools": [TOOL]}, "functions"),
    ({"functions": []}, "functions"),
    ({"functions": [{"name": "look"}], "function_call": {"name": "other"}}, "function_call.name"),
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}}, "response_format.json_schema.name"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}}, "response_format.json_schema.schema"),
    ({"response_format": {"type": "json_object", "schema": "x"}}, "response_format.schema"),
    ({"messages": []}, "messages"),
    ({"messages": "hello"}, "messages"),
    ({"messages": ["hello"]}, "messages[0]"),
    ({"messages": [*USER, {"content": "a"}]}, "messages[1].role"),
    ({"messages": [{"role": "robot", "content": "a"}]}, "messages[0].role"),
    ({"messages": [{"role": ["user"], "content": "a"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": []}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": ["a"]}]}, "messages[0].content[0]"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].image_url"),
    ({"messages": [{"role": "tool", "content": "a"}]}, "messages[0].tool_call_id"),
    ({"messages": [{"role": "function", "content": "a"}]}, "messages[0].name"),
    ({"messages": [{"role": "assistant", "tool_calls": []}]}, "messages[0].tool_calls"),
    ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, "messages[0].tool_calls[0].id"),
    ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]}, "messages[0].tool_calls[0].function"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG, ids=[f"{param}-{place}" for place, (_, param) in enumerate(WRONG)])
def test_a_wrong_value_is_refused_with_its_name(fields: dict[str, Any], param: str) -> None:
    error = refusal(ask(**fields))
    assert error.param == param
    assert param.split("[")[0].split(".")[0] in error.message


def test_the_words_are_plain() -> None:
    assert refusal(ask(temperature=3)).message == "`temperature` must be a number of at most 2."
    assert refusal(ask(temperature="a")).message == "`temperature` must be a number, not a string."
    assert refusal(ask(n=1.5)).message == "`n` must be a whole number, without a decimal point."
    assert refusal(b"{}").message == "`messages` is required."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"messages":[{"role":"user","content":"a"}]} trailing',
        b'{"messages":[{"role":"user","content":"a"}],"temperature":NaN}',
        b'{"messages":[{"role":"user","content":"a"}],"x":Infinity}',
        b'{"messages":[{"role":"user","content":"\xff"}]}',
        b'{"messages":[{"role":"user","content":"a"}],"unknown":"\xff"}',
        b'{"messages":[{"role":"user","content":"\\ud83d"}]}',
        b'{"messages":[{"role":"user","content":"a"}],"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"messages":[{"role":"user","content":"a"}],"metadata":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b"[]",
        b"null",
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert refusal(body).code == "invalid_json"


def test_null_is_as_good_as_absent() -> None:
    nothing = dict.fromkeys(set(Chat.__struct_fields__) - {"messages"})
    chat, _ = read_chat(json.dumps({"messages": USER, **nothing}).encode())
    assert chat == Chat(messages=USER)


def test_every_kind_of_message_is_taken() -> None:
    messages = [
        {"role": "system", "content": "s"},
        {"role": "developer", "content": [{"type": "text", "text": "d"}]},
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "https://a/b"}}, {"type": "odd", "x": 1}],
        },
        {"role": "assistant", "content": None, "tool_calls": [CALLED]},
        {"role": "tool", "tool_call_id": "c1", "content": "r"},
        {"role": "assistant", "content": "a"},
    ]
    assert read_chat(ask(messages=messages))[0].messages == messages


def test_the_missing_type_of_a_tool_is_added_in_the_chat_and_in_the_bytes() -> None:
    bare = {"function": {"name": "look", "parameters": {}, "odd": [1, {"x": None}]}}
    chat, fields = read_chat(ask(tools=[bare], tool_choice={"function": {"name": "look"}}))
    assert chat.tools == [{**bare, "type": "function"}]
    assert chat.tool_choice == {"type": "function", "function": {"name": "look"}}
    assert json.loads(bytes(fields["tools"])) == chat.tools
    assert json.loads(bytes(fields["tool_choice"])) == chat.tool_choice


def test_deprecated_functions_are_read_as_tools() -> None:
    messages = [
        *USER,
        {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": "seen"},
    ]
    chat, fields = read_chat(ask(messages=messages, functions=[{"name": "look"}], function_call={"name": "look"}))
    assert chat.tools == [{"type": "function", "function": {"name": "look"}}]
    assert chat.tool_choice == {"type": "function", "function": {"name": "look"}}
    assert chat.parallel_tool_calls is False
    assert chat.messages[1]["tool_calls"][0]["id"] == chat.messages[2]["tool_call_id"]
    assert chat.messages[2]["role"] == "tool"
    assert json.loads(bytes(fields["messages"])) == chat.messages


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(Chat.__struct_fields__), VALUES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_no_body_fails_otherwise_than_with_a_sentence(fields: dict[str, Any]) -> None:
    try:
        read_chat(ask(**fields))
    except BadRequest as error:
        assert error.message
        assert error.param or error.code == "invalid_json"
