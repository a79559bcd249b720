"""Which targets do worse than their peers."""

from hypothesis import given
from hypothesis import strategies as st

from parley.routing.outliers import Standing, outliers

WELL = Standing(failure_rate=0.0, calls=100)


def test_one_that_fails_more_than_the_others_is_an_outlier() -> None:
    assert outliers({"a": WELL, "b": WELL, "c": Standing(failure_rate=0.5, calls=100)}) == {"c"}


def test_a_trouble_that_all_share_is_nobodys_fault() -> None:
    ill = Standing(failure_rate=0.6, calls=100)
    assert outliers({"a": ill, "b": ill, "c": ill}) == frozenset()


def test_one_that_slowed_down_against_its_own_past_is_an_outlier() -> None:
    assert outliers({"a": WELL, "b": Standing(failure_rate=0, calls=100, slowdown=10)}) == {"b"}


def test_a_few_calls_prove_nothing() -> None:
    assert outliers({"a": WELL, "b": Standing(failure_rate=1.0, calls=3)}) == frozenset()


STANDINGS = st.builds(Standing, failure_rate=st.floats(0, 1), calls=st.integers(0, 1000), slowdown=st.floats(1, 1e6))


@given(st.dictionaries(st.text(max_size=3), STANDINGS, max_size=8))
def test_at_most_half_are_set_aside(peers: dict[str, Standing]) -> None:
    assert len(outliers(peers)) <= len(peers) // 2
