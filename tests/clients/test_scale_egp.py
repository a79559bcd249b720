"""The `scale-egp` package, 1.1.15, against a scripted upstream: who it is, its catalogue, its calls and its errors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.features import feature
from tests.clients.packages import Package, Raised, package
from tests.engine import ggufs
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, USAGE, WHOLE, Stage, both, event, piece, said
from tests.scripted import chunk, json_answer

HELLO = [{"role": "user", "content": "Hello?"}]
CHAT = {"temperature": 0.2, "stop_sequences": None, "max_tokens": None, "model_request_parameters": None}
CALLED = {"id": "call_9", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
TOOLS = [{"name": "weather", "description": "the weather", "arguments": {"type": "object", "properties": {}}}]


@pytest.fixture(scope="module")
def scale(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    home = tmp_path_factory.mktemp("scale-egp")
    with package("scale-egp", "scale_egp", home, url=gateway.origin, key=gateway.key) as made:
        yield made


@feature("config")
async def test_a_client_without_an_account_finds_the_keys(scale: Package) -> None:
    assert await scale.call("default_account") == "default"


@feature("models")
async def test_the_catalogue(scale: Package) -> None:
    models = {one["name"]: one for one in await scale.call("models")}
    assert models["m"]["id"] == "m" and models["m"]["model_type"] == "CHAT_COMPLETION"
    assert {one["name"] for one in await scale.call("groups")} >= {"stage", "claude"}


@feature("plain")
async def test_a_chat_with_a_deployment(scale: Package, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        answer = await scale.call("execute", model="m", kind="CHAT_COMPLETION", request={**CHAT, "messages": HELLO})
    assert answer == {"message": {"role": "assistant", "content": "Good day."}, "finish_reason": "stop"}
    assert (upstream.requests[0].json["temperature"], upstream.requests[0].json["model"]) == (0.2, "upstream-model")


@feature("tools")
async def test_an_agent(scale: Package, stage: Stage) -> None:
    first = said()
    first["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [CALLED]}}
    request = {"instructions": "Be brief.", "tools": TOOLS, "messages": HELLO, "memory_strategy": None}
    async with stage.says(json_answer(first), WHOLE):
        asked = await scale.call("execute", model="m", kind="AGENT", request=request)
        answer = await scale.call("execute", model="m", kind="AGENT", request={**request, "tools": []})
    wanted = {"name": "weather", "arguments": '{"city":"Oslo"}'}
    assert asked == {"action": "tool_request", "context": {"content": None, "tool_request": wanted}}
    assert answer == {"action": "content", "context": {"content": "Good day.", "tool_request": None}}


@feature("completions")
async def test_completions_of_several_prompts(scale: Package, stage: Stage) -> None:
    choices = [{"index": n, "text": text, "finish_reason": "stop"} for n, text in enumerate(("c1", "c2"))]
    known = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "x"}
    async with stage.says(json_answer({**known, "choices": choices, "usage": USAGE})) as upstream:
        answer = await scale.call("execute", model="m", kind="COMPLETION", request={**CHAT, "prompts": ["a", "b"]})
    assert answer["completions"] == [["a", ["c1"]], ["b", ["c2"]]]
    assert (answer["prompt_tokens"], answer["response_tokens"]) == (7, 3)
    assert upstream.requests[0].target == "/v1/completions"


@feature("embeddings")
async def test_embeddings(scale: Package, stage: Stage) -> None:
    data = [{"object": "embedding", "index": n, "embedding": [1.0, float(n)]} for n in range(2)]
    usage = {"prompt_tokens": 4, "total_tokens": 4}
    async with stage.says(json_answer({"object": "list", "data": data, "model": "x", "usage": usage})):
        answer = await scale.call("execute", model="m", kind="EMBEDDING", request={"texts": ["a", "b"]})
    assert answer == {"embeddings": [["a", [1.0, 0.0]], ["b", [1.0, 1.0]]], "tokens_used": 4}


@feature("embeddings")
async def test_a_model_of_the_engine_that_embeds(tmp_path: Path) -> None:
    ggufs.write_encoder(tmp_path / "encoder.gguf")
    with (
        Gateway(tmp_path, '[engine.models.encoder]\npath = "encoder.gguf"\n') as gateway,
        package("scale-egp", "scale_egp", tmp_path, url=gateway.origin, key=gateway.key) as scale,
    ):
        (model,) = await scale.call("models")
        answer = await scale.call("execute", model="encoder", kind="EMBEDDING", request={"texts": ["a", "b"]})
    assert (model["model_type"], model["model_vendor"]) == ("EMBEDDING", "LLMENGINE")
    assert [text for text, _ in answer["embeddings"]] == ["a", "b"] and answer["tokens_used"] > 0


@feature("refusals")
async def test_reranking_is_refused_in_plain_words(scale: Package) -> None:
    with pytest.raises(Raised) as caught:
        await scale.call("execute", model="m", kind="RERANKING", request={"query": "q", "chunks": ["c"]})
    assert caught.value.status == 400 and "Rerankers" in caught.value.text


@feature("refusals", "parameters")
async def test_bindings_are_refused(scale: Package) -> None:
    request = {**CHAT, "messages": HELLO, "model_request_parameters": {"bindings": {"a": "1"}}}
    with pytest.raises(Raised) as caught:
        await scale.call("execute", model="m", kind="CHAT_COMPLETION", request=request)
    assert caught.value.status == 400 and "model_request_parameters" in caught.value.text


@feature("completions")
async def test_a_completion(scale: Package, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        answer = await scale.call("complete", model="m", prompt="Tell", parameters={"temperature": 0.5})
    assert answer["completion"] == {"text": "Good day.", "finish_reason": "stop"}
    assert answer["token_usage"] == {"prompt": 7, "completion": 3, "total": 10}
    assert upstream.requests[0].json["temperature"] == 0.5


@feature("completions", "streams")
async def test_a_streamed_completion(scale: Package, stage: Stage) -> None:
    async with stage.plays(both):
        frames = await scale.call("complete_stream", model="m", prompt="Tell")
    assert "".join(one["completion"]["text"] for one in frames) == "Good day."
    assert [one["token_usage"] for one in frames][:-1] == [None, None]
    assert frames[-1]["token_usage"]["total"] == 10 and frames[-1]["completion"]["finish_reason"] == "stop"


@feature("upstream")
@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500])
async def test_an_upstreams_error_is_its_own_exception(scale: Package, stage: Stage, status: int) -> None:
    async with stage.says(json_answer({"error": {"message": "Because."}}, status)):
        for function, asked in CALLS.items():
            with pytest.raises(Raised) as caught:
                await scale.call(function, **asked)
            assert "EGPException" in caught.value.kinds and caught.value.status == status
            assert caught.value.kind == ("ItemDoesNotExist" if status == 404 else "EGPException")
            assert "Because." in caught.value.text


CALLS: dict[str, dict[str, Any]] = {
    "complete": {"model": "m", "prompt": "Tell"},
    "execute": {"model": "m", "kind": "CHAT_COMPLETION", "request": {**CHAT, "messages": HELLO}},
}


@feature("refusals")
async def test_parleys_own_refusals_are_its_own_exceptions(scale: Package) -> None:
    cases: list[tuple[dict[str, Any], int]] = [({"model": "nothing"}, 404), ({"key": "wrong"}, 401)]
    for wrong, status in cases:
        with pytest.raises(Raised) as caught:
            await scale.call("complete", **{"model": "m", "prompt": "Tell", **wrong})
        assert caught.value.status == status and not caught.value.text.startswith("{")
    with pytest.raises(Raised) as caught:
        await scale.call("execute", model="nothing", kind="AGENT", request={})
    assert caught.value.kind == "ItemDoesNotExist" and caught.value.text.startswith("There is no model `nothing`")
    with pytest.raises(Raised) as caught:
        await scale.call("default_account", key="wrong")
    assert caught.value.status == 401 and not caught.value.text.startswith("{")


@feature("cut")
async def test_a_stream_that_is_cut_raises(scale: Package, stage: Stage) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        with pytest.raises(Raised) as caught:
            await scale.call("complete_stream", model="m", prompt="Tell")
    assert caught.value.kind == "ValidationError"
