"""Both clients ask as OpenAI's do, and say to Parley what is given and nothing else."""

import asyncio
from typing import Any

import openai
import pytest

from parley_client import AsyncChunkStream, AsyncParley, Chunk, Completion, Parley
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM, USAGE, WHOLE, Stage, both, piece, said
from tests.scripted import json_answer, sse_answer

HELLO: Any = [{"role": "user", "content": "Hello?"}]


async def test_an_answer_is_openais_and_knows_its_request(client: AsyncParley, gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        answer = await client.chat.completions.create(model="m", messages=HELLO)
    assert type(answer) is Completion
    assert isinstance(answer, openai.types.chat.ChatCompletion)
    assert answer.choices[0].message.content == answer.text == "Good day."
    assert answer.usage is not None
    assert answer.usage.total_tokens == USAGE["total_tokens"]
    assert (answer.evaluation, answer.correction_applied, answer.choices[0].is_correction) == (None, False, False)
    assert answer.request_id is not None
    assert gateway.row(answer.request_id)["outcome"] == "answered"


async def test_a_stream_is_openais_and_each_chunk_knows_its_request(client: AsyncParley, stage: Stage) -> None:
    async with stage.says(STREAM):
        stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
        assert isinstance(stream, AsyncChunkStream)
        chunks = [chunk async for chunk in stream]
    assert all(type(chunk) is Chunk for chunk in chunks)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Good day."
    assert stream.request_id is not None
    assert {chunk.request_id for chunk in chunks} == {stream.request_id}
    assert stream.complete


async def test_the_synchronous_client_asks_the_same(plain: Parley, stage: Stage) -> None:
    def talk() -> tuple[str, str, str | None]:
        whole = plain.chat.completions.create(model="m", messages=HELLO)
        with plain.chat.completions.create(model="m", messages=HELLO, stream=True) as stream:
            text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        return whole.text, text, stream.request_id

    async with stage.plays(both):
        whole, streamed, id = await asyncio.to_thread(talk)
    assert whole == streamed == "Good day."
    assert id is not None


async def test_what_is_given_goes_to_parley_and_the_rest_comes_from_the_intent(
    client: AsyncParley, gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(WHOLE) as upstream:
        answer = await client.chat.completions.create(
            messages=HELLO,
            application="support",
            intent="REFUND",
            session_id="s-1",
            reference_id="r-1",
            user_id="u-1",
            metadata={"plan": {"name": "gold"}},
            top_p=0.5,
            context_query=None,
        )
    assert upstream.requests[0].json == {
        "model": "upstream-model",
        "messages": HELLO,
        "temperature": 0.2,
        "top_p": 0.5,
    }
    assert answer.request_id is not None
    row = gateway.row(answer.request_id)
    assert [row[name] for name in ("application", "intent", "session_id", "reference_id", "user_id")] == [
        "support",
        "REFUND",
        "s-1",
        "r-1",
        "u-1",
    ]
    assert "gold" in row["metadata"]


async def test_nothing_that_was_not_given_is_sent(client: AsyncParley, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        there = AsyncParley(base_url=stage.url, api_key="k", max_retries=0)
        await there.chat.completions.create(messages=HELLO, intent="X", evaluation_enabled=None, min_p=0.1)
        await there.close()
    assert upstream.requests[0].json == {"messages": HELLO, "intent": "X", "min_p": 0.1}
    assert upstream.requests[0].headers["authorization"] == "Bearer k"


async def test_a_field_in_extra_body_wins_and_openais_helpers_still_work(client: AsyncParley, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        raw = await client.chat.completions.with_raw_response.create(
            model="m", messages=HELLO, extra_body={"odd": {"deep": [1]}}
        )
        assert isinstance(raw.parse(), Completion)
        async with client.chat.completions.stream(model="m", messages=HELLO) as events:
            final = await events.get_final_completion()
        async with client.chat.completions.with_streaming_response.create(model="m", messages=HELLO) as response:
            assert (await response.parse()).choices[0].message.content == "Good day."
        listed = [model.id async for model in client.models.list()]
    assert upstream.requests[0].json["odd"] == {"deep": [1]}
    assert final.choices[0].message.content == "Good day."
    assert "m" in listed


async def test_a_copy_with_other_options_is_a_parley_too(client: AsyncParley, stage: Stage) -> None:
    async with stage.says(WHOLE):
        copied = client.with_options(timeout=5)
        assert type(copied) is AsyncParley
        assert (await copied.chat.completions.create(messages=HELLO, application="support")).text == "Good day."


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"apply_corrections": True, "evaluation_enabled": False}, "apply_corrections"),
        ({"safe_mode": True, "evaluation_enabled": False}, "safe_mode"),
        ({"callback": print, "evaluation_enabled": False}, "callback"),
        ({"server_side_inference": False, "apply_corrections": True}, "apply_corrections"),
        ({"server_side_inference": False, "assistant": True}, "assistant"),
        ({"server_side_inference": False, "fallback_model": "m"}, "fallback_model"),
    ],
)
async def test_parameters_that_contradict_each_other_are_refused_before_anything_is_sent(
    client: AsyncParley, more: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=f"`{named}`"):
        await client.chat.completions.create(model="m", messages=HELLO, **more)


async def test_an_unknown_parameter_is_a_type_error_and_a_wrong_value_openais_error(client: AsyncParley) -> None:
    wrong: Any = {"temprature": 1}
    with pytest.raises(TypeError, match="temprature"):
        await client.chat.completions.create(model="m", messages=HELLO, **wrong)
    with pytest.raises(openai.BadRequestError) as caught:
        await client.chat.completions.create(model="m", messages=HELLO, min_p=7)
    assert caught.value.param == "min_p"


async def test_an_answer_that_was_judged_before_it_came_carries_its_evaluation(stage: Stage) -> None:
    found = {"status": "FAULT", "results": [{"name": "polite", "status": "FAULT", "description": "It is rude."}]}
    notes = {"evaluation": found, "correction_applied": True}
    corrected = said("Good day, dear.", **notes)
    corrected["choices"][0]["is_correction"] = True
    stream = sse_answer(piece({"content": "Good day, dear."}), piece({}, "stop"), piece(**notes))
    async with AsyncParley(base_url=stage.url, api_key="k", max_retries=0) as there:
        async with stage.says(json_answer(corrected)):
            answer = await there.chat.completions.create(messages=HELLO)
        assert answer.evaluation is not None
        assert [verdict.name for verdict in answer.evaluation.faults] == ["polite"]
        assert answer.correction_applied
        assert answer.choices[0].is_correction
        async with stage.says(stream):
            streamed = await there.chat.completions.create(messages=HELLO, stream=True)
            last = [chunk async for chunk in streamed][-1]
    assert last.evaluation is not None
    assert last.evaluation.status == "FAULT"
    assert streamed.evaluation == last.evaluation


def test_a_client_without_a_key_says_where_one_comes_from() -> None:
    with pytest.raises(ValueError, match="PARLEY_API_KEY"):
        Parley()
