"""The budget: an outage is not amplified, and a single failing target is survived."""

from hypothesis import given
from hypothesis import strategies as st

from parley.routing.budget import Budget, BudgetRule, Budgets

RULE = BudgetRule()


@given(st.lists(st.tuples(st.sampled_from(("call", "answer", "take")), st.floats(0, 1)), max_size=400))
def test_what_was_taken_is_never_more_than_what_came_in(script: list[tuple[str, float]]) -> None:
    budget, now, calls, answers, taken = Budget(RULE, 0.0), 0.0, 0, 0, 0
    for what, passed in script:
        now += passed
        if what == "call":
            budget.called(now)
            calls += 1
        elif what == "answer":
            budget.answered(now)
            answers += 1
        else:
            taken += budget.take(now)
        income = calls * RULE.per_call + answers * RULE.per_answer + now * RULE.per_second
        assert taken <= RULE.most / 2 + income + 1e-6


def test_in_a_total_outage_attempts_are_at_most_a_fifth_more_than_calls() -> None:
    budget, attempts, calls = Budget(RULE, 0.0), 0, 200 * 60
    for i in range(calls):
        now = i / 200
        budget.called(now)
        attempts += 1
        while budget.take(now):
            attempts += 1
    assert attempts / calls <= 1.2


def test_every_answer_pays_for_one_fallback() -> None:
    budget = Budget(RULE, 0.0)
    for i in range(1000):
        now = i / 200
        budget.called(now)
        assert budget.take(now)
        budget.answered(now)


def test_one_routes_outage_does_not_spend_anothers_budget() -> None:
    budgets = Budgets()
    while budgets.of("a", 0.0).take(0.0):
        pass
    assert budgets.of("b", 0.0).take(0.0)


def test_budgets_that_are_not_used_are_forgotten() -> None:
    budgets = Budgets(most=2)
    first = budgets.of("a", 0.0)
    budgets.of("b", 0.0)
    budgets.of("c", 0.0)
    assert budgets.of("a", 0.0) is not first


def test_a_clock_that_steps_back_adds_nothing() -> None:
    budget = Budget(BudgetRule(most=2, per_second=1), 10.0)
    assert budget.take(10.0)
    assert not budget.take(5.0)
    assert not budget.take(10.5)
    assert budget.take(11.0)
