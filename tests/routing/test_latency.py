"""The latency of late."""

from parley.routing.latency import Latency


def test_a_rise_is_believed_at_once_and_a_fall_slowly() -> None:
    latency = Latency()
    latency.observe(0.1, 0.0)
    latency.observe(2.0, 1.0)
    assert latency.now(1.0, 0.1) == 2.0
    latency.observe(0.1, 1.5)
    assert latency.now(1.5, 0.1) > 1.5
    for i in range(100):
        latency.observe(0.1, 1.5 + i * 0.5)
    assert latency.now(51.0, 0.1) < 0.11


def test_a_target_that_is_not_asked_fades_to_its_best() -> None:
    latency = Latency()
    latency.observe(2.0, 0.0)
    assert latency.now(100.0, 0.1) < 0.11


def test_before_the_first_call_it_is_nothing() -> None:
    assert Latency().now(0.0, 1.0) == 0.0
