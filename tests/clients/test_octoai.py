"""The `octoai` package, 1.11.0, against a scripted upstream and the engine: its calls, its parameters, its errors."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.features import feature
from tests.clients.packages import Package, Raised, package
from tests.engine import ggufs
from tests.flow.asking import ask, chat
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, USAGE, WHOLE, Stage, both, event, piece, pieces, said
from tests.scripted import Visit, chunk, json_answer, sse_answer

HELLO = [{"role": "user", "content": "Hello?"}]
WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
CALLED = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
TEXT = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "x"}


@pytest.fixture(scope="module")
def octoai(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    home = tmp_path_factory.mktemp("octoai")
    with package("octoai", "octoai", home, url=gateway.origin, key=gateway.key, model="m") as made:
        yield made


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client on a gateway whose engine has a small model with an adapter."""
    home = tmp_path_factory.mktemp("engine")
    ggufs.write_llama(home / "tiny.gguf")
    ggufs.write_adapter(home / "a.gguf", seed=1)
    demo = '[engine.models.demo]\npath = "builtin:demo"\n'
    tiny = '[engine.models.tiny]\npath = "tiny.gguf"\nadapters = { polite = "a.gguf" }\n'
    with (
        Gateway(home, demo + tiny) as gateway,
        package("octoai", "octoai", home, url=gateway.origin, key=gateway.key, model="tiny") as made,
    ):
        yield made


@feature("plain")
async def test_a_chat(octoai: Package, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        answer = await octoai.call("chat", messages=HELLO)
    assert answer["choices"][0]["message"]["content"] == "Good day."
    assert answer["usage"]["total_tokens"] == 10
    assert upstream.requests[0].json["max_tokens"] == 512


@feature("streams", "async")
@pytest.mark.parametrize("function", ["stream", "stream_async"])
async def test_a_stream(octoai: Package, stage: Stage, function: str) -> None:
    async with stage.plays(both) as upstream:
        chunks = await octoai.call(function, messages=HELLO)
    assert text_of(chunks) == "Good day."
    assert upstream.requests[0].json["max_tokens"] == 512


@feature("streams")
async def test_a_stream_with_usage(octoai: Package, stage: Stage) -> None:
    async with stage.plays(both):
        chunks = await octoai.call("stream", messages=HELLO, stream_options={"include_usage": True})
    assert chunks[-1]["usage"]["total_tokens"] == 10


@feature("tools")
async def test_tools_without_a_type(octoai: Package, stage: Stage) -> None:
    first = said()
    first["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [CALLED]}}
    async with stage.says(json_answer(first), WHOLE) as upstream:
        asked = await octoai.call("chat", messages=HELLO, functions=[WEATHER])
        message = asked["choices"][0]["message"]
        result = {"role": "tool", "tool_call_id": "call_1", "content": "rain"}
        answer = await octoai.call("chat", messages=[*HELLO, message, result], functions=[WEATHER])
    assert message["tool_calls"][0]["function"]["arguments"] == '{"city":"Oslo"}'
    assert answer["choices"][0]["message"]["content"] == "Good day."
    assert upstream.requests[0].json["tools"] == [{"type": "function", "function": WEATHER}]


@feature("tools", "streams")
async def test_tools_in_a_stream(octoai: Package, stage: Stage) -> None:
    called = piece({"tool_calls": [{"index": 0, **CALLED}]})
    async with stage.says(sse_answer(piece({"role": "assistant"}), called, piece({}, "tool_calls"))):
        chunks = await octoai.call("stream", messages=HELLO, functions=[WEATHER])
    (call,) = [one for chunk in chunks for one in chunk["choices"][0]["delta"].get("tool_calls") or ()]
    assert call["function"]["name"] == "weather"


@feature("parameters")
async def test_its_sampling_parameters_reach_an_upstream_that_has_them(octoai: Package, stage: Stage) -> None:
    given = {"min_p": 0.1, "repetition_penalty": 1.2, "ignore_eos": True, "max_tokens": 9, "stop": ["x"], "n": 1}
    async with stage.says(WHOLE) as upstream:
        await octoai.call("chat", messages=HELLO, **{"model": "open", **given, "log_prompt": True, "user": None})
    asked = upstream.requests[0].json
    assert {name: asked[name] for name in given} == given
    assert "log_prompt" not in asked


@feature("parameters")
async def test_a_schema_in_json_object_binds_the_upstream(octoai: Package, stage: Stage) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    async with stage.says(WHOLE) as upstream:
        await octoai.call("chat", messages=HELLO, schema=schema)
    assert upstream.requests[0].json["response_format"]["json_schema"]["schema"] == schema


@feature("parameters")
async def test_a_schema_binds_the_engine(inside: Package) -> None:
    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    }
    answer = await inside.call("chat", messages=HELLO, schema=schema, model="demo")
    assert isinstance(json.loads(answer["choices"][0]["message"]["content"])["ok"], bool)


@feature("parameters")
async def test_the_likelihood_of_a_prompt(inside: Package) -> None:
    answer = await inside.call("chat", messages=HELLO, loglikelihood=True)
    choice, usage = answer["choices"][0], answer["usage"]
    assert len(choice["logprobs"]["content"]) == usage["prompt_tokens"] - 1
    assert all(one["logprob"] <= 0 for one in choice["logprobs"]["content"])
    assert usage["completion_tokens"] == 0 and not choice["message"].get("content")


@feature("parameters")
async def test_an_adapter_is_chosen_by_peft(inside: Package) -> None:
    plain = await inside.call("chat", messages=HELLO, loglikelihood=True)
    polite = await inside.call("chat", messages=HELLO, loglikelihood=True, peft="polite")
    assert plain["choices"][0]["logprobs"] != polite["choices"][0]["logprobs"]
    with pytest.raises(Raised) as caught:
        await inside.call("chat", messages=HELLO, peft="rude")
    assert caught.value.status == 404 and "rude" in caught.value.text


@feature("parameters", "refusals")
@pytest.mark.parametrize("field", [{"peft": "polite"}, {"loglikelihood": True}, {"ignore_eos": True}])
async def test_what_would_change_the_answer_is_refused_where_it_can_not_be_had(
    octoai: Package, field: dict[str, Any]
) -> None:
    with pytest.raises(Raised) as caught:
        await octoai.call("chat", messages=HELLO, **field)
    assert (caught.value.kind, caught.value.status) == ("ApiError", 400)
    assert caught.value.body["param"] in field


@feature("completions")
async def test_a_text_completion(octoai: Package, stage: Stage) -> None:
    choice = {"index": 0, "text": "once upon", "finish_reason": "stop", "logprobs": None}
    async with stage.says(json_answer({**TEXT, "choices": [choice], "usage": USAGE})) as upstream:
        answer = await octoai.call("complete", prompt="Tell")
    assert answer["choices"][0]["text"] == "once upon" and answer["system_fingerprint"] == ""
    assert upstream.requests[0].json["max_tokens"] == 512


@feature("completions", "streams")
async def test_a_streamed_text_completion(octoai: Package, stage: Stage) -> None:
    texts = [{"index": 0, "text": text, "finish_reason": None} for text in ("once", " upon")]
    played = [{**TEXT, "choices": [text]} for text in texts]
    async with stage.says(sse_answer(*played, {**TEXT, "choices": [], "usage": USAGE})):
        chunks = await octoai.call("complete_stream", prompt="Tell", stream_options={"include_usage": True})
    assert "".join(one["choices"][0]["text"] for one in chunks if one["choices"]) == "once upon"
    assert chunks[-1]["usage"]["total_tokens"] == 10


@feature("upstream")
@pytest.mark.parametrize("function", ["chat", "stream"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "ApiError"),
        (401, "ApiError"),
        (404, "ApiError"),
        (422, "UnprocessableEntityError"),
        (429, "ApiError"),
        (500, "InternalServerError"),
        (503, "ApiError"),
    ],
)
async def test_an_upstreams_error_is_its_own_exception(
    octoai: Package, stage: Stage, status: int, kind: str, function: str
) -> None:
    async with stage.says(json_answer({"error": {"message": "Because.", "type": "some_type"}}, status)):
        with pytest.raises(Raised) as caught:
            await octoai.call(function, messages=HELLO)
    assert (caught.value.kind, caught.value.status) == (kind, status)
    assert "Because." in caught.value.text


@feature("refusals")
async def test_parleys_own_refusals_are_its_own_exceptions(octoai: Package) -> None:
    for wrong, status in (({"temperature": 7}, 400), ({"model": "nothing"}, 404), ({"key": "wrong"}, 401)):
        with pytest.raises(Raised) as caught:
            await octoai.call("chat", **{"messages": HELLO, **wrong})
        assert (caught.value.kind, caught.value.status) == ("ApiError", status)


@feature("cut")
async def test_a_stream_that_is_cut_raises(octoai: Package, stage: Stage, gateway: Gateway) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b""))

    async with stage.plays(script):
        with pytest.raises(Raised) as caught:
            await octoai.call("stream", messages=HELLO)
    assert caught.value.kind == "RemoteProtocolError"
    assert (await gateway.found("status = 502 and stream"))["outcome"] == "failed"


@feature("refusals")
async def test_the_form_that_additional_body_parameters_send_is_refused_in_plain_words(octoai: Package) -> None:
    with pytest.raises(Raised) as caught:
        more = {"additional_body_parameters": {"top_k": 4}}
        await octoai.call("chat", messages=HELLO, request_options=more)
    assert caught.value.status == 400 and "form" in caught.value.text


@feature("streams")
async def test_a_silent_stream_says_nothing_to_its_clients(stage: Stage, tmp_path: Any) -> None:
    async def script(visit: Visit) -> None:
        first, *rest = pieces()
        while True:
            await visit.request()
            await visit.send(STREAM_HEAD, event(first))
            await asyncio.sleep(0.5)
            await visit.send(*map(event, rest), event("[DONE]"), chunk(b""))

    with Gateway(tmp_path, config(stage, server="ping = 0.1")) as gateway:
        async with stage.plays(script):
            theirs = await ask(gateway, chat(stream=True), headers={"user-agent": "octoai-0.10.1"})
            ours = await ask(gateway, chat(stream=True))
    assert b": ping" not in theirs.body and b": ping" in ours.body
    assert theirs.text == ours.text == "Good day."


def text_of(chunks: list[Any]) -> str:
    """What the first choice of a stream says."""
    return "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks if one["choices"])
