"""Labelled answers, and the score of a sentinel on them."""

import pytest

from parley.evaluation.labelled import read_labelled, score, score_json
from parley.evaluation.verdict import Verdict


def judged(*pairs):
    lines = [f'{{"answer": "a", "status": "{label}"}}'.encode() for label, _ in pairs]
    verdicts = [
        Verdict(sentinel="s", kind="llm", status=status, description="d", ms=2.0, cost_usd=0.5) for _, status in pairs
    ]
    return list(zip(read_labelled(lines), verdicts, strict=True))


def test_precision_and_recall_are_about_faults():
    pairs = [("FAULT", "FAULT")] * 3 + [("FAULT", "PASS"), ("PASS", "FAULT"), ("NA", "PASS"), ("PASS", "NA")]
    found = score("s", "llm", judged(*pairs, ("FAULT", "ERROR")))
    assert (found.found, found.missed, found.false_alarms, found.errors) == (3, 2, 1, 1)
    assert (found.precision, found.recall) == (0.75, 0.6)
    assert (found.answers, found.ms, found.cost_usd) == (8, 16.0, 4.0)
    assert score_json(found)["recall"] == 0.6


def test_where_nothing_is_found_or_nothing_is_there_a_part_of_it_is_unknown():
    assert score("s", "llm", judged(("PASS", "PASS"))).precision is None
    assert score("s", "llm", judged(("PASS", "PASS"))).recall is None


def test_a_line_becomes_what_a_sentinel_sees():
    line = (
        b'{"answer": "A", "status": "PASS", "input": "Q", "context": "C", "schema": {"type": "object"},'
        b' "tools": [{"type": "function", "function": {"name": "f"}}],'
        b' "tool_calls": [{"name": "f", "arguments": {"x": 1}}, {"name": "g", "arguments": "{}"}]}'
    )
    subject = read_labelled([line, b""])[0].subject("line_1", "judge")
    assert (subject.text, subject.context, subject.model, subject.id) == ("A", "C", "judge", "line_1")
    assert subject.messages == [{"role": "user", "content": "Q"}]
    assert subject.schema == {"type": "object"}
    assert [(tool.name, tool.arguments) for tool in subject.tools] == [("f", '{"x":1}'), ("g", "{}")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"prose", "line 2 is not a JSON object"),
        (b"[1]", "line 2"),
        (b'{"answer": "a"}', "line 2: `status` is required"),
        (b'{"answer": "a", "status": "BAD"}', "line 2: `status` is wrong"),
        (b'{"answer": "a", "status": "PASS", "lable": 1}', "line 2"),
        (b'{"answer": "\xff", "status": "PASS"}', "line 2"),
    ],
)
def test_a_line_that_is_wrong_is_told_by_its_number(line, words):
    with pytest.raises(ValueError, match=words):
        read_labelled([b'{"answer": "a", "status": "PASS"}', line])
