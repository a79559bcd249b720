"""OTLP, in and out: what is written is read again, and what is none is refused and never crashes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.errors import BadRequest
from parley.core.record import Record
from parley.core.reply import Usage
from parley.tracing.otlp_in import LARGEST, bounded, spans_of
from parley.tracing.otlp_out import export_of
from parley.tracing.otlp_shapes import Sent, read_json, read_protobuf
from parley.wire.protobuf import bytes_field, varint

RECORD = Record(
    id="req_" + "1" * 36,
    created=10.0,
    account="a",
    application="b",
    intent="c",
    session_id="s",
    trace_id="trc_" + "1" * 36,
    outcome="failed",
    status=502,
    model="m",
    provider="vertex",
    usage=Usage(prompt_tokens=3, completion_tokens=2),
    error="It is away.",
    latency_ms=1500.0,
    finish_reason="stop",
    metadata={"n": 1, "list": [True, 2.5, {"x": None}], "long": 2**70, "né": "é"},
)


def test_what_is_exported_is_read_again() -> None:
    body, count = export_of([RECORD], "1.2.3")
    root, attempt = read_protobuf(body)
    assert count == 2 and (root.trace_id, root.code, root.message) == ("1" * 32, 2, "It is away.")
    assert (root.end - root.start, root.scope, root.resource["service.version"]) == (1_500_000_000, "parley", "1.2.3")
    assert root.attributes["parley.metadata.list"] == [True, 2.5, {"x": None}]
    assert (root.attributes["parley.metadata.n"], root.attributes["parley.metadata.né"]) == (1, "é")
    assert root.attributes["gen_ai.provider.name"] == "gcp.vertex_ai" and root.attributes["error.type"] == "502"
    assert attempt.parent_id == root.span_id
    kept, refused = spans_of([root, attempt], "acme")
    assert refused == 0 and kept[0].prompt_tokens == 3 and kept[0].model == "m" and kept[0].account == "acme"


@given(st.binary(max_size=300))
def test_bytes_that_are_no_export_are_refused(body: bytes) -> None:
    for read in (read_protobuf, read_json):
        try:
            spans_of(read(body), "a")
        except BadRequest as error:
            assert error.message


@given(st.data())
def test_an_export_that_was_changed_anywhere_never_crashes(data: st.DataObject) -> None:
    body = bytearray(export_of([RECORD], "1")[0])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        spans_of(read_protobuf(bytes(body)), "a")
    except BadRequest:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SPAN = st.dictionaries(
    st.sampled_from(["traceId", "spanId", "parentSpanId", "name", "status", "attributes", "startTimeUnixNano", "kind"]),
    JSON,
)


@given(SPAN)
def test_a_span_of_any_json_is_taken_or_refused(span: dict[str, Any]) -> None:
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    try:
        spans_of(read_json(body), "a")
    except BadRequest as error:
        assert error.code == "invalid_otlp"


def test_values_that_nest_too_deeply_are_cut() -> None:
    value = bytes_field(1, b"x")
    for _ in range(200):
        value = bytes_field(5, bytes_field(1, value))
    span = (
        bytes_field(1, b"a" * 16)
        + bytes_field(2, b"b" * 8)
        + bytes_field(9, bytes_field(1, b"k") + bytes_field(2, value))
    )
    (sent,) = read_protobuf(bytes_field(1, bytes_field(2, bytes_field(2, span))))
    assert "x" not in str(sent.attributes)


def test_ids_that_are_none_are_refused_and_counted() -> None:
    good = Sent(trace_id="a" * 32, span_id="b" * 16, parent_id="zz")
    wrong = [
        Sent(trace_id="0" * 32, span_id="b" * 16),
        Sent(trace_id="a" * 32, span_id=""),
        Sent(trace_id="x", span_id="y"),
    ]
    kept, refused = spans_of([good, *wrong], "a")
    assert (len(kept), refused, kept[0].parent_id, kept[0].name) == (1, 3, None, "span")


def test_attributes_lose_their_longest_values_first() -> None:
    text = bounded({"long": "x" * (LARGEST + 1), "short": "y\0"}) or ""
    assert json.loads(text) == {"short": "y\ufffd"} and bounded({}) is None


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**64 - 1])
def test_varints_are_read_as_they_are_written(value: int) -> None:
    body = bytes_field(1, bytes_field(2, bytes_field(2, varint(6 << 3) + varint(value))))
    assert read_protobuf(body)[0].kind == value


@pytest.mark.parametrize("time", ["9" * 400, 10**400, "²", -5, "1e5", True])
def test_times_that_are_none_do_no_harm(time: Any) -> None:
    span = {"traceId": "a" * 32, "spanId": "b" * 16, "startTimeUnixNano": time, "endTimeUnixNano": time}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    (kept,) = spans_of(read_json(body), "a")[0]
    assert kept.created >= 0 and kept.ms == 0
