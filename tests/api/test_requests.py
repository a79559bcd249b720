"""`/api/requests`, `/api/usage`, `/api/models` and `/api/export`."""

import csv
import io
import json

import pytest

from tests.api.conftest import DAY, RECORDS, START


def ids(answer):
    return [record["id"] for record in answer.json["data"]]


def test_a_record_has_the_promised_names_and_its_content_as_json(api):
    record = api("GET", "/api/requests/req_1").json
    assert {
        "id", "completion_id", "created", "account", "application", "intent", "session_id", "user_id", "trace_id",
        "model", "provider", "outcome", "status", "usage", "cost_usd", "latency_ms", "first_token_ms", "cache",
        "messages", "answer",
    } <= record.keys()  # fmt: skip
    assert record["messages"] == [{"role": "user", "content": "Wie gehtés?"}]
    assert record["answer"] == {"role": "assistant", "content": 'Good, "thanks".'}
    assert record["usage"]["total_tokens"] == 11 and record["metadata"] == {"n": 1}


def test_either_id_finds_the_record(api):
    assert api("GET", "/api/requests/chatcmpl-2").json["id"] == "req_2"
    missing = api("GET", "/api/requests/none")
    assert missing.status == 404 and "x-request-id" in missing.error["message"]


def test_the_list_is_newest_first_in_pages(api):
    first = api("GET", "/api/requests?limit=4")
    assert ids(first) == ["req_5", "req_4", "req_3", "req_2"]
    rest = api("GET", f"/api/requests?limit=4&after={first.json['next']}")
    assert ids(rest) == ["req_1", "req_0"] and rest.json["next"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("model=demo", [5, 3, 1]),
        ("outcome=failed", [3, 0]),
        ("session_id=ses_0&outcome=answered", [4, 2]),
        ("application=nowhere", []),
        ("since=2023-11-18", [5, 4, 3]),
        ("since=2023-11-16T00:00:00Z&until=2023-11-18", [2, 1]),
        (f"until={START + DAY}", [0]),
        ("provider=openai&account=acme&intent=REFUND", [4, 2, 0]),
    ],
)
def test_filters(api, query, found):
    assert ids(api("GET", f"/api/requests?{query}")) == [f"req_{n}" for n in found]


def test_a_list_without_content(api):
    for record in api("GET", "/api/requests?content=false").json["data"]:
        assert record["messages"] is None and record["answer"] is None


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("outcome=perhaps", "outcome"),
        ("since=soon", "since"),
        ("since=2024-01-02&until=2024-01-01", "since"),
        ("content=x", "content"),
    ],
)
def test_a_wrong_filter_is_named(api, query, param):
    for path in ("/api/requests", "/api/usage") if param != "content" else ("/api/requests",):
        answer = api("GET", f"{path}?{query}")
        assert (answer.status, answer.error["param"]) == (400, param)


def test_usage_is_summed_by_what_is_asked_for(api):
    rows = {row["group"]["model"]: row for row in api("GET", "/api/usage?by=model").json["data"]}
    assert rows["demo"]["requests"] == 3 and rows["demo"]["completion_tokens"] == 1 + 3 + 5
    assert rows["gpt-4o"]["cost_usd"] == pytest.approx(0.5 * (0 + 2 + 4))
    assert (rows["demo"]["answered"], rows["demo"]["failed"]) == (2, 1)
    by_two = api("GET", "/api/usage?by=model&by=day").json["data"]
    assert by_two == api("GET", "/api/usage?by=model,day").json["data"] and len(by_two) == 6
    assert {row["group"]["day"] for row in by_two} >= {"2023-11-15", "2023-11-20"}
    (whole,) = api("GET", "/api/usage?since=2023-11-16").json["data"]
    assert whole["requests"] == 5 and whole["group"] == {}


@pytest.mark.parametrize("query", ["by=mood", "by=model&by=model"])
def test_a_wrong_group_is_named(api, query):
    answer = api("GET", f"/api/usage?{query}")
    assert answer.status == 400 and answer.error["param"].startswith("by")


def test_models(api):
    assert api("GET", "/api/models").json == {"data": [{"id": "demo", "provider": "engine"}], "next": None}


def test_an_export_as_json_lines_is_every_record_oldest_first(api):
    answer = api("GET", "/api/export?since=2023-11-16")
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [line["id"] for line in lines] == [record.id for record in RECORDS[1:]]
    assert lines[0] == api("GET", "/api/requests/req_1").json
    assert "attachment" in answer.headers["content-disposition"]


def test_an_export_as_csv_has_the_same_rows(api):
    answer = api("GET", "/api/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["id"] for row in rows] == [record.id for record in RECORDS]
    assert rows[2]["completion_tokens"] == "2" and json.loads(rows[2]["messages"])[0]["content"] == "Wie gehtés?"


def test_a_wrong_format_is_named(api):
    assert api("GET", "/api/export?format=xml").error["param"] == "format"
