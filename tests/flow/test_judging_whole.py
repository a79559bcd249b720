"""What the flags mean for whole answers: judged after, judged within a budget, or nothing that did not pass."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Answer, Line, ask, chat, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway, answer_of
from tests.flow.judges import JUDGED, Bench, evaluation
from tests.flow.stage import Stage, said

CORRECT = {"apply_corrections": True}
SAFE = {"apply_corrections": True, "safe_mode": True}
PROMISE = ("We promise ", "a refund.")
RUDE = ("Go away.",)


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose applications have sentinels."""
    with Gateway(tmp_path_factory.mktemp("judging"), config(stage, more=JUDGED)) as made:
        yield made


def rude(shown: str) -> str:
    """A judge who wants politeness."""
    return "FAULT" if "Go away" in shown else "PASS"


async def asked(gateway: Gateway, stage: Stage, bench: Bench, intent: str, **more: Any) -> Answer:
    """The answer of what plays on the bench."""
    async with stage.plays(bench):
        return await ask(gateway, chat(application="shop", intent=intent, **more))


def text(answer: Answer) -> str:
    """What the first choice says."""
    content: str = answer.json["choices"][0]["message"]["content"]
    return content


# ---- evaluation_enabled (default)


async def test_by_default_the_answer_goes_out_as_it_is_and_is_judged_after(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(PROMISE), "words")
    assert answer.status == 200 and text(answer) == "We promise a refund."
    assert "evaluation" not in answer.json and answer.headers["x-parley-evaluation"] == "PENDING"
    found = await evaluation(gateway, answer.id)
    assert (found["status"], found["delivered"], found["mode"]) == ("FAULT", "FAULT", "background")
    (result,) = found["results"]
    assert (result["name"], result["status"], result["severity"]) == ("no promises", "FAULT", "warning")
    assert result["description"] and result["confidence"] == 100 and result["time_ms"] > 0
    assert (await evaluation(gateway, answer.json["id"]))["status"] == "FAULT"  # the other id


async def test_a_judge_in_the_background_takes_no_time_of_the_caller(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude, judge_takes=0.3)
    async with stage.plays(bench):
        answer = await ask(gateway, chat(application="shop", intent="tone"))
        assert answer.status == 200 and not bench.judged
        pending = (await get(gateway, f"/api/evaluations/{answer.id}")).json
        assert (pending["status"], pending["results"]) == ("PENDING", [])
        found = await evaluation(gateway, answer.id)
    assert found["status"] == "FAULT" and len(bench.judged) == 1
    (result,) = found["results"]
    assert result["kind"] == "llm" and result["judge"] == "m" and result["prompt_version"]
    assert result["usage"]["total_tokens"] == 10 and result["confidence"] == 90


async def test_what_is_judged_later_needs_no_content_in_the_ledger(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(PROMISE), "words", log_prompt=False)
    assert (await evaluation(gateway, answer.id))["status"] == "FAULT"
    assert gateway.row(answer.id)["answer"] is None


async def test_evaluation_off_judges_nothing(gateway: Gateway, stage: Stage) -> None:
    answer = await asked(gateway, stage, Bench(PROMISE), "words", evaluation_enabled=False)
    assert "x-parley-evaluation" not in answer.headers
    found = (await get(gateway, f"/api/evaluations/{answer.id}?wait=1")).json
    assert (found["status"], found["results"]) == ("NA", []) and "not judged" in found["reason"]


async def test_a_request_of_nobody_has_no_evaluation(gateway: Gateway) -> None:
    answer = await get(gateway, "/api/evaluations/req_nobody")
    assert answer.status == 404 and "req_nobody" in answer.json["error"]["message"]


# ---- apply_corrections


async def test_a_fault_is_put_right_without_a_model_where_that_can_be(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(PROMISE)
    answer = await asked(gateway, stage, bench, "words", **CORRECT)
    assert "promise" not in text(answer) and not bench.corrected
    assert answer.json["correction_applied"] is True and answer.json["choices"][0]["is_correction"] is True
    shown = answer.json["evaluation"]
    assert (shown["status"], shown["delivered"], shown["correction_applied"]) == ("FAULT", "PASS", True)
    assert answer.headers["x-parley-evaluation"] == "FAULT; delivered=PASS; faults=1; rounds=0; corrected=true"
    row = gateway.row(answer.id)
    assert answer_of(row)["content"] == text(answer)  # the record keeps what was delivered
    kept = await evaluation(gateway, answer.id)
    assert kept["results"] == shown["results"] and [r["status"] for r in kept["final_results"]] == ["PASS"]


async def test_an_answer_that_passes_is_the_models_own_bytes_with_its_evaluation(
    gateway: Gateway, stage: Stage
) -> None:
    own = {**said("Good day."), "system_fingerprint": "fp_1"}
    answer = await asked(gateway, stage, Bench(own), "both", **CORRECT)
    assert answer.json["system_fingerprint"] == "fp_1" and "is_correction" not in answer.json["choices"][0]
    assert answer.json["correction_applied"] is False
    assert [(r["name"], r["status"]) for r in answer.json["evaluation"]["results"]] == [
        ("no promises", "PASS"),
        ("tone", "PASS"),
    ]


async def test_a_model_is_asked_for_a_better_answer_and_that_is_judged_again(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away, please.", "We are glad to help."], judge=rude)
    answer = await asked(gateway, stage, bench, "tone", **CORRECT)
    assert text(answer) == "We are glad to help." and answer.json["correction_applied"] is True
    assert answer.json["evaluation"]["rounds"] == 2 and len(bench.judged) == 3
    assert [result["status"] for result in answer.json["evaluation"]["results"]] == ["FAULT"]
    assert "Be polite" in json.dumps(bench.corrected[0])  # the fault is told
    kept = await evaluation(gateway, answer.id)
    assert [result["status"] for result in kept["final_results"]] == ["PASS"]


async def test_corrections_end_after_their_rounds_and_the_original_goes_out(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2.", "Go away 3."], judge=rude)
    answer = await asked(gateway, stage, bench, "tone", **CORRECT)
    assert text(answer) == "Go away." and answer.json["correction_applied"] is False
    assert len(bench.corrected) == 2 and "after 2 corrections" in answer.json["evaluation"]["reason"]
    assert answer.json["evaluation"]["status"] == answer.json["evaluation"]["delivered"] == "FAULT"


async def test_a_correction_that_repeats_itself_is_not_asked_for_again(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away."], judge=rude)
    answer = await asked(gateway, stage, bench, "tone", **CORRECT)
    assert text(answer) == "Go away." and len(bench.corrected) == 1


async def test_past_the_budget_the_original_goes_out_and_judging_goes_on(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude, judge_takes=0.8)
    async with stage.plays(bench):
        answer = await ask(gateway, chat(application="shop", intent="hasty", **CORRECT))
        assert text(answer) == "Go away." and answer.json["evaluation"]["status"] == "PENDING"
        assert "0.2 s" in answer.json["evaluation"]["reason"]
        assert answer.headers["x-parley-evaluation"].startswith("PENDING")
        found = await evaluation(gateway, answer.id)
    assert (found["status"], found["mode"]) == ("FAULT", "corrections")
    assert len(bench.judged) == 1  # the judge that was at work finished it


async def test_a_correction_that_is_late_leaves_the_original(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude, correction_takes=2.0)
    answer = await asked(gateway, stage, bench, "hasty", **CORRECT)
    assert text(answer) == "Go away." and answer.json["evaluation"]["status"] == "FAULT"
    assert "correction was not ready" in answer.json["evaluation"]["reason"]


async def test_a_judge_that_answers_prose_is_an_error_and_the_answer_goes_out(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(("Good day.",), judge=lambda shown: "MAYBE")
    answer = await asked(gateway, stage, bench, "tone", **CORRECT)
    assert text(answer) == "Good day." and answer.json["evaluation"]["status"] == "ERROR"
    assert answer.json["evaluation"]["results"][0]["description"]


async def test_every_choice_is_judged_and_corrected_for_itself(gateway: Gateway, stage: Stage) -> None:
    two = said("Good day.")
    faulty = {"index": 1, "message": {"role": "assistant", "content": "I promise."}, "finish_reason": "stop"}
    two["choices"].append(faulty)
    answer = await asked(gateway, stage, Bench(two), "words", n=2, **CORRECT)
    first, second = answer.json["choices"]
    assert first["message"]["content"] == "Good day." and "is_correction" not in first
    assert "promise" not in second["message"]["content"] and second["is_correction"] is True
    assert [(r["choice"], r["status"]) for r in answer.json["evaluation"]["results"]] == [(0, "PASS"), (1, "FAULT")]


async def test_tool_calls_stay_when_the_text_beside_them_is_corrected(gateway: Gateway, stage: Stage) -> None:
    answer = said("I promise.")
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    answer["choices"][0]["message"]["tool_calls"] = [call]
    answer["choices"][0]["finish_reason"] = "tool_calls"
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    given = await asked(gateway, stage, Bench(answer), "words", tools=tools, **CORRECT)
    message = given.json["choices"][0]["message"]
    assert message["tool_calls"] == [call] and "promise" not in message["content"]
    assert given.json["choices"][0]["finish_reason"] == "tool_calls"


async def test_when_the_client_leaves_its_judges_are_cancelled(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, judge=rude, judge_takes=5)
    async with stage.plays(bench):
        async with Line(gateway) as line:
            await line.post(chat(application="shop", intent="patient", **CORRECT))
            while not bench.judged:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(2):
            while not bench.left:
                await asyncio.sleep(0.01)
        row = await gateway.found("outcome = 'left' and intent = 'patient'")
    assert row["answer"] is None or "Go away" not in row["answer"].decode()


# ---- safe_mode


async def test_safe_mode_waits_for_the_judge_past_the_budget(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["We are glad to help."], judge=rude, judge_takes=0.5)
    answer = await asked(gateway, stage, bench, "hasty", **SAFE)
    assert text(answer) == "We are glad to help." and answer.json["evaluation"]["delivered"] == "PASS"
    assert (await evaluation(gateway, answer.id))["mode"] == "safe"


async def test_what_can_not_be_corrected_is_an_error_by_default(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2."], judge=rude)
    answer = await asked(gateway, stage, bench, "tone", **SAFE)
    assert answer.status == 422 and answer.json["error"]["code"] == "answer_at_fault"
    assert "`tone`" in answer.json["error"]["message"] and b"Go away" not in answer.body
    row = await gateway.closed_row(answer.id)
    assert row["outcome"] == "failed" and row["prompt_tokens"] == 7
    assert b"Go away" not in (row["answer"] or b"")
    assert (await evaluation(gateway, answer.id))["status"] == "FAULT"


async def test_a_judge_that_fails_never_lets_anything_through_in_safe_mode(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(("Good day.",), judge=lambda shown: "MAYBE")
    answer = await asked(gateway, stage, bench, "tone", **SAFE)
    assert answer.status == 422 and b"Good day" not in answer.body


async def test_on_fault_can_be_a_refusal(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2."], judge=rude)
    answer = await asked(gateway, stage, bench, "refusing", **SAFE)
    assert text(answer) == "Ask our staff." and answer.json["choices"][0]["finish_reason"] == "content_filter"
    assert answer.json["evaluation"]["status"] == "FAULT" and answer.json["correction_applied"] is True
    assert answer_of(gateway.row(answer.id))["content"] == "Ask our staff."


async def test_on_fault_can_be_another_models_answer_which_is_judged_too(gateway: Gateway, stage: Stage) -> None:
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2."], judge=rude)
    bench.by_model["other-model"] = "Welcome."
    answer = await asked(gateway, stage, bench, "replaced", **SAFE)
    assert text(answer) == "Welcome." and "`other`" in answer.json["evaluation"]["reason"]
    bench = Bench(RUDE, corrections=["Go away 1.", "Go away 2."], judge=rude)
    bench.by_model["other-model"] = "Go away too."
    answer = await asked(gateway, stage, bench, "replaced", **SAFE)
    assert answer.status == 422 and b"Go away" not in answer.body


async def test_contradictory_flags_are_refused(gateway: Gateway) -> None:
    for flag in ("apply_corrections", "safe_mode"):
        answer = await ask(gateway, chat(evaluation_enabled=False, **{flag: True}))
        assert answer.status == 400 and answer.json["error"]["param"] == flag
