"""The walk through a plan: order, retries, what is passed over, and when it ends."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.errors import BadRequest
from parley.routing.budget import Budget, BudgetRule
from parley.routing.outcome import ANSWERED, Outcome
from parley.routing.plan import Branch, Conditional, Fallback, LoadBalance, Plan, Share, leaves
from parley.routing.query import AllOf, Test
from parley.routing.walk import Walk
from tests.routing.plans import BAD, REFUSED, Said, Told, around, asked, leaf

A, B, C = leaf("a"), leaf("b"), leaf("c")


def when(key: str, value: str) -> Test:
    return Test(fact=("metadata", key), operator="$eq", value=value)


def test_a_single_target_is_asked_once() -> None:
    assert asked(A, {"a": BAD}) == ["a"]


def test_a_fallback_asks_the_next_until_one_answers() -> None:
    assert asked(Fallback(children=(A, B, C)), {"a": BAD, "b": BAD}) == ["a", "b", "c"]
    assert asked(Fallback(children=(A, B, C)), {"a": BAD}) == ["a", "b"]


def test_a_fallback_without_codes_goes_on_after_any_failure() -> None:
    assert asked(Fallback(children=(A, B)), {"a": REFUSED}) == ["a", "b"]


def test_a_fallback_with_codes_goes_on_after_those_alone() -> None:
    plan = Fallback(children=(A, B), on_status_codes=frozenset({503}))
    assert asked(plan, {"a": BAD}) == ["a", "b"]
    assert asked(plan, {"a": REFUSED}) == ["a"]


def test_a_timeout_goes_by_portkeys_number_too() -> None:
    late = Outcome(status=504, alias=408, transport=True)
    assert asked(Fallback(children=(A, B), on_status_codes=frozenset({408})), {"a": late}) == ["a", "b"]


def test_a_fault_of_the_house_ends_the_walk() -> None:
    assert asked(Fallback(children=(A, B)), {"a": Outcome(status=500, final=True)}) == ["a"]


def test_a_target_is_retried_before_the_next_one_is_asked() -> None:
    plan = Fallback(children=(leaf("a", attempts=2), B))
    assert asked(plan, {"a": BAD}) == ["a", "a", "a", "b"]


def test_a_load_balance_keeps_to_its_child_as_portkeys_does() -> None:
    plan = LoadBalance(shares=(Share(plan=A), Share(plan=B)))
    assert len(asked(plan, {"a": BAD, "b": BAD})) == 1


def test_a_load_balance_with_failover_draws_another_child() -> None:
    plan = LoadBalance(shares=(Share(plan=A), Share(plan=B), Share(plan=C)), failover=True)
    assert sorted(asked(plan, dict.fromkeys("abc", BAD))) == ["a", "b", "c"]


def test_a_fallback_goes_on_after_the_child_of_a_load_balance_inside_it() -> None:
    plan = Fallback(children=(LoadBalance(shares=(Share(plan=A), Share(plan=B, weight=0))), C))
    assert asked(plan, {"a": BAD}) == ["a", "c"]


def test_a_conditional_takes_the_first_branch_that_holds() -> None:
    plan = Conditional(
        branches=(
            Branch(when=when("plan", "pro"), plan=A),
            Branch(when=AllOf(parts=()), plan=Fallback(children=(B, C))),
        ),
    )
    assert asked(plan, facts=Said(metadata={"plan": "pro"})) == ["a"]
    assert asked(plan, {"b": BAD}) == ["b", "c"]


def test_a_conditional_without_a_match_and_default_is_the_callers_mistake() -> None:
    plan = Conditional(branches=(Branch(when=when("plan", "pro"), plan=A),), path="config.targets[1]")
    with pytest.raises(BadRequest, match=r"config\.targets\[1\]\.strategy"):
        asked(plan)


def test_a_target_that_fails_already_is_passed_over() -> None:
    gate = Told({"p/a": "open"})
    assert asked(Fallback(children=(A, B)), gate=gate) == ["b"]
    assert asked(LoadBalance(shares=(Share(plan=A, weight=1000), Share(plan=B))), gate=gate) == ["b"]


def test_where_every_circuit_is_open_targets_are_asked_all_the_same_but_not_retried() -> None:
    gate = Told({"p/a": "open", "p/b": "open"})
    assert asked(Fallback(children=(leaf("a", attempts=3), B)), {"a": BAD, "b": BAD}, gate=gate) == ["a", "b"]


def test_what_was_passed_over_is_asked_after_the_others_failed_the_full_ones_first() -> None:
    gate = Told({"p/a": "open", "p/b": "full"})
    assert asked(Fallback(children=(A, B, C)), dict.fromkeys("abc", BAD), gate=gate) == ["c", "b", "a"]


def test_what_was_passed_over_is_not_asked_after_an_outcome_that_ends_the_walk() -> None:
    plan = Fallback(children=(A, B), on_status_codes=frozenset({503}))
    assert asked(plan, {"b": REFUSED}, gate=Told({"p/a": "open"})) == ["b"]
    assert asked(plan, {"b": BAD}, gate=Told({"p/a": "open"})) == ["b", "a"]
    plan = Fallback(children=(B, A), on_status_codes=frozenset({503}))
    assert asked(plan, {"b": REFUSED}, gate=Told({"p/a": "open"})) == ["b"]


def test_a_load_balance_keeps_to_its_child_in_every_round() -> None:
    plan = LoadBalance(shares=(Share(plan=A), Share(plan=B)))
    assert asked(plan, {"b": BAD}, gate=Told({"p/a": "open"})) == ["b"]


def test_an_upstream_with_as_many_calls_as_it_may_have_is_not_asked_even_then() -> None:
    walk = Walk(Fallback(children=(A, B)), Said(), around(Told({"p/a": "packed", "p/b": "packed"})))
    assert walk.step(None, 0.0) is None
    assert "as many requests as it may have" in walk.refusal()


def test_a_context_that_is_too_small_is_passed_over() -> None:
    contexts = {"a": 100, "b": 100_000}
    plan = Fallback(children=(A, B))
    found = asked(plan, facts=Said(tokens=1000), context=lambda target: contexts[target.model])
    assert found == ["b"]


def test_without_a_budget_only_the_first_attempt_is_made() -> None:
    budget = Budget(BudgetRule(per_call=0, per_answer=0, per_second=0, most=0), 0.0)
    assert asked(Fallback(children=(leaf("a", attempts=3), B)), {"a": BAD}, budget=budget) == ["a"]


def test_nothing_is_asked_past_the_deadline() -> None:
    walk = Walk(Fallback(children=(A, B)), Said(), around(deadline=5.0))
    assert walk.step(None, 0.0) is not None
    assert walk.step(BAD, 5.0) is None


def test_a_wait_that_would_end_past_the_deadline_is_not_begun() -> None:
    walk = Walk(leaf("a", attempts=3), Said(), around(deadline=5.0))
    assert walk.step(None, 0.0) is not None
    assert walk.step(Outcome(status=429, retry_after=10.0), 0.1) is None


def test_a_retry_waits_as_long_as_the_upstream_asks() -> None:
    walk = Walk(leaf("a", attempts=3), Said(), around(deadline=50.0))
    assert walk.step(None, 0.0) is not None
    again = walk.step(Outcome(status=429, retry_after=10.0), 0.1)
    assert again is not None
    assert 10.0 <= again.delay <= 10.5
    assert again.retry == 1


def test_an_attempt_that_could_not_begin_leads_to_the_next_target() -> None:
    walk = Walk(Fallback(children=(A, B)), Said(), around())
    assert walk.step(None, 0.0) is not None
    following = walk.step(None, 0.0)
    assert following is not None
    assert following.target.model == "b"
    assert walk.asked == 1


def plans(depth: int = 3) -> st.SearchStrategy[Plan]:
    names = st.integers(0, 10**6).map(lambda number: leaf(f"m{number}"))
    if depth == 0:
        return names
    inner = st.lists(plans(depth - 1), min_size=1, max_size=3)
    shares = inner.map(lambda found: tuple(Share(plan=plan, weight=i % 3 + 1) for i, plan in enumerate(found)))
    return st.one_of(
        names,
        inner.map(lambda found: Fallback(children=tuple(found))),
        st.builds(LoadBalance, shares=shares, failover=st.booleans(), balance=st.sampled_from(("weighted", "latency"))),
        inner.map(
            lambda found: Conditional(
                branches=tuple(Branch(when=when("k", str(i)), plan=plan) for i, plan in enumerate(found)),
                default=found[0],
            )
        ),
    )


@given(plan=plans(), seed=st.integers(0, 99), key=st.sampled_from("0123"), data=st.data())
def test_every_target_is_asked_at_most_as_often_as_it_is_written(
    plan: Plan, seed: int, key: str, data: st.DataObject
) -> None:
    names = sorted({one.path for one in leaves(plan)})
    ends = {name: data.draw(st.sampled_from((ANSWERED, BAD, REFUSED))) for name in names}
    closed = {f"p/{name}": "open" for name in names if data.draw(st.booleans())}
    found = asked(plan, ends, Said(metadata={"k": key}), gate=Told(closed), seed=seed)  # type: ignore[arg-type]
    assert found, "something is always asked while nothing is full"
    assert not Counter(found) - Counter(one.path for one in leaves(plan))


@pytest.mark.parametrize("failing", [("a",), ("a", "b")])
def test_fallback_in_balance_in_conditional_works_as_written(failing: tuple[str, ...]) -> None:
    balanced = LoadBalance(shares=(Share(plan=Fallback(children=(A, B))), Share(plan=C, weight=0)))
    plan = Conditional(branches=(Branch(when=when("k", "v"), plan=balanced),), default=C)
    assert asked(plan, dict.fromkeys(failing, BAD), Said(metadata={"k": "v"})) == ["a", "b"]
    assert asked(plan, facts=Said()) == ["c"]


def test_the_draws_come_from_the_generator_that_was_given() -> None:
    plan = LoadBalance(shares=tuple(Share(plan=leaf(str(i))) for i in range(50)))
    assert asked(plan, seed=7) == asked(plan, seed=7)
    assert len({asked(plan, seed=seed)[0] for seed in range(50)}) > 5
