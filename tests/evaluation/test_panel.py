"""The panel: who judges, what is sampled, how long answers fare, and what the model is asked to correct."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.asks import StreamOptions
from parley.core.reply import ToolCall
from parley.evaluation.panel import LONGEST
from parley.evaluation.verdict import Evaluation, Verdict, cost_of, evaluation_json, status_of

from .subjects import panel, subject

WORDS = {"name": "no promises", "kind": "excludes", "words": ["promise"]}


def test_a_sentinel_that_is_not_enabled_says_nothing():
    jury = panel({**WORDS, "enabled": False})
    assert jury.empty
    assert jury.fast(subject("promise")) == ()


def test_sampling_looks_at_a_part_of_the_requests_and_at_the_same_ones_each_time():
    jury = panel({**WORDS, "sample": 0.3})
    plain = subject("promise")
    fields = {name: getattr(plain, name) for name in plain.__struct_fields__}
    subjects = [type(plain)(**{**fields, "id": f"req_{n}"}) for n in range(1000)]
    looked = [bool(jury.fast(one)) for one in subjects]
    assert 250 < sum(looked) < 350
    assert looked == [bool(jury.fast(one)) for one in subjects]
    assert not any(panel({**WORDS, "sample": 0}).fast(one) for one in subjects)


def test_an_answer_of_a_megabyte_is_an_error_with_the_reason():
    found = panel(WORDS, {"kind": "json"}).fast(subject("x" * 1_000_000))
    assert [one.status for one in found] == ["ERROR", "ERROR"]
    assert found[0].description == f"The answer has 1000000 characters; {LONGEST} are looked at most."


EVERYTHING = (
    WORDS,
    *(
        {"kind": kind}
        for kind in ("json", "secrets", "personal_data", "grounded", "refusal", "repetition", "truncated")
    ),
    {"kind": "language", "allow": ["en"]},
    {"kind": "never_matches", "pattern": "(a*)*b"},
    {"kind": "length", "max": 50, "unit": "words"},
    {"kind": "json_schema", "schema": {"type": "object"}},
)


@pytest.mark.parametrize(
    "piece",
    ["```", "{", "[", "\n1. ", "1,", "+1 ", "AB12 3456 ", "Aa of ", "4111-", "a@", "x://a:", "eyJa", "password "],
)
def test_no_text_however_strange_is_looked_at_for_long(piece):
    jury, about = panel(*EVERYTHING), subject((piece * LONGEST)[:LONGEST], context="Ulm 5")
    verdicts = jury.fast(about)
    assert "ERROR" not in {one.status for one in verdicts}
    jury.mend(about, verdicts)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="aA1 .,:;@+-(){}[]\"'`\n/_", max_size=300))
def test_every_text_is_judged_and_what_is_mended_is_another_text(text):
    jury, about = panel(*EVERYTHING), subject(text, context="Ulm 5")
    verdicts = jury.fast(about)
    assert len(verdicts) == len(EVERYTHING)
    mended = jury.mend(about, verdicts)
    assert mended is None or mended.text != text


async def test_a_long_answer_is_looked_at_beside_the_event_loop():
    jury = panel(WORDS, {"kind": "grounded"}, {"kind": "personal_data"}, {"kind": "repetition"})
    text = "We ship 12 parcels to Ulm. " * (LONGEST // 28)
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    found = await jury.look(subject(text, context="12 parcels to Ulm"))
    ticking.cancel()
    assert ticks > 0
    assert [one.status for one in found] == ["PASS", "PASS", "PASS", "FAULT"]


def test_severity_and_time_are_told():
    (found,) = panel({**WORDS, "severity": "warning"}).fast(subject("promise"))
    assert (found.severity, found.kind, found.confidence) == ("warning", "excludes", 100.0)
    assert found.ms > 0


def test_mends_of_several_sentinels_come_together_and_the_cut_comes_last():
    jury = panel({"kind": "length", "max": 40}, WORDS, {"kind": "secrets"})
    about = subject("I promise it. Key AKIAIOSFODNN7EXAMPLE is here. And more.")
    mended = jury.mend(about, jury.fast(about))
    assert mended.text == "I [redacted] it. Key [secret] is here."
    assert mended.by == ("no promises", "s2", "s0")


def test_without_a_fault_nothing_is_mended():
    jury = panel(WORDS)
    about = subject("Fine.")
    assert jury.mend(about, jury.fast(about)) is None


def test_the_model_is_told_its_answer_its_faults_and_how_to_correct_them():
    raw = {**WORDS, "directive": "Never promise anything.", "correction": "Point to the terms."}
    jury = panel(raw)
    about = subject(
        "I promise.",
        temperature=0.5,
        n=2,
        stream=True,
        stream_options=StreamOptions(include_usage=True),
        safe_mode=True,
        tools=[ToolCall(id="c", name="pay", arguments='{"sum": 5}')],
    )
    chat = jury.correction(about, jury.fast(about))
    question, answer, request = chat.messages
    assert question == about.messages[0]
    assert answer == {"role": "assistant", "content": "I promise."}
    for part in ("Never promise anything.", "The answer holds 'promise'.", "Point to the terms.", '"sum'):
        assert part in request["content"]
    assert (chat.model, chat.temperature, chat.n, chat.stream, chat.stream_options) == ("m", 0.5, None, None, None)
    assert (chat.evaluation_enabled, chat.safe_mode) == (False, None)


def test_a_judges_suggestion_is_passed_on_and_an_empty_answer_is_no_message():
    jury = panel({"name": "a", "directive": "Be kind."})
    fault = Verdict(sentinel="a", kind="llm", status="FAULT", description="It is rude.", correction="Dear Ada")
    chat = jury.correction(subject(""), (fault,))
    assert [message["role"] for message in chat.messages] == ["user", "user"]
    assert "It could have been: Dear Ada" in chat.messages[-1]["content"]


def test_a_stream_is_asked_to_go_on_where_it_was_cut():
    jury = panel(WORDS)
    about = subject("")
    fault = Verdict(sentinel="no promises", kind="excludes", status="FAULT", description="It promises.")
    chat = jury.continuation(about, "You may send it back.", (fault,))
    assert chat.messages[1] == {"role": "assistant", "content": "You may send it back."}
    assert "Go on where your last message ends" in chat.messages[2]["content"]
    assert "Answer the request again" in jury.continuation(about, " ", (fault,)).messages[-1]["content"]


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ([], "PASS"),
        (["PASS", "NA"], "PASS"),
        (["PASS", "ERROR"], "ERROR"),
        (["ERROR", "FAULT", "PASS"], "FAULT"),
    ],
)
def test_an_evaluation_passes_unless_a_sentinel_faults_or_could_not_judge(statuses, whole):
    verdicts = [Verdict(sentinel="s", kind="llm", status=status, description="d") for status in statuses]
    assert status_of(verdicts) == whole


def test_costs_add_up_where_they_are_known():
    def paid(cost):
        return Verdict(sentinel="s", kind="llm", status="PASS", description="d", cost_usd=cost)

    assert cost_of([paid(None)]) is None
    assert cost_of([paid(0.1), paid(None), paid(0.2)]) == pytest.approx(0.3)


def test_clients_see_every_result():
    verdict = Verdict(sentinel="s", kind="json", status="FAULT", description="d", ms=1.23456)
    shown = evaluation_json(Evaluation(request_id="r", status="FAULT", created=5.0, results=(verdict,)))
    assert (shown["status"], shown["request_id"], shown["correction_applied"]) == ("FAULT", "r", False)
    (result,) = shown["results"]
    assert (result["name"], result["status"], result["description"], result["time_ms"]) == ("s", "FAULT", "d", 1.235)
    assert {"confidence", "correction", "severity"} < result.keys()
