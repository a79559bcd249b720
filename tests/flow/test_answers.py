"""Whole and streamed answers, from a client through the gateway to an upstream and back into the ledger."""

from tests.flow.asking import ask, chat, get, streamed
from tests.flow.gateway import Gateway, answer_of
from tests.flow.stage import STREAM, WHOLE, Stage, piece
from tests.scripted import sse_answer


async def test_a_whole_answer_comes_back_and_is_in_the_ledger_before_its_last_byte(
    gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(WHOLE) as upstream:
        answer = await ask(gateway, chat())
        row = gateway.row(answer.id)
    assert answer.status == 200
    assert answer.json["choices"][0]["message"]["content"] == "Good day."
    assert (row["outcome"], row["status"], row["prompt_tokens"], row["completion_tokens"]) == ("answered", 200, 7, 3)
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-upstream-secret-4711"


async def test_a_stream_comes_back_and_is_in_the_ledger_before_its_done(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(STREAM):
        answer = await ask(gateway, streamed())
        row = gateway.row(answer.id)
    assert answer.done
    assert answer.text == "Good day."
    assert (row["outcome"], row["prompt_tokens"], row["completion_tokens"]) == ("answered", 7, 3)
    assert answer_of(row)


async def test_a_stream_without_an_id_is_found_by_the_one_that_parley_gives_it(gateway: Gateway, stage: Stage) -> None:
    pieces = (piece({"role": "assistant", "content": "Good day."}), piece({}, "stop"))
    async with stage.says(sse_answer(*({**one, "id": ""} for one in pieces))):
        given = await ask(gateway, chat("m", stream=True))
    id = gateway.row(given.id)["completion_id"]
    assert id == f"chatcmpl-{given.id}"
    assert (await get(gateway, f"/api/requests/{id}")).json["id"] == given.id
