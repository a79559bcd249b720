"""Spans become a tree, whatever their senders got wrong."""

from hypothesis import given
from hypothesis import strategies as st

from parley.core.enclosures import EvaluationRow, Span, TraceMark
from parley.core.record import Attempt, Record
from parley.core.reply import Usage
from parley.core.spans import nth_span, request_of, root_span, trace_of, w3c_trace
from parley.tracing.node import Node
from parley.tracing.tree import DEEPEST, Found, rooted, tree_of

ID = "req_" + "1890abcdef" + "0" * 26


def node(id: str, parent: str | None = None) -> Node:
    return Node(id=id, parent_id=parent, kind="client", name=id, started=0.0, ms=1.0)


def shape(nodes: list[Node]) -> list[tuple[str, object]]:
    return [(one.id, shape(one.children)) for one in nodes]


def every(nodes: list[Node]) -> list[Node]:
    found, waiting = [], list(nodes)
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.children
    return found


def record(**more: object) -> Record:
    facts = {"session_id": "s", "trace_id": trace_of(ID), "outcome": "answered", "status": 200, "latency_ms": 100.0}
    names = {"account": "a", "application": "b", "intent": "c", "model": "m", "provider": "p"}
    return Record(**{"id": ID, "created": 10.0, **names, **facts, **more})


def test_children_stand_below_their_parents_and_orphans_are_roots() -> None:
    nodes = [node("c", "b"), node("a"), node("b", "a"), node("d", "gone")]
    assert shape(rooted(nodes)) == [("a", [("b", [("c", [])])]), ("d", [])]


def test_a_span_that_is_its_own_ancestor_is_lost_no_more_than_its_circle() -> None:
    circle = [node("a", "c"), node("b", "a"), node("c", "b"), node("d", "c"), node("e", "e")]
    found = rooted(circle)
    assert sorted(one.id for one in every(found)) == ["a", "b", "c", "d", "e"]


def test_two_spans_of_one_id_are_both_shown() -> None:
    assert len(every(rooted([node("a"), node("a"), node("b", "a")]))) == 3


def test_a_chain_without_end_gets_no_deeper_than_readers_can_follow() -> None:
    nodes, depth = rooted([node(str(n), str(n - 1)) for n in range(5000)]), 0
    assert len(every(nodes)) == 5000
    while nodes:
        nodes, depth = [below for one in nodes for below in one.children], depth + 1
    assert depth <= DEEPEST + 1


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30))
def test_every_span_stands_in_exactly_one_place(pairs: list[tuple[int, int]]) -> None:
    nodes = [node(str(id), str(parent)) for id, parent in pairs]
    found = every(rooted(nodes))
    assert len(found) == len(nodes) and {id(one) for one in found} == {id(one) for one in nodes}


def test_attempts_follow_from_the_record() -> None:
    attempts = (
        Attempt(model="m", provider="p", status=503, ms=40.0, reason="busy"),
        Attempt(model="n", provider="p", reason="passed over, too small"),
        Attempt(model="o", provider="q", status=200, ms=10.0),
    )
    usage = Usage(prompt_tokens=3, completion_tokens=2)
    found = tree_of(
        Found(trace_id="t", records=[record(attempts=attempts, usage=usage, cost_usd=0.5)], marks=[], spans=[])
    )
    (root,) = found.spans
    assert [(one.status, one.started, one.ms) for one in root.children] == [
        ("error", 10.0, 40.0),
        ("error", 10.04, 0.0),
        ("ok", 10.04, 60.0),
    ]
    assert root.children[2].cost_usd == 0.5 and root.children[0].usage is None
    assert (found.cost_usd, found.prompt_tokens, found.requests, found.ms) == (0.5, 3, 1, 100.0)


def test_an_answer_from_the_cache_has_no_attempt() -> None:
    found = tree_of(Found(trace_id="t", records=[record(cache="HIT")], marks=[], spans=[]))
    assert found.spans[0].children == [] and found.spans[0].attributes["cache"] == "HIT"


def test_what_stages_noted_and_judges_said_stands_below_the_request() -> None:
    mark = TraceMark(request_id=ID, trace_id="t", created=10.0, span_id="mine", parent_span_id="up", span_name="ask")
    noted = Span(trace_id="t", id="x", request_id=ID, kind="retrieval", name="documents", created=10.01, ms=5.0)
    judged = EvaluationRow(
        request_id=ID, created=11.0, account="a", application="b", intent="c", session_id="s", completion_id=None,
        status="FAULT", delivered="PASS", mode="told", correction_applied=True, rounds=1, ms=500.0,
    )  # fmt: skip
    found = tree_of(Found(trace_id="t", records=[record()], marks=[mark], spans=[noted], evaluations=[judged]))
    (root,) = found.spans
    assert (root.id, root.parent_id, root.name) == ("mine", "up", "ask")
    assert [(one.kind, one.started) for one in root.children] == [
        ("attempt", 10.0),
        ("retrieval", 10.01),
        ("correction", 10.5),
    ]


def test_ids_of_traces_and_requests_lead_to_one_another() -> None:
    assert request_of(trace_of(ID)) == ID
    assert request_of(w3c_trace(trace_of(ID))) == ID[: 4 + 32]
    assert request_of("tour") is None and request_of("trc_" + "g" * 36) is None and request_of("trc_12") is None
    assert len({root_span(ID), *(nth_span(ID, n) for n in range(9))}) == 10
    assert len(w3c_trace("tour")) == 32 and w3c_trace("A" * 32) == "a" * 32
