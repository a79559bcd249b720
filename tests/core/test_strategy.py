"""What `memory_strategy` may say, and how mistakes in it are told."""

from typing import Any

import pytest

from parley.core.errors import BadRequest
from parley.core.strategy import LastK, Summary, TokenBudget, read_strategy


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ({"name": "last_k", "params": {"k": 3}}, LastK(3)),
        ({"name": "last_k", "k": 3}, LastK(3)),
        ({"name": "token_budget", "params": {"max_tokens": 100}}, TokenBudget(100)),
        ({"name": "summary", "params": {"keep": 2, "max_tokens": 50}}, Summary(2, 50)),
        ({"name": "summary"}, Summary(6, 500)),
        ({"name": "summary", "params": None}, Summary(6, 500)),
    ],
)
def test_each_strategy_is_read(raw: dict[str, Any], meant: object) -> None:
    assert read_strategy(raw) == meant


@pytest.mark.parametrize(
    ("raw", "param"),
    [
        ({}, "memory_strategy.name"),
        ({"name": "forget"}, "memory_strategy.name"),
        ({"name": 3}, "memory_strategy.name"),
        ({"name": "last_k"}, "memory_strategy.params.k"),
        ({"name": "last_k", "params": {"k": 0}}, "memory_strategy.params.k"),
        ({"name": "last_k", "params": {"k": -1}}, "memory_strategy.params.k"),
        ({"name": "last_k", "params": {"k": True}}, "memory_strategy.params.k"),
        ({"name": "last_k", "params": {"k": "3"}}, "memory_strategy.params.k"),
        ({"name": "last_k", "params": {"k": 2**40}}, "memory_strategy.params.k"),
        ({"name": "last_k", "params": [3]}, "memory_strategy.params"),
        ({"name": "last_k", "params": {"k": 3, "j": 1}}, "memory_strategy.params.j"),
        ({"name": "token_budget", "params": {"k": 3}}, "memory_strategy.params.k"),
        ({"name": "summary", "params": {"keep": 0}}, "memory_strategy.params.keep"),
    ],
)
def test_a_mistake_names_its_field(raw: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as told:
        read_strategy(raw)
    assert told.value.param == param
    assert f"`{param}`" in told.value.message
