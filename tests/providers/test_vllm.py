"""Every parameter of the union surface, through a whole gateway to a vLLM server that takes only what vLLM takes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.flow.asking import Answer, ask, chat
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, said
from tests.providers.vllm_server import MODELS, TRUSTS_TEMPLATES, vllm
from tests.scripted import Upstream, json_answer

BASE, ADAPTER = MODELS
TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one model, which is vLLM's."""
    text = f"""
[engine.models]
[providers.cluster]
dialect = "vllm"
base_url = "{stage.url}"
api_key = "sk-cluster"
[models.qwen]
provider = "cluster"
upstream = "{BASE}"
"""
    with Gateway(tmp_path_factory.mktemp("vllm"), text) as made:
        yield made


@pytest.fixture
async def server(stage: Stage) -> AsyncIterator[Upstream]:
    """vLLM on the stage."""
    async with stage.plays(vllm()) as upstream:
        yield upstream


async def told(gateway: Gateway, server: Upstream, **fields: Any) -> dict[str, Any]:
    """What vLLM is sent for a chat, without what every chat sends."""
    given = await ask(gateway, chat("qwen", **fields))
    assert given.status == 200, given.body
    seen = server.requests[-1].json
    assert seen.pop("model") == BASE and seen.pop("messages")
    return dict(seen)


SAME: list[tuple[str, Any]] = [
    ("temperature", 0),
    ("temperature", 2),
    ("top_p", 0.5),
    ("n", 2),
    ("stop", ["a", "b"]),
    ("max_tokens", 5),
    ("max_completion_tokens", 5),
    ("presence_penalty", -2),
    ("frequency_penalty", 2),
    ("logit_bias", {"5": -100}),
    ("seed", -(2**63)),
    ("min_p", 0.05),
    ("top_k", -1),
    ("top_k", 40),
    ("repetition_penalty", 1.1),
    ("ignore_eos", True),
    ("logprobs", True),
    ("reasoning_effort", "low"),
    ("chat_template", TRUSTS_TEMPLATES),
    ("structured_outputs", {"regex": "a+"}),
    ("chat_template_kwargs", {"enable_thinking": False}),
]


@pytest.mark.parametrize(("name", "value"), SAME, ids=[f"{name}={value}" for name, value in SAME])
async def test_what_has_the_same_name_there_is_sent_as_it_is(
    gateway: Gateway, server: Upstream, name: str, value: Any
) -> None:
    assert await told(gateway, server, **{name: value}) == {name: value}


async def test_a_cut_that_cuts_nothing_is_told_in_a_value_that_every_version_takes(
    gateway: Gateway, server: Upstream
) -> None:
    assert await told(gateway, server, top_k=0) == {"top_k": -1}


async def test_the_likeliest_token_alone_is_told_in_a_value_that_vllm_takes(gateway: Gateway, server: Upstream) -> None:
    sent = await told(gateway, server, top_p=0)
    assert 0 < sent["top_p"] < 1e-6


async def test_an_adapter_is_asked_as_a_model(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", peft=ADAPTER))
    assert given.status == 200
    assert server.requests[-1].json["model"] == ADAPTER
    assert "peft" not in server.requests[-1].json


async def test_no_adapter_is_the_model_itself(gateway: Gateway, server: Upstream) -> None:
    assert await told(gateway, server, peft="") == {}


async def test_an_adapter_that_is_not_there_is_vllms_404(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", peft="rude"))
    assert given.status == 404
    assert given.json["error"]["message"] == "The model `rude` does not exist."


async def test_a_template_that_the_server_does_not_trust_is_vllms_400(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", chat_template="{{ 1 }}"))
    assert given.status == 400
    assert "--trust-request-chat-template" in given.json["error"]["message"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"type": "json_object"}, {"type": "json_object"}),
        (
            {"type": "json_object", "schema": SCHEMA},
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}},
        ),
        (
            {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
            {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
        ),
    ],
)
async def test_a_schema_is_told_in_the_form_that_every_version_binds(
    gateway: Gateway, server: Upstream, given: Any, sent: Any
) -> None:
    assert await told(gateway, server, response_format=given) == {"response_format": sent}


@pytest.mark.parametrize("choice", ["auto", "none", "required", {"type": "function", "function": {"name": "now"}}])
async def test_tools_are_sent_as_they_are(gateway: Gateway, server: Upstream, choice: Any) -> None:
    asked = {"tools": [TOOL], "tool_choice": choice, "parallel_tool_calls": False}
    assert await told(gateway, server, **asked) == asked


async def test_the_prompts_logprobs_are_asked_beside_one_token_and_nothing_else(
    gateway: Gateway, server: Upstream
) -> None:
    asked = {"loglikelihood": True, "n": 1, "max_completion_tokens": 9, "stop": "x", "tools": [TOOL]}
    sent = await told(gateway, server, **asked, response_format={"type": "text"}, tool_choice="required")
    assert sent == {"prompt_logprobs": 0, "max_tokens": 1, "tools": [TOOL], "tool_choice": "none"}


@pytest.mark.parametrize(("name", "value"), [("n", 2), ("response_format", {"type": "json_object"})])
async def test_what_makes_no_sense_beside_them_is_refused_as_the_engine_does(
    gateway: Gateway, server: Upstream, name: str, value: Any
) -> None:
    given = await ask(gateway, chat("qwen", loglikelihood=True, **{name: value}))
    assert (given.status, given.json["error"]["param"]) == (400, name)


async def test_every_token_of_the_prompt_but_the_first_has_its_logprob(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", loglikelihood=True))
    (choice,) = given.json["choices"]
    assert choice["logprobs"]["content"] == [
        {"token": "lo", "logprob": -1.0, "bytes": [108, 111], "top_logprobs": []},
        {"token": "?", "logprob": -2.0, "bytes": [63], "top_logprobs": []},
    ]
    assert choice["message"]["content"] == ""
    assert (given.json["usage"]["prompt_tokens"], given.json["usage"]["completion_tokens"]) == (3, 0)
    assert "prompt_logprobs" not in given.json


async def test_the_likeliest_tokens_stand_beside_each_of_the_prompts(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", loglikelihood=True, logprobs=True, top_logprobs=2))
    first = given.json["choices"][0]["logprobs"]["content"][0]
    assert (first["token"], [other["token"] for other in first["top_logprobs"]]) == ("lo", ["t1", "t2"])


async def test_a_stream_of_the_prompts_logprobs_is_a_stream(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", loglikelihood=True, stream=True))
    assert given.done and given.text == ""
    told = [choice["logprobs"] for chunk in given.chunks for choice in chunk["choices"] if choice.get("logprobs")]
    assert [entry["token"] for entry in told[0]["content"]] == ["lo", "?"]


async def test_logprobs_that_did_not_come_are_a_502(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(json_answer(said())):
        given = await ask(gateway, chat("qwen", loglikelihood=True))
    assert given.status == 502


async def test_a_stream(gateway: Gateway, server: Upstream) -> None:
    given = await ask(gateway, chat("qwen", stream=True, top_k=0))
    assert given.done and given.text == "Good day."
    assert server.requests[-1].json["stream_options"] == {"include_usage": True}


# ---- texts and vectors


async def text(gateway: Gateway, **fields: Any) -> Answer:
    """A text completion."""
    return await ask(gateway, {"model": "qwen", "prompt": "Good", **fields}, path="/v1/completions")


async def test_texts_are_echoed_and_scored_as_vllm_does(gateway: Gateway, server: Upstream) -> None:
    asked = {"echo": True, "logprobs": 1, "max_tokens": 3, "best_of": 1, "seed": 5, "min_p": 0.1}
    given = await text(gateway, **asked)
    assert given.json["choices"][0]["text"] == "Good day."
    sent = server.requests[-1].json
    assert sent == {"model": BASE, "prompt": "Good", **{k: v for k, v in asked.items() if k != "best_of"}}


async def test_a_choice_of_the_best_is_refused_as_vllm_would_pass_over_it(gateway: Gateway, server: Upstream) -> None:
    given = await text(gateway, best_of=3)
    assert (given.status, given.json["error"]["param"]) == (400, "best_of")
    assert not server.requests


async def test_texts_have_their_prompts_logprobs_too(gateway: Gateway, server: Upstream) -> None:
    given = await text(gateway, prompt=["a", "b"], loglikelihood=True, peft=ADAPTER, echo=True, logprobs=3)
    sent = server.requests[-1].json
    assert sent == {"model": ADAPTER, "prompt": ["a", "b"], "prompt_logprobs": 0, "max_tokens": 1}
    told = [[entry["token"] for entry in choice["logprobs"]["content"]] for choice in given.json["choices"]]
    assert told == [["lo", "?"], ["lo", "?"]]
    assert [choice["text"] for choice in given.json["choices"]] == ["", ""]


async def test_vectors_take_dimensions(gateway: Gateway, server: Upstream) -> None:
    body = {"model": "qwen", "input": ["a", "b"], "dimensions": 3, "encoding_format": "float"}
    given = await ask(gateway, body, path="/v1/embeddings")
    assert [len(item["embedding"]) for item in given.json["data"]] == [3, 3]
    assert server.requests[-1].json == {**body, "model": BASE}
