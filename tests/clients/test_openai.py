"""The `openai` package against a scripted upstream: every call that applications make, and every error they catch."""

import asyncio
import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.clients.features import feature
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, USAGE, WHOLE, Stage, both, event, piece, pieces, said
from tests.scripted import Visit, chunk, json_answer, silent, sse_answer

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello?"}]
TOOLS: list[ChatCompletionToolParam] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("weather", "time")
]
CALLS = [
    {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps({"city": "Köln"})}}
    for n, name in enumerate(("weather", "time"))
]


@feature("plain", "async")
async def test_a_chat(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.plays(both):
        answer = await client.chat.completions.create(model="m", messages=HELLO, temperature=0.5)
    assert answer.choices[0].message.content == "Good day."
    assert answer.usage is not None and answer.usage.total_tokens == 10
    assert answer._request_id and answer._request_id.startswith("req_")


@feature("streams", "async")
async def test_a_stream(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.plays(both):
        stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Good day."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None for chunk in chunks)


@feature("streams")
async def test_a_stream_with_usage(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.plays(both):
        stream = await client.chat.completions.create(
            model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None and chunks[-1].usage.prompt_tokens == 7


@feature("streams")
async def test_the_streaming_helper_accumulates_an_answer(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.plays(both), client.chat.completions.stream(model="m", messages=HELLO) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == "Good day."
    assert final.choices[0].message.role == "assistant"


@feature("tools")
async def test_parallel_tools_and_their_results(client: AsyncOpenAI, stage: Stage) -> None:
    first = said()
    first["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": CALLS}}
    first["choices"][0]["finish_reason"] = "tool_calls"
    async with stage.says(json_answer(first), WHOLE) as upstream:
        asked = await client.chat.completions.create(
            model="m", messages=HELLO, tools=TOOLS, tool_choice="auto", parallel_tool_calls=True
        )
        message = asked.choices[0].message
        results: list[Any] = [
            {"role": "tool", "tool_call_id": call.id, "content": "fine"} for call in message.tool_calls or ()
        ]
        told: list[Any] = [*HELLO, message.model_dump(exclude_none=True), *results]
        answer = await client.chat.completions.create(model="m", messages=told, tools=TOOLS)
    assert [call.id for call in message.tool_calls or ()] == ["call_0", "call_1"]
    assert answer.choices[0].message.content == "Good day."
    assert upstream.requests[1].json["messages"][1]["tool_calls"] == CALLS
    assert upstream.requests[0].json["tools"] == TOOLS


@feature("tools", "streams")
async def test_streamed_parallel_tools(client: AsyncOpenAI, stage: Stage) -> None:
    deltas = [piece({"tool_calls": [{"index": n, **call}]}) for n, call in enumerate(CALLS)]
    played = sse_answer(
        piece({"role": "assistant", "content": None}), *deltas, piece({}, "tool_calls"), piece(usage=USAGE)
    )
    async with (
        stage.says(played),
        client.chat.completions.stream(model="m", messages=HELLO, tools=TOOLS) as stream,
    ):
        final = await stream.get_final_completion()
    called = final.choices[0].message.tool_calls or []
    assert [call.function.name for call in called] == ["weather", "time"]
    assert final.choices[0].finish_reason == "tool_calls"


@feature("embeddings")
@pytest.mark.parametrize("form", ["float", "base64", None])
async def test_embeddings(client: AsyncOpenAI, stage: Stage, form: Any) -> None:
    def vectors(asked: dict[str, Any]) -> bytes:
        packed = "AACAPwAAAEA=" if asked.get("encoding_format") == "base64" else [1.0, 2.0]
        data = [{"object": "embedding", "index": n, "embedding": packed} for n in range(2)]
        usage = {"prompt_tokens": 4, "total_tokens": 4}
        return json_answer({"object": "list", "data": data, "model": "upstream-model", "usage": usage})

    async def script(visit: Visit) -> None:
        while True:
            await visit.send(vectors((await visit.request()).json))

    more = {} if form is None else {"encoding_format": form}
    async with stage.plays(script) as upstream:
        answer = await client.embeddings.create(model="m", input=["a", "b"], **more)
    assert upstream.requests[0].target == "/v1/embeddings"
    assert [one.index for one in answer.data] == [0, 1]
    assert form == "base64" or answer.data[0].embedding == [1.0, 2.0]
    assert answer.usage.prompt_tokens == 4


@feature("models")
async def test_models_listed_and_retrieved(client: AsyncOpenAI) -> None:
    listed = [model.id async for model in client.models.list()]
    assert "m" in listed
    assert (await client.models.retrieve("m")).id == "m"
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("nothing")


@feature("completions")
async def test_legacy_completions(client: AsyncOpenAI, stage: Stage) -> None:
    choice = {"index": 0, "text": "once upon", "finish_reason": "stop", "logprobs": None}
    known = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "x", "choices": [choice]}
    async with stage.says(json_answer({**known, "usage": USAGE})) as upstream:
        answer = await client.completions.create(model="m", prompt="Tell")
    assert answer.choices[0].text == "once upon"
    assert upstream.requests[0].target == "/v1/completions"
    async with stage.says(sse_answer(known, {**known, "choices": [], "usage": USAGE})):
        stream = await client.completions.create(model="m", prompt="Tell", stream=True)
        assert "".join([chunk.choices[0].text async for chunk in stream if chunk.choices]) == "once upon"


@feature("upstream")
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_upstreams_error_is_the_exception_that_clients_catch(
    client: AsyncOpenAI, stage: Stage, status: int, kind: type[openai.APIStatusError], stream: bool
) -> None:
    words = {"message": "Because.", "type": "some_type", "param": "model", "code": "some_code"}
    async with stage.says(json_answer({"error": words}, status)):
        with pytest.raises(kind) as caught:
            await client.chat.completions.create(model="m", messages=HELLO, stream=stream)
    assert (caught.value.code, caught.value.param, caught.value.type) == ("some_code", "model", "some_type")
    assert caught.value.request_id


@feature("refusals")
async def test_parleys_own_refusals_are_the_exceptions_that_clients_catch(
    client: AsyncOpenAI, gateway: Gateway
) -> None:
    with pytest.raises(openai.BadRequestError) as wrong:
        await client.chat.completions.create(model="m", messages=HELLO, temperature=7)
    assert wrong.value.param == "temperature"
    with pytest.raises(openai.NotFoundError) as missing:
        await client.chat.completions.create(model="nothing", messages=HELLO)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="wrong").chat.completions.create(model="m", messages=HELLO)
    with pytest.raises(openai.InternalServerError):
        await client.chat.completions.create(model="nobody", messages=HELLO)


@feature("cut")
async def test_a_cut_stream_raises_and_does_not_look_complete(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError):
            async for _ in stream:
                pass


@feature("plain")
async def test_a_client_that_times_out_lets_the_upstream_go(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.plays(silent) as upstream:
        with pytest.raises(openai.APITimeoutError):
            await client.with_options(timeout=0.3).chat.completions.create(model="m", messages=HELLO)
        await upstream.all_closed()


@feature("streams")
async def test_a_client_that_closes_its_stream_lets_the_upstream_go(client: AsyncOpenAI, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, *map(event, pieces()[:2]))
        await visit.closed()

    async with stage.plays(script) as upstream:
        stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
        async for _ in stream:
            break
        await stream.close()
        await upstream.all_closed()


@feature("parameters", "ledger")
async def test_extra_fields_reach_parley_and_upstream(client: AsyncOpenAI, gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        given = await client.chat.completions.with_raw_response.create(
            model="m", messages=HELLO, extra_body={"application": "app", "intent": "x", "odd": {"deep": [1]}}
        )
    assert upstream.requests[0].json["odd"] == {"deep": [1]}
    assert "application" not in upstream.requests[0].json
    assert gateway.row(given.headers["x-request-id"])["application"] == "app"


@feature("plain", "streams")
async def test_the_synchronous_client(gateway: Gateway, stage: Stage) -> None:
    def talk() -> tuple[str | None, str]:
        with OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0, timeout=20) as client:
            whole = client.chat.completions.create(model="m", messages=HELLO)
            stream = client.chat.completions.create(model="m", messages=HELLO, stream=True)
            text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
            return whole.choices[0].message.content, text

    async with stage.plays(both):
        assert await asyncio.to_thread(talk) == ("Good day.", "Good day.")
