"""Whatever a client sends as a body: the right 4xx, a sentence, the parameter's name, never a 500."""

import json
from typing import Any

import pytest

from tests.flow.asking import HELLO, Answer, Line, ask, chat
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage

LIMIT = 100_000


def check(given: Answer, status: int, param: str | None = None) -> str:
    """The sentence of an error that is as every error is."""
    assert given.status == status, given.body
    assert given.headers["content-type"] == "application/json"
    assert given.headers["x-request-id"].startswith("req_")
    assert given.headers["x-portkey-trace-id"]
    error = given.json["error"]
    assert error["param"] == param
    assert isinstance(error["message"], str) and error["message"].endswith((".", "?", "!"))
    assert "Traceback" not in error["message"] and "msgspec" not in error["message"]
    return str(error["message"])


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"nope", b'{"model": "m", "messages": [', b'{"a": NaN}', b'{"a": 01}', b"{'a': 1}", b'{"a": 1,}',
     b'{"model": "m"} {"model": "m"}', b'{"a": "\x01"}', b'{"a": "\xff\xfe"}', b"\xff\xfe{\x00}\x00", b"null", b"[]",
     b'"text"', b"7", b'{"\\ud800": 1}', b"[" * 10_000, b'{"a":' * 10_000, b'{"messages":' + b"[" * 10_000,
     b'{"model": "m", "messages": [{"role": "user", "content": "x"}], "more": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"])
async def test_a_body_that_is_no_json_object_is_a_400(gateway: Gateway, path: str, body: bytes) -> None:
    given = await ask(gateway, body, path)
    check(given, 400, given.json["error"]["param"])


RANGED: list[tuple[str, Any]] = [
    ("temperature", -0.1), ("temperature", 2.1), ("temperature", 1e400), ("top_p", -0.1), ("top_p", 1.1),
    ("presence_penalty", -2.1), ("presence_penalty", 2.1), ("frequency_penalty", -2.1), ("frequency_penalty", 2.1),
    ("n", 0), ("n", 129), ("n", -1), ("max_tokens", 0), ("max_tokens", -1), ("max_tokens", 2**31),
    ("max_completion_tokens", 0), ("seed", 2**63), ("seed", -(2**63) - 1), ("seed", 2**70), ("min_p", 1.1),
    ("min_p", -0.1), ("top_k", -2), ("repetition_penalty", 0), ("repetition_penalty", -1),
    ("stop", ["a", "b", "c", "d", "e"]), ("messages", []), ("tools", []),
]  # fmt: skip

WRONG: list[tuple[str, Any]] = [
    ("temperature", "hot"), ("temperature", True), ("n", 1.5), ("n", "2"), ("max_tokens", "many"), ("stream", "yes"),
    ("stream", 1), ("stop", 7), ("logit_bias", [1]), ("seed", "x"), ("user", 7), ("messages", "hi"), ("messages", {}),
    ("tools", {}), ("response_format", "json"), ("session_id", 7), ("metadata", "x"), ("metadata", [1]),
    ("application", {"a": 1}), ("model", 7), ("model", ["m"]), ("log_prompt", "no"), ("stream_options", True),
    ("fallback_config", "x"), ("parallel_tool_calls", "yes"), ("logprobs", 3), ("functions", {}), ("user_id", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [*RANGED, *WRONG], ids=lambda value: str(value)[:20])
async def test_a_wrong_value_is_a_400_that_names_its_field(gateway: Gateway, name: str, value: Any) -> None:
    body = json.dumps({**chat(), name: value}).replace("Infinity", "1e400").encode()
    given = await ask(gateway, body)
    said = check(given, 400, name)
    assert f"`{name}`" in said
    row = await gateway.closed_row(given.id)
    assert (row["outcome"], row["status"]) == ("refused", 400)


DEEP: list[tuple[dict[str, Any], str]] = [
    ({"messages": [*HELLO, {"role": "robot", "content": "x"}]}, "messages[1].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": []}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].image_url"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
    ({"messages": ["hi"]}, "messages[0]"),
    ({"messages": [None]}, "messages[0]"),
    ({"logit_bias": {"7": 101}}, "logit_bias"),
    ({"logit_bias": {"seven": 1}}, "logit_bias"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"tools": [{"type": "function"}]}, "tools[0].function"),
    ({"tools": [{"type": "function", "function": {"name": "no good"}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": f"f{n}"}} for n in range(129)]}, "tools"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"evaluation_enabled": False, "apply_corrections": True}, "apply_corrections"),
    ({"evaluation_enabled": False, "safe_mode": True}, "safe_mode"),
    ({"fallback_config": {"timeout": 0}}, "fallback_config.timeout"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "param"), DEEP, ids=[param for _, param in DEEP])
async def test_a_mistake_further_down_is_a_400_that_names_its_place(
    gateway: Gateway, fields: dict[str, Any], param: str
) -> None:
    check(await ask(gateway, chat(**fields)), 400, param)


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_p", 0.5), ("top_k", 5), ("repetition_penalty", 1.5), ("peft", "polite"), ("ignore_eos", True)],
)
async def test_what_a_provider_can_not_express_is_a_400_that_names_field_and_provider(
    gateway: Gateway, name: str, value: Any
) -> None:
    said = check(await ask(gateway, chat(**{name: value})), 400, name)
    assert "`stage`" in said


async def test_messages_are_required(gateway: Gateway) -> None:
    check(await ask(gateway, {"model": "m"}), 400, "messages")


async def test_a_model_is_required(gateway: Gateway) -> None:
    check(await ask(gateway, {"messages": HELLO}), 400, "model")


@pytest.mark.parametrize(
    "model", ["nothing", "", " ", "m ", "Ünï/çødé", "../../etc/passwd", "stage", "other/model", "a\nb", "\u0000",
              "m" * 5000, "<script>", "%s%n", "' or 1=1 --"],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
async def test_an_unknown_model_is_a_404_whatever_its_name(gateway: Gateway, model: str, stream: bool) -> None:
    given = await ask(gateway, chat(model, stream=stream))
    check(given, 400 if model == "" else 404, "model")
    row = await gateway.closed_row(given.id)
    assert row["outcome"] == "refused"


async def test_a_model_of_a_known_provider_needs_no_row(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        given = await ask(gateway, chat("stage/Ünï/çødé model"))
    assert given.status == 200
    assert upstream.requests[0].json["model"] == "Ünï/çødé model"
    assert given.headers["x-parley-model"]


async def test_of_a_field_that_stands_twice_the_last_counts_for_parley_and_upstream_alike(
    gateway: Gateway, stage: Stage
) -> None:
    twice = b'{"model": "nothing", "temperature": 0, "messages": [{}], "temperature": 1, "model": "m", "messages": %b}'
    async with stage.says(WHOLE) as upstream:
        given = await ask(gateway, twice % json.dumps(HELLO).encode())
    assert given.status == 200
    (seen,) = upstream.requests
    assert seen.body.count(b'"temperature"') == seen.body.count(b'"model"') == seen.body.count(b'"messages"') == 1
    assert (seen.json["temperature"], seen.json["messages"]) == (1, HELLO)


async def test_null_is_as_if_not_given(gateway: Gateway, stage: Stage) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ("temperature", "tools", "stop", "stream", "session_id", "n", "logprobs", "metadata")
    )
    async with stage.says(WHOLE) as upstream:
        given = await ask(gateway, chat(**nothing))
    assert given.status == 200
    assert set(upstream.requests[0].json) == {"model", "messages"}


async def test_a_body_of_the_largest_size_is_taken(gateway: Gateway, stage: Stage) -> None:
    body = json.dumps(chat()).encode()
    async with stage.says(WHOLE):
        assert (await ask(gateway, body + b" " * (LIMIT - len(body)))).status == 200


@pytest.mark.parametrize("more", [1, 1_000_000])
async def test_a_larger_body_is_a_413(gateway: Gateway, more: int) -> None:
    body = json.dumps(chat()).encode()
    given = await ask(gateway, body + b" " * (LIMIT + more - len(body)))
    check(given, 413)
    assert (await gateway.closed_row(given.id))["status"] == 413


async def test_a_body_that_only_announces_its_size_is_a_413_at_once(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.post(b"", headers={"content-length": "5000000000"})
        check(await line.answer(), 413)


async def test_a_body_in_chunks_is_a_413_as_soon_as_it_is_too_large(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {gateway.key}\r\n"
            "transfer-encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(11):
            await line.send(b"2710\r\n" + b" " * 10_000 + b"\r\n")
        check(await line.answer(), 413)


async def test_a_body_in_chunks_is_read(gateway: Gateway, stage: Stage) -> None:
    body = json.dumps(chat()).encode()
    async with stage.says(WHOLE), Line(gateway) as line:
        await line.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {gateway.key}\r\n"
            "transfer-encoding: chunked\r\n\r\n".encode()
        )
        for at in range(0, len(body), 9):
            part = body[at : at + 9]
            await line.send(b"%x\r\n%b\r\n" % (len(part), part))
        await line.send(b"0\r\n\r\n")
        assert (await line.answer()).status == 200
