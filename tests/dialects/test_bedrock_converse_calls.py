"""A chat in Converse's words."""

import json
from typing import Any

import pytest

from parley.core.errors import BadRequest
from parley.dialects.bedrock_converse import write_call
from parley.dialects.openai_chat import read_chat

USER = {"role": "user", "content": "Hello"}
HELLO = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}
CALL = {"type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}
CLAUDE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"


def sent(model: str = CLAUDE, accepts: frozenset[str] = frozenset(), **fields: Any) -> Any:
    chat, _ = read_chat(json.dumps({"messages": [USER], **fields}).encode())
    return json.loads(write_call(chat, model=model, accepts=accepts, provider="acme"))


GOLDEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"stream": True, "user": "u", "n": 1, "seed": None, "presence_penalty": 0, "top_k": -1}, {}),
    (
        {"max_tokens": 5, "temperature": 0, "top_p": 0.5, "stop": "a"},
        {"inferenceConfig": {"maxTokens": 5, "temperature": 0.0, "topP": 0.5, "stopSequences": ["a"]}},
    ),
    (
        {"max_completion_tokens": 6, "stop": ["a", "b"]},
        {"inferenceConfig": {"maxTokens": 6, "stopSequences": ["a", "b"]}},
    ),
    ({"top_k": 4}, {"additionalModelRequestFields": {"top_k": 4}}),
    (
        {"reasoning_effort": "low"},
        {
            "inferenceConfig": {"maxTokens": 4096 + 2048},
            "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        },
    ),
    ({"reasoning_effort": "none"}, {}),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}}},
        {
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {
                        "jsonSchema": {
                            "schema": '{"type":"object","properties":{"a":{"type":"string"}}}',
                            "name": "n",
                        }
                    },
                }
            }
        },
    ),
]


@pytest.mark.parametrize(("fields", "expected"), GOLDEN)
def test_fields_are_mapped(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sent(**fields) == {**HELLO, **expected}


@pytest.mark.parametrize(
    ("model", "fields", "extra"),
    [
        ("us.amazon.nova-pro-v1:0", {"top_k": 4}, {"inferenceConfig": {"topK": 4}}),
        ("cohere.command-r-v1:0", {"top_k": 4}, {"k": 4}),
        ("mistral.mistral-large-2402-v1:0", {"top_k": 4}, {"top_k": 4}),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/" + CLAUDE, {"top_k": 4}, {"top_k": 4}),
        (
            "global.amazon.nova-2-lite-v1:0",
            {"reasoning_effort": "xhigh"},
            {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}},
        ),
        ("amazon.nova-2-lite-v1:0", {"reasoning_effort": "none"}, {"reasoningConfig": {"type": "disabled"}}),
        ("openai.gpt-oss-120b-1:0", {"reasoning_effort": "minimal"}, {"reasoning_effort": "low"}),
        ("openai.gpt-5.6-luna", {"reasoning_effort": "none"}, {"reasoning": {"effort": "none"}}),
        ("us.openai.gpt-6-sol", {"reasoning_effort": "max"}, {"reasoning": {"effort": "max"}}),
    ],
)
def test_each_maker_is_told_in_its_own_words(model: str, fields: dict[str, Any], extra: dict[str, Any]) -> None:
    assert sent(model, **fields)["additionalModelRequestFields"] == extra


def test_an_effort_goes_to_models_that_take_it() -> None:
    told = sent(CLAUDE, frozenset({"effort"}), reasoning_effort="max")
    assert told["outputConfig"] == {"effort": "max"}
    assert told["additionalModelRequestFields"] == {"thinking": {"type": "adaptive"}}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, None),
        ("auto", {"auto": {}}),
        ("required", {"any": {}}),
        ({"type": "function", "function": {"name": "f"}}, {"tool": {"name": "f"}}),
    ],
)
def test_tools_and_the_choice_among_them_are_mapped(choice: Any, expected: Any) -> None:
    bare = {"type": "function", "function": {"name": "g"}, "cache_control": {"type": "ephemeral"}}
    config = sent(tools=[TOOL, bare], tool_choice=choice)["toolConfig"]
    assert config["tools"] == [
        {"toolSpec": {"name": "f", "description": "d", "inputSchema": {"json": SCHEMA}}},
        {"toolSpec": {"name": "g", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
        {"cachePoint": {"type": "default"}},
    ]
    assert config.get("toolChoice") == expected


def test_tools_that_must_not_be_called_are_not_told() -> None:
    assert sent(tools=[TOOL], tool_choice="none") == HELLO


def part(**fields: Any) -> Any:
    return sent(messages=[{"role": "user", "content": [fields]}])["messages"][0]["content"][0]


def test_media_are_bytes_or_in_s3() -> None:
    png = {"image": {"format": "png", "source": {"bytes": "QQ=="}}}
    assert part(type="image_url", image_url={"url": "data:image/png;base64,QQ=="}) == png
    jpeg = {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://b/c.JPG"}}}}
    assert part(type="image_url", image_url={"url": "s3://b/c.JPG"}) == jpeg
    pdf = {"document": {"format": "pdf", "name": "My report 2", "source": {"bytes": "QQ=="}}}
    file = {"file_data": "data:application/pdf;base64,QQ==", "filename": "My_ report?2.pdf"}
    assert part(type="file", file=file) == pdf
    assert part(type="input_audio", input_audio={"data": "QQ==", "format": "mp3"}) == {
        "audio": {"format": "mp3", "source": {"bytes": "QQ=="}}
    }


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"seed": 0}, "seed"),
        ({"frequency_penalty": 0.1}, "frequency_penalty"),
        ({"parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"temperature": 1.5}, "temperature"),
        ({"reasoning_effort": "odd"}, "reasoning_effort"),
        ({"reasoning_effort": "low", "max_tokens": 100}, "reasoning_effort"),
        ({"model": "m", "reasoning_effort": "low"}, "reasoning_effort"),
        ({"model": "m", "top_k": 4}, "top_k"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"messages": [{"role": "system", "content": "s"}]}, "messages"),
        ({"messages": [{"role": "assistant", "content": "a", "thinking_blocks": 5}]}, "messages[0].thinking_blocks"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a"}}]}]},
            "messages[0].content[0].image_url.url",
        ),
        (
            {
                "tools": [TOOL],
                "tool_choice": "none",
                "messages": [USER, {"role": "assistant", "tool_calls": [{"id": "c", **CALL}]}],
            },
            "tool_choice",
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
    model = "meta.llama3-70b-instruct-v1:0" if fields.pop("model", None) else CLAUDE
    with pytest.raises(BadRequest) as caught:
        sent(model, **fields)
    assert caught.value.param == param
    assert param in caught.value.message


def test_a_whole_conversation_is_translated() -> None:
    cached = {"type": "text", "text": "look", "cache_control": {"type": "ephemeral"}}
    told = sent(
        tools=[TOOL],
        messages=[
            {"role": "system", "content": [cached]},
            {"role": "developer", "content": "two"},
            {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "a"}]},
            USER,
            {
                "role": "assistant",
                "content": "",
                "thinking_blocks": [
                    {"type": "thinking", "thinking": "hm", "signature": "s"},
                    {"type": "thinking", "thinking": "unsigned", "signature": ""},
                    {"type": "redacted_thinking", "data": "QQ=="},
                    {"type": "gemini_signature", "signature": "x"},
                ],
                "tool_calls": [{"id": "a|1", **CALL}, {"id": "b" * 70, **CALL}],
            },
            {"role": "tool", "tool_call_id": "a|1", "content": "1"},
            {"role": "tool", "tool_call_id": "b" * 70, "content": ""},
            {"role": "user", "content": "and?"},
        ],
    )
    long = told["messages"][1]["content"][3]["toolUse"]["toolUseId"]
    assert len(long) == 64
    used = {"name": "f", "input": {"a": "b"}}
    assert told["system"] == [{"text": "look"}, {"cachePoint": {"type": "default"}}, {"text": "two"}]
    assert told["messages"] == [
        {"role": "user", "content": [{"text": "a"}, {"text": "Hello"}]},
        {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
                {"reasoningContent": {"redactedContent": "QQ=="}},
                {"toolUse": {"toolUseId": "a_1", **used}},
                {"toolUse": {"toolUseId": long, **used}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "a_1", "content": [{"text": "1"}]}},
                {"toolResult": {"toolUseId": long, "content": [{"text": "(empty)"}]}},
                {"text": "and?"},
            ],
        },
    ]
