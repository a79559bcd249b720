"""A chat in Gemini's words."""

import json
from typing import Any

import pytest

from parley.core.errors import BadRequest
from parley.dialects.gemini import write_call
from parley.dialects.openai_chat import read_chat

USER = {"role": "user", "content": "Hello"}
HELLO = [{"role": "user", "parts": [{"text": "Hello"}]}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}


def sent(model: str = "gemini-2.5-flash", **fields: Any) -> Any:
    chat, _ = read_chat(json.dumps({"messages": [USER], **fields}).encode())
    return json.loads(write_call(chat, model=model, accepts=frozenset(), provider="acme"))


CONFIG: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"temperature": 0, "top_p": 0.5, "top_k": 4}, {"temperature": 0.0, "topP": 0.5, "topK": 4}),
    ({"top_k": -1, "n": 1, "presence_penalty": 0, "logprobs": False, "logit_bias": {}}, {}),
    ({"max_tokens": 5}, {"maxOutputTokens": 5}),
    ({"max_completion_tokens": 6, "n": 2}, {"maxOutputTokens": 6, "candidateCount": 2}),
    ({"stop": "a", "seed": -5}, {"stopSequences": ["a"], "seed": -5}),
    ({"stop": ["a", "b"], "seed": 2**40 + 3}, {"stopSequences": ["a", "b"], "seed": 3}),
    ({"presence_penalty": 0.5, "frequency_penalty": -0.5}, {"presencePenalty": 0.5, "frequencyPenalty": -0.5}),
    ({"logprobs": True}, {"responseLogprobs": True}),
    ({"logprobs": True, "top_logprobs": 3}, {"responseLogprobs": True, "logprobs": 3}),
    ({"response_format": {"type": "text"}}, {}),
    ({"response_format": {"type": "json_object"}}, {"responseMimeType": "application/json"}),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
        {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA},
    ),
    ({"reasoning_effort": "none"}, {"thinkingConfig": {"thinkingBudget": 0}}),
    ({"reasoning_effort": "medium"}, {"thinkingConfig": {"thinkingBudget": 8192, "includeThoughts": True}}),
]


@pytest.mark.parametrize(("fields", "config"), CONFIG)
def test_fields_are_mapped(fields: dict[str, Any], config: dict[str, Any]) -> None:
    assert sent(stream=True, user="u", **fields) == {
        "contents": HELLO,
        **({"generationConfig": config} if config else {}),
    }


@pytest.mark.parametrize("model", ["gemini-3-pro-preview", "models/gemini-3.1-flash", "gemini-flash-latest"])
def test_newer_models_think_in_levels(model: str) -> None:
    config = sent(model, reasoning_effort="high")["generationConfig"]
    assert config == {"thinkingConfig": {"thinkingLevel": "HIGH", "includeThoughts": True}}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, None),
        ("auto", {"mode": "AUTO"}),
        ("required", {"mode": "ANY"}),
        ("none", {"mode": "NONE"}),
        ({"type": "function", "function": {"name": "f"}}, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_tools_and_the_choice_among_them_are_mapped(choice: Any, expected: Any) -> None:
    told = sent(tools=[TOOL, {"type": "google_search"}, {"type": "x", "urlContext": {}}], tool_choice=choice)
    declared = {"name": "f", "description": "d", "parametersJsonSchema": SCHEMA}
    assert told["tools"] == [{"functionDeclarations": [declared]}, {"google_search": {}}, {"urlContext": {}}]
    assert told.get("toolConfig", {}).get("functionCallingConfig") == expected


def test_a_client_of_the_deprecated_functions_is_served() -> None:
    assert sent(functions=[{"name": "f"}])["tools"] == [{"functionDeclarations": [{"name": "f"}]}]


def part(**fields: Any) -> Any:
    return sent(messages=[{"role": "user", "content": [fields]}])["contents"][0]["parts"][0]


def test_media_are_inline_or_by_address() -> None:
    png = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}
    wav = {"inlineData": {"mimeType": "audio/wav", "data": "QQ=="}}
    assert part(type="image_url", image_url={"url": "data:image/PNG;base64,QQ=="}) == png
    assert part(type="file", file={"file_data": "data:image/png;base64,QQ=="}) == png
    assert part(type="input_audio", input_audio={"data": "QQ==", "format": "wav"}) == wav
    jpg = {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://a/b.jpg?c=1"}}
    assert part(type="image_url", image_url={"url": "https://a/b.jpg?c=1"}) == jpg
    uploaded = {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x"}}
    assert part(type="file", file={"file_id": uploaded["fileData"]["fileUri"]}) == uploaded
    assert part(type="video_url", video_url={"url": "gs://b/c.mp4"})["fileData"]["mimeType"] == "video/mp4"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"logit_bias": {"1": 1}}, "logit_bias"),
        ({"min_p": 0.1}, "min_p"),
        ({"parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"reasoning_effort": "odd"}, "reasoning_effort"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
        ({"messages": [{"role": "system", "content": "s"}]}, "messages"),
        ({"messages": [{"role": "assistant", "content": "a", "thinking_blocks": 5}]}, "messages[0].thinking_blocks"),
        ({"messages": [{"role": "user", "content": [{"type": "odd"}]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "1"}]}, "messages[0].tool_call_id"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "ftp://a"}}]}]},
            "messages[0].content[0].image_url.url",
        ),
        (
            {
                "messages": [
                    {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "["}}]}
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
    told = sent(
        tools=[TOOL],
        messages=[
            {"role": "system", "content": "one"},
            {"role": "developer", "content": [{"type": "text", "text": "two"}]},
            USER,
            {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "you"}]},
            {"role": "assistant", "content": "", "tool_calls": [CALL, {**CALL, "id": "call_gemini_r_0_1"}]},
            {"role": "tool", "tool_call_id": "c1", "content": '{"x":1}'},
            {
                "role": "tool",
                "tool_call_id": "call_gemini_r_0_1",
                "content": [
                    {"type": "text", "text": "[2]"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}},
                ],
            },
            {"role": "user", "content": "and?"},
        ],
    )
    used = {"name": "f", "args": {"a": "b"}}
    image = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}
    assert told["systemInstruction"] == {"parts": [{"text": "one"}, {"text": "two"}]}
    assert told["contents"] == [
        {"role": "user", "parts": [{"text": "Hello"}, {"text": "you"}]},
        {"role": "model", "parts": [{"functionCall": {"id": "c1", **used}}, {"functionCall": used}]},
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c1", "name": "f", "response": {"x": 1}}},
                {"functionResponse": {"name": "f", "response": {"output": "[2]"}, "parts": [image]}},
            ],
        },
        {"role": "user", "parts": [{"text": "and?"}]},
    ]


def spoken(model: str = "gemini-3-pro", **message: Any) -> Any:
    return sent(model, messages=[USER, {"role": "assistant", "content": "yes", **message}])["contents"][1]["parts"]


def test_signatures_go_back_on_the_parts_they_came_with() -> None:
    blocks = [
        {"type": "gemini_signature", "issuer": "gemini", "signature": "sig1", "thought": "hm"},
        {"type": "gemini_signature", "issuer": "gemini", "signature": "sig2"},
        {"type": "gemini_signature", "issuer": "gemini", "signature": "sig3", "tool_call_id": "c1"},
        {"type": "gemini_signature", "issuer": "vertex", "signature": "sig9", "tool_call_id": "c2"},
        {"type": "thinking", "thinking": "of another provider", "signature": "sig4"},
    ]
    assert spoken(thinking_blocks=blocks, tool_calls=[CALL, {**CALL, "id": "c2"}]) == [
        {"text": "hm", "thought": True, "thoughtSignature": "sig1"},
        {"text": "yes", "thoughtSignature": "sig2"},
        {"functionCall": {"id": "c1", "name": "f", "args": {"a": "b"}}, "thoughtSignature": "sig3"},
        {"functionCall": {"id": "c2", "name": "f", "args": {"a": "b"}}},
    ]


def test_googles_own_spelling_of_a_signature_is_understood() -> None:
    call = {**CALL, "extra_content": {"google": {"thought_signature": "sig5"}}}
    assert spoken(tool_calls=[call])[1]["thoughtSignature"] == "sig5"


def test_a_call_that_lost_its_signature_is_marked_for_models_that_insist() -> None:
    assert spoken(tool_calls=[CALL])[1]["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in spoken("gemini-2.5-pro", tool_calls=[CALL])[1]
