"""The `scale-gp` package, 0.1.0a62, against a scripted upstream and the engine: its calls, parameters and errors."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.features import feature
from tests.clients.packages import Package, Raised, package
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, WHOLE, Stage, both, event, piece, said
from tests.scripted import chunk, json_answer

HELLO = [{"role": "user", "content": "Hello?"}]


@pytest.fixture(scope="module")
def scale(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    home = tmp_path_factory.mktemp("scale-gp")
    with package("scale-gp", "scale_gp", home, url=gateway.origin, key=gateway.key, model="m") as made:
        yield made


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client on a gateway with the demonstration model alone."""
    home = tmp_path_factory.mktemp("engine")
    with (
        Gateway(home, "") as gateway,
        package("scale-gp", "scale_gp", home, url=gateway.origin, key=gateway.key, model="demo") as made,
    ):
        yield made


@feature("plain")
async def test_a_chat(scale: Package, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        answer = await scale.call("chat", messages=HELLO)
    assert answer["chat_completion"] == {
        "message": {"role": "assistant", "content": "Good day."},
        "finish_reason": "stop",
    }
    assert answer["token_usage"] == {"prompt": 7, "completion": 3, "total": 10}
    assert upstream.requests[0].json["temperature"] == 0.2


@feature("streams", "async")
@pytest.mark.parametrize("function", ["stream", "stream_async"])
async def test_a_stream(scale: Package, stage: Stage, function: str) -> None:
    async with stage.plays(both):
        frames = await scale.call(function, messages=HELLO)
    assert "".join(one["chat_completion"]["message"]["content"] for one in frames) == "Good day."
    assert "".join(one["completions"][0][1][0] for one in frames) == "Good day."
    assert [one["token_usage"] for one in frames[:-1]] == [None] * (len(frames) - 1)
    last = frames[-1]
    assert last["chat_completion"]["finish_reason"] == last["finish_reason"] == "stop"
    assert last["token_usage"]["total"] == last["prompt_tokens"] + last["response_tokens"] == 10


@feature("parameters")
async def test_its_parameters(scale: Package, stage: Stage, gateway: Gateway) -> None:
    given = {"temperature": 0.7, "max_tokens": 50, "stop_sequences": ["x"], "top_p": 0.9, "reasoning_effort": "low"}
    async with stage.says(WHOLE) as upstream:
        await scale.call("chat", messages=HELLO, model_parameters=given, account="acc1")
        await scale.call("chat", model="open", messages=HELLO, model_parameters={"top_k": 40}, account_id="acc2")
    first, second = (one.json for one in upstream.requests)
    told = {"temperature": 0.7, "max_tokens": 50, "stop": ["x"], "top_p": 0.9, "reasoning_effort": "low"}
    assert {name: first[name] for name in told} == told
    assert (second["top_k"], second["temperature"]) == (40, 0.2)
    assert "account_id" not in second and "model_parameters" not in second
    assert [row["account"] for row in gateway.rows()][-2:] == ["acc1", "acc2"]


@feature("parameters")
async def test_images_that_come_along(scale: Package, stage: Stage) -> None:
    image = {"type": "image_data", "image_data": {"type": "base64", "data": "AAAA", "media_type": "image/png"}}
    linked = {"type": "image_url", "image_url": {"url": "https://images.example/a.png", "detail": "low"}}
    content = [{"type": "text", "text": "What is this?"}, image, linked]
    async with stage.says(WHOLE) as upstream:
        await scale.call("chat", messages=[{"role": "user", "content": content}])
    shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert upstream.requests[0].json["messages"] == [{"role": "user", "content": [content[0], shown, linked]}]


@feature("parameters", "refusals")
async def test_instructions_and_a_system_message_contradict_each_other(scale: Package) -> None:
    with pytest.raises(Raised) as caught:
        await scale.call("chat", messages=[{"role": "system", "content": "a"}, *HELLO], instructions="b")
    assert caught.value.kind == "BadRequestError"
    assert "instructions" in caught.value.body["detail"]


@feature("parameters", "refusals")
async def test_a_template_is_for_models_of_the_engine(scale: Package, inside: Package) -> None:
    shouting = "{% for m in messages %}{{ m.content }}{% endfor %}"
    with pytest.raises(Raised) as caught:
        await scale.call("chat", messages=HELLO, chat_template=shouting)
    assert caught.value.kind == "BadRequestError" and "chat_template" in caught.value.text
    answer = await inside.call("chat", messages=HELLO, chat_template=shouting, model_parameters={"max_tokens": 4})
    plain = await inside.call("chat", messages=HELLO, model_parameters={"max_tokens": 4})
    assert answer["token_usage"]["prompt"] < plain["token_usage"]["prompt"]


@feature("plain", "streams")
async def test_the_engine_answers_and_streams(inside: Package) -> None:
    cool = {"temperature": 0, "max_tokens": 12}
    whole = await inside.call("chat", messages=HELLO, model_parameters=cool)
    frames = await inside.call("stream", messages=HELLO, model_parameters=cool)
    text = "".join(one["chat_completion"]["message"]["content"] for one in frames)
    assert text == whole["chat_completion"]["message"]["content"]
    assert frames[-1]["token_usage"] == whole["token_usage"]


@feature("completions")
async def test_a_completion(scale: Package, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        answer = await scale.call("complete", prompt="Tell", images=[{"image_url": "https://images.example/a.png"}])
        frames = await scale.call("complete_stream", prompt="Tell")
    assert answer["completion"] == {"text": "Good day.", "finish_reason": "stop"}
    assert answer["token_usage"]["total"] == 10
    assert "".join(one["completion"]["text"] for one in frames) == "Good day."
    assert frames[-1]["completion"]["finish_reason"] == "stop"
    assert upstream.requests[0].json["messages"][0]["content"][1]["type"] == "image_url"


@feature("plain")
async def test_a_chat_with_a_deployment(scale: Package, stage: Stage) -> None:
    history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
    async with stage.says(WHOLE) as upstream:
        answer = await scale.call("deployed_chat", deployment="m", chat_history=history, prompt="Well?", model=None)
    assert answer["completions"] == [["Well?", ["Good day."]]]
    assert (answer["prompt_tokens"], answer["response_tokens"]) == (7, 3)
    assert [one["role"] for one in upstream.requests[0].json["messages"]] == ["user", "assistant", "user"]


@feature("tools")
async def test_an_agent_asks_for_a_tool_and_then_answers(scale: Package, stage: Stage) -> None:
    called = {"id": "call_9", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
    first = said()
    first["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [called]}}
    city = {"city": {"type": "string", "description": "where"}}
    tools = [{"name": "weather", "description": "the weather", "arguments": {"type": "object", "properties": city}}]
    async with stage.says(json_answer(first), WHOLE) as upstream:
        asked = await scale.call("agent", messages=HELLO, tools=tools)
        request = asked["context"]["tool_request"]
        turn = {"role": "agent", "content": "", "tool_request": request}
        result = {"role": "tool", "name": "weather", "content": "rain"}
        answer = await scale.call("agent", messages=[*HELLO, turn, result], tools=tools)
    assert (asked["action"], request) == ("tool_request", {"name": "weather", "arguments": '{"city":"Oslo"}'})
    assert (answer["action"], answer["context"]["content"]) == ("content", "Good day.")
    _, told, result = upstream.requests[1].json["messages"]
    assert told["tool_calls"][0]["id"] == result["tool_call_id"]


@feature("upstream")
@pytest.mark.parametrize("function", ["chat", "stream"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
    ],
)
async def test_an_upstreams_error_is_its_own_exception(
    scale: Package, stage: Stage, status: int, kind: str, function: str
) -> None:
    async with stage.says(json_answer({"error": {"message": "Because."}}, status)):
        with pytest.raises(Raised) as caught:
            await scale.call(function, messages=HELLO)
    assert caught.value.kind == kind
    detail = caught.value.body["detail"]
    assert detail[0]["msg"] == "Because." if status == 422 else detail == "Because."


@feature("refusals")
async def test_parleys_own_refusals_are_its_own_exceptions(scale: Package) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"model_parameters": {"temperature": 1.5}}, "BadRequestError"),
        ({"model": "nothing"}, "NotFoundError"),
        ({"key": "wrong"}, "AuthenticationError"),
        ({"messages": [{"role": "user"}]}, "BadRequestError"),
    ]
    for wrong, kind in cases:
        with pytest.raises(Raised) as caught:
            await scale.call("chat", **{"messages": HELLO, **wrong})
        assert caught.value.kind == kind and isinstance(caught.value.body["detail"], str)


@feature("cut")
async def test_a_stream_that_is_cut_raises(scale: Package, stage: Stage) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        with pytest.raises(Raised) as caught:
            await scale.call("stream", messages=HELLO)
    assert "APIStatusError" in caught.value.kinds and "complete" in caught.value.text
