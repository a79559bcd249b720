"""RedPill's clients, which are OpenAI's package with its address: the same calls, and the proof of each answer."""

import hashlib
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from parley.receipts.signatures import check
from parley.receipts.text import Signed
from tests.clients.features import feature
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, WHOLE, Stage, both, event, piece, said
from tests.scripted import chunk, json_answer

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello?"}]


async def proof(gateway: Gateway, id: str, algorithm: str) -> dict[str, Any]:
    """The signature over an answer, fetched as RedPill's documentation shows it."""
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {gateway.key}"}) as plain:
        answer = await plain.get(f"{gateway.url}/signature/{id}?model=m&signing_algo={algorithm}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


@feature("proofs", "plain", "streams", "async")
@pytest.mark.parametrize("algorithm", ["ecdsa", "ed25519"])
async def test_an_answer_is_proven_by_what_the_client_saw_of_it(
    client: AsyncOpenAI, gateway: Gateway, stage: Stage, algorithm: str
) -> None:
    async with stage.plays(both):
        whole = await client.chat.completions.with_raw_response.create(model="m", messages=HELLO, user="u-1")
        stream = await client.chat.completions.with_raw_response.create(model="m", messages=HELLO, stream=True)
        data = b"".join([piece async for piece in stream.http_response.aiter_bytes()])
    for given, body in ((whole, whole.http_response.content), (stream, data)):
        signed = await proof(gateway, given.headers["x-request-id"], algorithm)
        asked = hashlib.sha256(given.http_request.content).hexdigest()
        assert signed["text"] == f"{asked}:{hashlib.sha256(body).hexdigest()}"
        check(Signed(**signed))


@feature("parameters")
async def test_the_user_has_no_effect(client: AsyncOpenAI, stage: Stage) -> None:
    async with stage.says(WHOLE):
        one = await client.chat.completions.create(model="m", messages=HELLO, user="u-1")
        other = await client.chat.completions.create(model="m", messages=HELLO)
    assert one.choices == other.choices


@feature("parameters")
async def test_its_sampling_parameters(client: AsyncOpenAI, stage: Stage) -> None:
    more = {"top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1}
    async with stage.says(WHOLE) as upstream:
        await client.chat.completions.create(model="open", messages=HELLO, seed=1, extra_body=more)
    asked = upstream.requests[0].json
    assert {name: asked[name] for name in more} == more


@feature("upstream")
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
async def test_an_upstreams_error(
    client: AsyncOpenAI, stage: Stage, status: int, kind: type[openai.APIStatusError]
) -> None:
    async with stage.says(json_answer({"error": {"message": "Because."}}, status)):
        with pytest.raises(kind):
            await client.chat.completions.create(model="m", messages=HELLO)


@feature("cut", "proofs")
async def test_a_stream_that_is_cut_raises_and_is_not_proven(
    client: AsyncOpenAI, gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        given = await client.chat.completions.with_raw_response.create(model="m", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError):
            async for _ in given.parse():
                pass
    with pytest.raises(httpx2.HTTPStatusError) as caught:
        await proof(gateway, given.headers["x-request-id"], "ecdsa")
    assert caught.value.response.status_code == 404


@feature("tools", "proofs")
async def test_a_call_of_a_tool_is_proven(client: AsyncOpenAI, gateway: Gateway, stage: Stage) -> None:
    called = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    answer = said()
    answer["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [called]}}
    tool: Any = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    async with stage.says(json_answer(answer)):
        given = await client.chat.completions.with_raw_response.create(model="m", messages=HELLO, tools=[tool])
    assert [call.id for call in given.parse().choices[0].message.tool_calls or ()] == ["call_1"]
    check(Signed(**await proof(gateway, given.headers["x-request-id"], "ecdsa")))


@feature("refusals")
async def test_parleys_own_refusals_are_the_exceptions_that_clients_catch(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(model="nothing", messages=HELLO)
    with pytest.raises(openai.BadRequestError):
        await client.chat.completions.create(model="m", messages=HELLO, temperature=3)
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="wrong").chat.completions.create(model="m", messages=HELLO)


@feature("models", "embeddings")
async def test_models_and_embeddings(client: AsyncOpenAI, stage: Stage) -> None:
    assert "m" in [one.id async for one in await client.models.list()]
    vector = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    async with stage.says(json_answer({"object": "list", "data": [vector], "model": "up", "usage": usage})):
        given = await client.embeddings.create(model="m", input="Hello?", encoding_format="float")
    assert given.data[0].embedding == [0.5, 0.25]
