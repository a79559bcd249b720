"""A chat in Anthropic's words; the types of the anthropic package are the independent judge."""

import json
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from pydantic import ConfigDict, TypeAdapter, with_config

from parley.core.errors import BadRequest
from parley.dialects.anthropic_messages import write_call
from parley.dialects.openai_chat import read_chat

USER = {"role": "user", "content": "Hello"}
PARAMETERS = {"type": "object", "properties": {"a": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": PARAMETERS}}


def sent(accepts: frozenset[str] = frozenset(), **fields: Any) -> Any:
    chat, _ = read_chat(json.dumps({"messages": [USER], **fields}).encode())
    told = json.loads(write_call(chat, model="claude", accepts=accepts, provider="acme"))
    assert told.pop("model") == "claude"
    return told


HELLO = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}], "max_tokens": 4096}
ENABLED = {"type": "enabled", "budget_tokens": 2048}

GOLDEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"max_tokens": 5}, {"max_tokens": 5}),
    ({"max_completion_tokens": 6}, {"max_tokens": 6}),
    ({"temperature": 0.5, "top_p": 0.9, "top_k": 4}, {"temperature": 0.5, "top_p": 0.9, "top_k": 4}),
    ({"temperature": 1, "top_p": 1, "top_k": -1, "n": 1, "logprobs": False, "presence_penalty": 0}, {}),
    ({"stop": "a"}, {"stop_sequences": ["a"]}),
    (
        {"stop": ["a", "b"], "stream": True, "user": "u"},
        {"stop_sequences": ["a", "b"], "stream": True, "metadata": {"user_id": "u"}},
    ),
    ({"reasoning_effort": "low"}, {"thinking": ENABLED, "max_tokens": 4096 + 2048}),
    ({"reasoning_effort": "high", "max_tokens": 4096}, {"thinking": ENABLED, "max_tokens": 4096}),
    ({"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": PARAMETERS}}},
        {"output_config": {"format": {"type": "json_schema", "schema": PARAMETERS}}},
    ),
    ({"response_format": {"type": "text"}}, {}),
    ({"tools": [TOOL]}, {"tools": [{"name": "f", "description": "d", "input_schema": PARAMETERS}]}),
]


@pytest.mark.parametrize(("fields", "expected"), GOLDEN)
def test_fields_are_mapped(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sent(**fields) == {**HELLO, **expected}


def test_an_effort_goes_to_models_that_take_it() -> None:
    told = sent(frozenset({"effort"}), reasoning_effort="minimal")
    assert (told["thinking"], told["output_config"]) == ({"type": "adaptive"}, {"effort": "low"})


@pytest.mark.parametrize(
    ("choice", "parallel", "expected"),
    [
        (None, None, None),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("auto", True, {"type": "auto"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        ("none", False, {"type": "none"}),
        ({"type": "function", "function": {"name": "f"}}, None, {"type": "tool", "name": "f"}),
    ],
)
def test_the_choice_of_a_tool_is_mapped(choice: Any, parallel: Any, expected: Any) -> None:
    assert sent(tools=[TOOL], tool_choice=choice, parallel_tool_calls=parallel).get("tool_choice") == expected


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"1": 1}}, "logit_bias"),
        ({"seed": 0}, "seed"),
        ({"presence_penalty": 0.1}, "presence_penalty"),
        ({"frequency_penalty": 0.1}, "frequency_penalty"),
        ({"min_p": 0.1}, "min_p"),
        ({"temperature": 1.5}, "temperature"),
        ({"reasoning_effort": "odd"}, "reasoning_effort"),
        ({"reasoning_effort": "low", "max_tokens": 100}, "reasoning_effort"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
        ({"messages": [{"role": "system", "content": "s"}]}, "messages"),
        ({"messages": [{"role": "assistant", "content": "a", "thinking_blocks": 5}]}, "messages[0].thinking_blocks"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0]"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://a"}}]}]},
            "messages[0].content[0].image_url.url",
        ),
        (
            {
                "messages": [
                    {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "[1]"}}]}
                ]
            },
            "messages[0].tool_calls[0].function.arguments",
        ),
    ],
)
def test_what_can_not_be_said_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        sent(**fields)
    assert caught.value.param == param
    assert param in caught.value.message


def test_a_whole_conversation_is_translated() -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    cached = {"type": "text", "text": "look", "cache_control": {"type": "ephemeral"}}
    told = sent(
        tools=[TOOL],
        messages=[
            {"role": "system", "content": "one"},
            {"role": "developer", "content": "two"},
            {
                "role": "user",
                "content": [cached, {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}],
            },
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a/b.png"}}]},
            {
                "role": "assistant",
                "content": "",
                "thinking_blocks": [thought],
                "tool_calls": [{"id": "a|1", **call}, {"id": "b", **call}],
            },
            {"role": "tool", "tool_call_id": "a|1", "content": "1"},
            {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "2"}]},
            {"role": "user", "content": "and?"},
        ],
    )
    assert told["system"] == [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    image = {"type": "base64", "media_type": "image/png", "data": "QQ=="}
    assert told["messages"] == [
        {
            "role": "user",
            "content": [
                cached,
                {"type": "image", "source": image},
                {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                thought,
                {"type": "tool_use", "id": "a_1", "name": "f", "input": {"a": "b"}},
                {"type": "tool_use", "id": "b", "name": "f", "input": {"a": "b"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a_1", "content": "1"},
                {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "2"}]},
                {"type": "text", "text": "and?"},
            ],
        },
    ]
    strict = with_config(ConfigDict(extra="forbid"))(MessageCreateParamsNonStreaming)
    TypeAdapter(strict).validate_python({"model": "claude", **told})
