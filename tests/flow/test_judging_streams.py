"""What the flags mean for streams: held back a sentence, corrected before it is seen, or judged whole and streamed."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Answer, Line, ask, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway, answer_of
from tests.flow.judges import JUDGED, Bench, evaluation, tool_piece
from tests.flow.stage import STREAM_HEAD, Stage, event, piece, pieces
from tests.scripted import Visit, chunk

CORRECT = {"apply_corrections": True}
SAFE = {"apply_corrections": True, "safe_mode": True}
GREETING = ("We greet", " you. We ", "promise a ", "refund. Bye", " now.")
RUDE = ("Go ", "away.")


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose applications have sentinels."""
    with Gateway(tmp_path_factory.mktemp("judging"), config(stage, more=JUDGED)) as made:
        yield made


def rude(shown: str) -> str:
    """A judge who wants politeness."""
    return "FAULT" if "Go away" in shown else "PASS"


async def asked(gateway: Gateway, stage: Stage, bench: Bench, intent: str, **more: Any) -> Answer:
    """The stream of what plays on the bench."""
    async with stage.plays(bench):
        return await ask(gateway, streamed(application="shop", intent=intent, **more))


def corrections(answer: Answer) -> str:
    """What the stream marks as corrected."""
    choices = [choice for one in answer.chunks for choice in one["choices"] if choice.get("is_correction")]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


# ---- evaluation_enabled (default)


async def test_by_default_a_stream_goes_out_as_it_comes_and_is_judged_after(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(GREETING), "words")
    own = [one for one in pieces(*GREETING) if one["choices"]]
    assert answer.chunks == own and answer.done  # the upstream's own chunks
    assert answer.headers["x-parley-evaluation"] == "PENDING"
    assert (await evaluation(gateway, answer.id))["status"] == "FAULT"


async def test_a_stream_that_is_cut_is_not_judged_and_ends_honestly(gateway: Gateway, stage: Stage) -> None:
    for flags in ({}, CORRECT):
        answer = await asked(gateway, stage, Bench(GREETING, cut=True), "words", **flags)
        assert not answer.done and "error" in answer.chunks[-1]
        assert "promise" not in answer.text or not flags
        assert (await gateway.closed_row(answer.id))["outcome"] == "failed"


# ---- apply_corrections


async def test_a_sentence_at_fault_is_put_right_before_it_is_seen(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(GREETING), "words", **CORRECT)
    assert answer.text.startswith("We greet you. We ") and answer.text.endswith(" a refund. Bye now.")
    assert "promise" not in answer.text and "We greet" not in corrections(answer) != ""
    last = answer.chunks[-1]
    assert last["correction_applied"] is True and last["choices"][0]["finish_reason"] == "stop" and answer.done
    assert (last["evaluation"]["status"], last["evaluation"]["delivered"]) == ("FAULT", "PASS")
    assert answer_of(gateway.row(answer.id))["content"] == answer.text
    assert (await evaluation(gateway, answer.id))["results"] == last["evaluation"]["results"]


async def test_sentences_go_out_as_soon_as_they_are_whole(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        begin = [event(one) for one in pieces("One. ", "Two. ", "Three")[:4]]
        await visit.send(STREAM_HEAD, *begin)
        await visit.wait(5)

    async with stage.plays(script), Line(gateway) as line:
        await line.post(streamed(application="shop", intent="words", **CORRECT))
        await line.head()
        seen = b""
        async with asyncio.timeout(3):
            while b"Two." not in seen:
                seen += await line.piece() or b""
        assert b"Three" not in seen


async def test_what_needs_a_model_is_corrected_by_a_continuation(gateway: Gateway, stage: Stage) -> None:
    words = ("All is well. ", "It costs 5 EUR. ", "And 6 EUR more.")
    bench = Bench(words, corrections=["Ask us for the price."])
    answer = await asked(gateway, stage, bench, "pattern", **CORRECT)
    assert answer.text == "All is well. Ask us for the price." and answer.done
    assert corrections(answer) == " Ask us for the price."
    sent = bench.corrected[0]["messages"][-2]
    assert sent["role"] == "assistant" and sent["content"].startswith("All is well.") and "EUR" not in sent["content"]
    last = answer.chunks[-1]
    assert last["evaluation"]["delivered"] == "PASS" and last["evaluation"]["rounds"] == 1


async def test_a_continuation_that_is_late_lets_the_models_own_words_out(gateway: Gateway, stage: Stage) -> None:
    words = ("All is well. ", "It costs 5 EUR. ", "And more.")
    answer = await asked(gateway, stage, Bench(words, correction_takes=3), "pattern hasty", **CORRECT)
    assert answer.text == "".join(words) and answer.done
    last = answer.chunks[-1]
    assert last["correction_applied"] is False and last["evaluation"]["delivered"] == "FAULT"
    assert "0.2 s" in last["evaluation"]["reason"]


async def test_a_slow_fault_in_what_was_seen_is_told_and_contradicts_nothing(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude)
    answer = await asked(gateway, stage, bench, "tone", **CORRECT)
    assert answer.text == "Go away." and not bench.corrected and answer.done
    last = answer.chunks[-1]
    assert last["evaluation"]["status"] == "FAULT" and last["correction_applied"] is False


async def test_an_answer_of_which_nothing_was_seen_is_corrected_whole(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(("Go away",), corrections=["We are glad to help."], judge=rude)
    answer = await asked(gateway, stage, bench, "both", **CORRECT)
    assert answer.text == corrections(answer) == "We are glad to help."
    assert answer.chunks[-1]["evaluation"]["delivered"] == "PASS" and answer.done


async def test_a_slow_judge_keeps_the_end_for_its_budget_and_no_longer(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude, judge_takes=0.8)
    async with stage.plays(bench):
        answer = await ask(gateway, streamed(application="shop", intent="hasty", **CORRECT))
        assert answer.text == "Go away." and answer.done
        assert answer.chunks[-1]["evaluation"]["status"] == "PENDING"
        assert (await evaluation(gateway, answer.id))["status"] == "FAULT"
    assert len(bench.judged) == 1


async def test_json_is_held_back_whole_and_repaired(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(('{"a": 1, ', '"b": [2, 3]')), "json", **CORRECT)
    assert json.loads(answer.text) == {"a": 1, "b": [2, 3]} and answer.done
    assert answer.chunks[-1]["correction_applied"] is True


async def test_json_that_is_right_is_the_upstreams_own_chunks(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(('{"a": 1, ', '"b": 2}')), "json", **CORRECT)
    texts = [choice["delta"].get("content") for one in answer.chunks for choice in one["choices"]]
    assert texts[1:3] == ['{"a": 1, ', '"b": 2}'] and answer.chunks[1]["id"] == "chatcmpl-up"


async def test_tool_calls_of_a_stream_arrive_whole_and_unchanged(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        told = [piece({"role": "assistant"}), tool_piece('{"a":'), piece({}, "tool_calls"), "[DONE]"]
        told[1:2] = [tool_piece('{"a":'), piece({"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]})]
        await visit.send(STREAM_HEAD, *map(event, told), chunk(b""))

    async with stage.plays(script):
        answer = await ask(gateway, streamed(application="shop", intent="words", **CORRECT))
    calls = [c for one in answer.chunks for choice in one["choices"] for c in choice["delta"].get("tool_calls", ())]
    assert "".join(call["function"]["arguments"] for call in calls) == '{"a":1}' and calls[0]["id"] == "call_1"
    assert answer.chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert answer.chunks[-1]["evaluation"]["status"] == "PASS"


async def test_the_evaluation_stands_on_the_last_chunk_also_beside_the_usage(gateway: Gateway, stage: Stage) -> None:
    for flags in (CORRECT, SAFE):
        usage = {"include_usage": True}
        answer = await asked(gateway, stage, Bench(GREETING), "words", stream_options=usage, **flags)
        last = answer.chunks[-1]
        assert last["usage"]["total_tokens"] == 10 and last["choices"] == [] and answer.done
        assert last["evaluation"]["status"] == "FAULT" and last["correction_applied"] is True


async def test_the_choices_of_a_stream_are_judged_apart(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        texts = [(0, "All fine. "), (1, "I promise. "), (0, "Bye."), (1, "Bye.")]
        told = [
            piece(None, choices=[{"index": i, "delta": {"content": text}, "finish_reason": None}]) for i, text in texts
        ]
        told += [piece(None, choices=[{"index": i, "delta": {}, "finish_reason": "stop"}]) for i in (0, 1)]
        await visit.send(STREAM_HEAD, *map(event, told), event("[DONE]"), chunk(b""))

    async with stage.plays(script):
        answer = await ask(gateway, streamed(application="shop", intent="words", n=2, **CORRECT))
    said = {0: "", 1: ""}
    for one in answer.chunks:
        for choice in one["choices"]:
            said[choice["index"]] += choice["delta"].get("content") or ""
    assert said[0] == "All fine. Bye." and "promise" not in said[1] and said[1].endswith("Bye.")
    results = answer.chunks[-1]["evaluation"]["results"]
    assert [(r["choice"], r["status"]) for r in results] == [(0, "PASS"), (1, "FAULT")]


async def test_when_the_client_of_a_stream_leaves_the_judges_are_cancelled(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude, judge_takes=5)
    async with stage.plays(bench):
        async with Line(gateway) as line:
            await line.post(streamed(application="shop", intent="patient", **CORRECT))
            while not bench.judged:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(2):
            while not bench.left:
                await asyncio.sleep(0.01)
        row = await gateway.found("outcome = 'left' and intent = 'patient'")
    assert answer_of(row)["content"] == "Go away."


# ---- safe_mode


async def test_in_safe_mode_nothing_is_seen_before_it_passed(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(("All is well. ", "Go ", "away."), corrections=["We are glad to help."], judge=rude, judge_takes=0.3)
    answer = await asked(gateway, stage, bench, "hasty", **SAFE)
    assert answer.text == corrections(answer) == "We are glad to help." and answer.done
    assert answer.headers["x-parley-evaluation"].startswith("FAULT; delivered=PASS")
    assert answer.chunks[-1]["evaluation"]["delivered"] == "PASS"
    assert answer_of(gateway.row(answer.id))["content"] == "We are glad to help."


async def test_a_stream_that_passed_in_safe_mode_is_the_upstreams_own(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(("Good ", "day.")), "both", **SAFE)
    assert [one["id"] for one in answer.chunks] == ["chatcmpl-up"] * 4 and answer.text == "Good day."
    assert answer.chunks[-1]["evaluation"]["status"] == "PASS" and answer.done


async def test_a_stream_that_can_not_be_corrected_is_an_error_with_its_status(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2."], judge=rude)
    answer = await asked(gateway, stage, bench, "tone", **SAFE)
    assert answer.status == 422 and answer.json["error"]["code"] == "answer_at_fault" and b"Go" not in answer.body


async def test_a_refusal_is_streamed_like_an_answer(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2."], judge=rude)
    answer = await asked(gateway, stage, bench, "refusing", **SAFE)
    assert answer.text == "Ask our staff." and answer.done
    assert answer.chunks[-1]["choices"][0]["finish_reason"] == "content_filter"
    found = json.loads((await ask(gateway, None, f"/api/requests/{answer.chunks[0]['id']}", method="GET")).body)
    assert found["id"] == answer.id


async def test_a_cut_in_safe_mode_is_an_error_and_nothing_was_seen(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(GREETING, cut=True), "words", **SAFE)
    assert answer.status == 502 and b"greet" not in answer.body
