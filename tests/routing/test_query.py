"""What a query asks and when it holds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.routing.mistakes import Mistakes
from parley.routing.query import holds
from parley.routing.query_config import read_query
from tests.routing.plans import Said

FACTS = Said(
    metadata={"plan": "pro", "age": "42", "flag": True, "none": None},
    params={"n": 1, "tools": [1, 2], "model": "gpt-4o", "temperature": 0.5},
    tokens=1500,
    content=frozenset({"text", "image"}),
    session_id="s1",
)


def said(query: Any) -> bool:
    mistakes = Mistakes()
    found = read_query(query, "query", mistakes)
    assert not mistakes.found, mistakes.found
    return holds(found, FACTS)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"metadata.plan": "pro"},
        {"metadata.plan": {"$eq": "pro"}},
        {"metadata.plan": {"$ne": "free"}},
        {"metadata.nobody": {"$ne": "free"}},
        {"metadata.nobody": {"$nin": ["free"]}},
        {"metadata.none": None},
        {"metadata.age": {"$gt": 40, "$lt": "43"}},
        {"metadata.flag": True},
        {"params.n": 1.0},
        {"params.temperature": {"$gte": 0.5, "$lte": 0.5}},
        {"params.model": {"$regex": "^gpt-4"}},
        {"params.n": {"$regex": "1"}},
        {"params.tools": {"$length": 2}},
        {"params.tools": {"$length": {"$gt": 1}}},
        {"metadata.plan": {"$in": ["free", "pro"]}},
        {"url.pathname": "/v1/chat/completions"},
        {"tokens": {"$gt": 1000}},
        {"content": "image"},
        {"content": {"$in": ["audio", "text"]}},
        {"content": {"$ne": "tools"}},
        {"session_id": "s1"},
        {"$or": [{"metadata.plan": "free"}, {"params.n": 1}]},
        {"$and": [{"metadata.plan": "pro"}, {"params.n": 1}], "tokens": {"$lt": 2000}},
    ],
)
def test_these_hold(query: Any) -> None:
    assert said(query)


@pytest.mark.parametrize(
    "query",
    [
        {"metadata.plan": "Pro"},
        {"metadata.nobody": None},
        {"metadata.nobody": {"$gt": 0}},
        {"metadata.nobody": {"$regex": "undefined"}},
        {"metadata.plan": {"$gt": 1}},
        {"metadata.flag": 1},
        {"metadata.flag": {"$gt": 0}},
        {"params.n": True},
        {"params.n": "1"},
        {"params.n": {"$length": 1}},
        {"content": "audio"},
        {"content": {"$nin": ["text"]}},
        {"user_id": "u"},
        {"$or": [{"metadata.plan": "free"}], "params.n": 1},
        {"$or": [{"params.n": 1}], "metadata.plan": "free"},
        {"metadata.plan": {"$regex": "pro", "$ne": "pro"}},
    ],
)
def test_these_do_not(query: Any) -> None:
    assert not said(query)


def test_a_pattern_can_not_hang() -> None:
    found = read_query({"params.model": {"$regex": "(a+)+$"}}, "query", Mistakes())
    assert not holds(found, Said(params={"model": "a" * 50_000 + "b"}))


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(value=VALUES, bound=VALUES, operator=st.sampled_from(["$eq", "$ne", "$gt", "$lt", "$regex", "$in", "$length"]))
def test_no_value_crashes_an_operator(value: Any, bound: Any, operator: str) -> None:
    mistakes = Mistakes()
    query = read_query({"params.x": {operator: bound}}, "query", mistakes)
    if not mistakes.found:
        assert holds(query, Said(params={"x": value})) in (True, False)
