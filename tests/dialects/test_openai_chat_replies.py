"""Whole replies and errors of the chat dialect, both ways."""

import json
from typing import Any

import msgspec
import pytest
from openai.types.chat import ChatCompletion

from parley.core import errors
from parley.core.asks import Chat
from parley.core.errors import GatewayError, UpstreamError, UpstreamGarbled, UpstreamRefused
from parley.core.reply import Usage
from parley.dialects.openai_chat import read_chat, read_error, read_reply, write_error, write_reply

CHAT = Chat(messages=[{"role": "user", "content": "a"}])
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def reply(message: dict[str, Any], finish: str = "stop", **rest: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "logprobs": None, "finish_reason": finish}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    body = {"id": "r", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    return json.dumps({**body, **rest}).encode()


@pytest.mark.parametrize(
    "message",
    [
        {"content": "Hello"},
        {"content": None, "refusal": "No."},
        {"content": None, "tool_calls": [CALL]},
        {"content": "a", "reasoning_content": "hm", "thinking_blocks": [{"type": "thinking"}]},
    ],
)
def test_read_rendered_and_read_again_is_the_same(message: dict[str, Any]) -> None:
    body = reply(message)
    read = read_reply(body)
    assert write_reply(read, CHAT) == body
    rendered = write_reply(msgspec.structs.replace(read, raw=None), CHAT)
    ChatCompletion.model_validate_json(rendered)
    assert msgspec.structs.replace(read_reply(rendered), raw=None) == msgspec.structs.replace(read, raw=None)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 4}}, Usage(prompt_tokens=9, completion_tokens=1, cached_tokens=4)),
        ({"prompt_cache_hit_tokens": 5}, Usage(prompt_tokens=9, completion_tokens=1, cached_tokens=5)),
        (
            {"completion_tokens_details": {"reasoning_tokens": 1}},
            Usage(prompt_tokens=9, completion_tokens=1, reasoning_tokens=1),
        ),
    ],
)
def test_the_details_of_usage_are_read(usage: dict[str, Any], expected: Usage) -> None:
    read = read_reply(reply({"content": "a"}, usage={"prompt_tokens": 9, "completion_tokens": 1, **usage}))
    assert read.usage == expected


def test_a_reply_without_usage_gets_it() -> None:
    body = json.loads(reply({"content": "a"}, odd=1))
    del body["usage"]
    told = json.loads(write_reply(read_reply(json.dumps(body).encode()), CHAT))
    assert told["usage"]["total_tokens"] == 0
    assert told["odd"] == 1


def test_a_client_of_functions_hears_a_function_call() -> None:
    chat, _ = read_chat(b'{"messages":[{"role":"user","content":"a"}],"functions":[{"name":"f"}]}')
    told = json.loads(write_reply(read_reply(reply({"content": None, "tool_calls": [CALL]}, "tool_calls")), chat))
    assert told["choices"][0]["message"]["function_call"] == {"name": "f", "arguments": "{}"}
    assert told["choices"][0]["finish_reason"] == "function_call"


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"{}", b'{"choices":[]}', b'{"choices":5}', b"[" * 10_000])
def test_what_is_no_reply_is_garbled(body: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read_reply(body)


def test_an_error_inside_a_200_is_the_upstreams() -> None:
    with pytest.raises(UpstreamError, match="too busy"):
        read_reply(b'{"error":{"message":"too busy","code":503}}')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"message":"m","type":"t","param":"p","code":"c"}}', "m"),
        (b'{"error":"m"}', "m"),
        (b'{"detail":"m"}', "m"),
        (b'{"detail":[{"loc":["a"],"msg":"m"}]}', '[{"loc":["a"],"msg":"m"}]'),
        (b'{"message":"m"}', "m"),
        (b'[{"error":{"message":"m"}}]', "m"),
        (b"m", "m"),
        (b"<html>" + b"x" * 1000, "<html>" + "x" * 494),
        (b"\xff", "\ufffd"),
        (b"", "The upstream answered with status 418 and no words."),
        (b"null", "The upstream answered with status 418 and no words."),
        (b"{}", "The upstream answered with status 418 and no words."),
    ],
)
def test_an_upstreams_words_are_kept(body: bytes, message: str) -> None:
    error = read_error(418, body)
    assert isinstance(error, UpstreamRefused)
    assert (error.status, error.message) == (418, message)
    if b'"param"' in body:
        assert (error.type, error.param, error.code) == ("t", "p", "c")


def kinds(kind: type[GatewayError]) -> list[type[GatewayError]]:
    return [kind, *(deeper for inner in kind.__subclasses__() for deeper in kinds(inner))]


@pytest.mark.parametrize("kind", kinds(errors.GatewayError))
def test_every_error_renders(kind: type[GatewayError]) -> None:
    told = json.loads(write_error(kind("It went wrong.", param="x")))
    assert told["error"]["message"] == told["message"] == "It went wrong."
    assert told["error"].keys() == {"message", "type", "param", "code"}
    assert told["object"] == "error"
    assert ("detail" in told) == (kind.status == 422)
