"""The `portkey-ai` package, 2.3.4, against a scripted upstream: calls, headers, configs, prompts, feedback, sums."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.features import feature
from tests.clients.packages import Package, Raised, package
from tests.flow.asking import ask, get
from tests.flow.conftest import SECRET
from tests.flow.gateway import ADMIN, Gateway
from tests.flow.stage import STREAM_HEAD, WHOLE, Stage, both, event, piece, said
from tests.scripted import chunk, json_answer, sse_answer

HELLO = [{"role": "user", "content": "Hello?"}]
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CALL: dict[str, Any] = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
}


@pytest.fixture(scope="module")
def portkey(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    with package("portkey", "portkey", tmp_path_factory.mktemp("home"), url=gateway.origin, key=ADMIN) as made:
        yield made


@feature("plain", "async", "ledger")
@pytest.mark.parametrize("function", ["chat", "chat_async"])
async def test_a_chat_and_its_headers(portkey: Package, stage: Stage, function: str) -> None:
    async with stage.plays(both):
        found = await portkey.call(function, client={"trace_id": "t-1"}, model="m", messages=HELLO)
    assert found["answer"]["choices"][0]["message"]["content"] == "Good day."
    headers = found["headers"]
    assert (headers["trace-id"], headers["cache-status"], headers["retry-attempt-count"]) == ("t-1", "DISABLED", "0")
    assert (headers["provider"], headers["last-used-option-index"]) == ("stage", "config")


@feature("streams", "async")
@pytest.mark.parametrize("function", ["stream", "stream_async"])
async def test_a_stream(portkey: Package, stage: Stage, function: str) -> None:
    async with stage.plays(both):
        chunks = await portkey.call(function, model="m", messages=HELLO)
    assert "".join(one["choices"][0]["delta"]["content"] or "" for one in chunks) == "Good day."


@feature("cut")
async def test_a_stream_that_is_cut_raises(portkey: Package, stage: Stage) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        with pytest.raises(Raised) as caught:
            await portkey.call("stream", model="m", messages=HELLO)
    assert "APIError" in [caught.value.kind, *caught.value.kinds]


@feature("upstream")
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "BadRequestError"), (401, "AuthenticationError"), (404, "NotFoundError"), (422, "UnprocessableEntityError"),
     (429, "RateLimitError"), (500, "InternalServerError")],
)  # fmt: skip
async def test_an_upstreams_error_is_its_own_exception_and_asked_once(
    portkey: Package, stage: Stage, status: int, kind: str
) -> None:
    async with stage.says(json_answer({"error": {"message": "Because.", "type": "t"}}, status)) as upstream:
        with pytest.raises(Raised) as caught:
            await portkey.call("chat", model="m", messages=HELLO)
    assert caught.value.kind == kind and "Because." in caught.value.text
    assert len(upstream.requests) == 1


@feature("refusals")
async def test_who_has_no_key_is_refused(gateway: Gateway, tmp_path: Any) -> None:
    nobody = package("portkey", "portkey", tmp_path, url=gateway.origin, key="")
    with nobody as client, pytest.raises(Raised) as caught:
        await client.call("chat", model="m", messages=HELLO)
    assert caught.value.kind == "AuthenticationError"


@feature("config", "parameters")
async def test_a_config_as_json_and_by_its_slug(portkey: Package, stage: Stage) -> None:
    config = {
        "strategy": {"mode": "fallback"},
        "targets": [
            {"provider": "closed", "override_params": {"model": "nobody"}},
            {"provider": "stage", "override_params": {"model": "m"}},
        ],
    }
    made = await portkey.call("call", method="configs.create", name="Two Targets", config=config)
    assert made["slug"].startswith("pc-two-targets-")
    read = await portkey.call("call", method="configs.retrieve", slug=made["slug"])
    assert read["config"] == config
    assert made["slug"] in [one["slug"] for one in (await portkey.call("call", method="configs.list"))["data"]]
    for given in (config, made["slug"]):
        async with stage.plays(both):
            found = await portkey.call("chat", client={"config": given}, messages=HELLO)
        assert found["headers"]["last-used-option-index"] == "config.targets[1]"
    await portkey.call("call", method="configs.delete", slug=made["slug"])
    with pytest.raises(Raised) as caught:
        await portkey.call("chat", client={"config": made["slug"]}, messages=HELLO)
    assert caught.value.kind in ("BadRequestError", "NotFoundError") and made["slug"] in caught.value.text


@feature("config", "parameters")
async def test_a_virtual_key_is_a_configured_provider(portkey: Package, stage: Stage) -> None:
    keys = (await portkey.call("call", method="virtual_keys.list"))["data"]
    assert "stage" in [one["slug"] for one in keys] and SECRET not in str(keys)
    async with stage.plays(both) as upstream:
        await portkey.call("chat", client={"virtual_key": "stage"}, model="any-model", messages=HELLO)
    assert upstream.requests[0].json["model"] == "any-model"
    assert upstream.requests[0].headers["authorization"] == f"Bearer {SECRET}"


@feature("embeddings")
async def test_embeddings_are_numbers(portkey: Package, stage: Stage) -> None:
    vectors = {"object": "list", "model": "e", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -1.0]}],
               "usage": {"prompt_tokens": 1, "total_tokens": 1}}  # fmt: skip
    async with stage.says(json_answer(vectors)) as upstream:
        found = await portkey.call("call", method="embeddings.create", model="m", input="Hello")
    assert found["data"][0]["embedding"] == [0.5, -1.0]
    assert upstream.requests[0].json.get("encoding_format", "float") == "float"


@feature("models")
async def test_models_are_listed(portkey: Package) -> None:
    assert "m" in [one["id"] for one in (await portkey.call("call", method="models.list"))["data"]]


@feature("config")
async def test_a_prompt_is_stored_rendered_and_run(portkey: Package, stage: Stage) -> None:
    string = '[{"role":"system","content":"Be {{tone}}."},{"role":"user","content":"Say hello to {{ name }}."}]'
    made = await portkey.call(
        "call", method="prompts.create", name="Greeting", collection_id="c", string=string,
        parameters={"temperature": 0.1, "max_tokens": 9}, model="m",
    )  # fmt: skip
    slug, variables = made["slug"], {"tone": 'kind "and" {{name}}', "name": "Ada"}
    rendered = await portkey.call("call", method="prompts.render", prompt_id=slug, variables=variables)
    assert rendered["success"] and rendered["data"]["model"] == "m"
    told = [one["content"] for one in rendered["data"]["messages"]]
    assert told == ['Be kind "and" {{name}}.', "Say hello to Ada."]
    async with stage.plays(both) as upstream:
        answer = await portkey.call("run", prompt_id=slug, variables=variables, temperature=0.7)
        chunks = await portkey.call("run", prompt_id=slug, variables=variables, stream=True)
    assert answer["choices"][0]["message"]["content"] == "Good day."
    assert "".join(one["choices"][0]["delta"]["content"] or "" for one in chunks) == "Good day."
    first = upstream.requests[0].json
    assert (first["temperature"], first["max_tokens"]) == (0.7, 9)
    assert [one["content"] for one in first["messages"]] == told

    await portkey.call("call", method="prompts.update", prompt_slug=slug, string="Just {{name}}.")
    assert len((await portkey.call("call", method="prompts.versions.list", prompt_slug=slug))["data"]) == 2
    await portkey.call("call", method="prompts.publish", prompt_slug=slug, version=2)
    changed = await portkey.call("call", method="prompts.render", prompt_id=slug, variables=variables)
    assert [one["content"] for one in changed["data"]["messages"]] == ["Just Ada."]
    await portkey.call("call", method="prompts.delete", prompt_slug=slug)
    with pytest.raises(Raised) as caught:
        await portkey.call("run", prompt_id=slug, variables={})
    assert caught.value.kind == "NotFoundError"


@feature("feedback")
async def test_feedback_on_a_trace(portkey: Package, gateway: Gateway) -> None:
    given = await portkey.call("call", method="feedback.create", trace_id="t-fb", value=1, weight=0.5,
                               metadata={"_user": "u"})  # fmt: skip
    assert given["status"] == "success" and len(given["feedback_ids"]) == 1
    many = [{"trace_id": "t-fb", "value": value} for value in (-10, 0, 10)]
    assert len((await portkey.call("call", method="feedback.bulk_create", feedbacks=many))["feedback_ids"]) == 3
    changed = await portkey.call("call", method="feedback.update", feedback_id=given["feedback_ids"][0], value=-1)
    assert changed["feedback_ids"] == given["feedback_ids"]
    kept = (await get(gateway, "/api/feedback?trace_id=t-fb")).json["data"]
    assert sorted(one["score"] for one in kept) == [-10, -1, 0, 10]


@feature("feedback", "refusals")
@pytest.mark.parametrize(
    ("method", "arguments", "kind"),
    [
        ("feedback.create", {"trace_id": "t"}, "BadRequestError"),
        ("feedback.create", {"trace_id": "t", "value": 11}, "BadRequestError"),
        ("feedback.create", {"value": 1}, "BadRequestError"),
        ("feedback.update", {"feedback_id": "nothing", "value": 1}, "NotFoundError"),
    ],
)
async def test_feedback_that_is_wrong_is_refused(
    portkey: Package, method: str, arguments: dict[str, Any], kind: str
) -> None:
    with pytest.raises(Raised) as caught:
        await portkey.call("call", method=method, **arguments)
    assert caught.value.kind == kind


@feature("ledger")
async def test_analytics_are_sums_of_the_ledger(portkey: Package, stage: Stage) -> None:
    async with stage.plays(both):
        await portkey.call("chat", client={"metadata": {"team": "red"}}, model="m", messages=HELLO)
    between = {"time_of_generation_min": "2020-01-01", "time_of_generation_max": "2099-01-01"}
    for graph in ("requests", "cost", "tokens", "errors"):
        found = await portkey.call("call", method=f"analytics.graphs.{graph}", **between)
        assert found["object"] == "analytics-graph" and found["data"]
    models = (await portkey.call("call", method="analytics.groups.ai_models", **between))["data"]
    assert "m" in [one["name"] for one in models]


@feature("refusals")
async def test_secrets_of_operators_need_an_operators_key(gateway: Gateway, tmp_path: Any) -> None:
    made = (await ask(gateway, {"name": "an application", "scopes": ["inference"]}, "/api/keys")).json
    with package("portkey", "portkey", tmp_path, url=gateway.origin, key=made["key"]) as user:
        for method in ("configs.list", "virtual_keys.list", "prompts.list"):
            with pytest.raises(Raised) as caught:
                await user.call("call", method=method)
            assert caught.value.kind == "PermissionDeniedError"


@feature("tools")
async def test_tools_come_back_and_take_their_results(portkey: Package, stage: Stage) -> None:
    first = said()
    first["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [CALL]}}
    first["choices"][0]["finish_reason"] = "tool_calls"
    async with stage.says(json_answer(first), WHOLE) as upstream:
        asked = await portkey.call("chat", model="m", messages=HELLO, tools=[TOOL])
        message = asked["answer"]["choices"][0]["message"]
        result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "fine"}
        given = {"role": "assistant", "content": None, "tool_calls": [CALL]}
        await portkey.call("chat", model="m", messages=[*HELLO, given, result], tools=[TOOL])
    assert message["tool_calls"][0]["function"]["arguments"] == CALL["function"]["arguments"]
    assert upstream.requests[0].json["tools"] == [TOOL]
    assert upstream.requests[1].json["messages"][1:] == [given, result]


@feature("tools", "streams")
async def test_tools_in_a_stream(portkey: Package, stage: Stage) -> None:
    parts = [{"index": 0, **CALL}, {"index": 0, "function": {"arguments": " "}}]
    told = [piece({"role": "assistant", "tool_calls": [part]}) for part in parts]
    async with stage.says(sse_answer(*told, piece({}, "tool_calls"))):
        chunks = await portkey.call("stream", model="m", messages=HELLO, tools=[TOOL])
    calls = [call for one in chunks for call in one["choices"][0]["delta"].get("tool_calls") or ()]
    assert "".join(call["function"]["arguments"] for call in calls) == CALL["function"]["arguments"] + " "


@feature("refusals")
@pytest.mark.parametrize(
    ("more", "kind"),
    [({"temperature": 3}, "BadRequestError"), ({"model": "nothing"}, "NotFoundError"), ({"n": 0}, "BadRequestError")],
)
async def test_parleys_own_refusals_are_its_own_exceptions(portkey: Package, more: dict[str, Any], kind: str) -> None:
    with pytest.raises(Raised) as caught:
        await portkey.call("chat", **{"model": "m", "messages": HELLO, **more})
    assert caught.value.kind == kind


@feature("ledger")
async def test_what_is_logged_is_in_the_trace(portkey: Package, gateway: Gateway) -> None:
    asked = {"url": "https://example.com/v1", "method": "POST", "headers": {}, "body": {"messages": HELLO}}
    answered = {"status": 200, "headers": {}, "body": said(), "response_time": 12}
    about = {"traceId": "t-logged", "spanId": "s-1", "spanName": "elsewhere"}
    await portkey.call("call", method="logs.create", request=asked, response=answered, metadata=about)
    tree = (await get(gateway, "/api/traces/t-logged")).json
    assert "elsewhere" in str(tree)
