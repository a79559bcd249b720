"""How errors look to routing."""

import pytest

from parley.core.errors import (
    BadRequest,
    GatewayError,
    Internal,
    Overloaded,
    UpstreamCut,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnreachable,
)
from parley.routing.outcome import outcome_of


@pytest.mark.parametrize(
    ("error", "codes", "blames", "final"),
    [
        (UpstreamUnreachable("x"), {502, 500}, True, False),
        (UpstreamTimedOut("x"), {504, 408}, True, False),
        (UpstreamCut("x"), {502}, True, False),
        (UpstreamGarbled("x"), {502}, True, False),
        (UpstreamRefused("x", status=429, retry_after="3"), {429}, True, False),
        (UpstreamRefused("x", status=401), {401}, False, False),
        (BadRequest("x"), {400}, False, False),
        (Overloaded("x"), {503}, True, False),
        (Internal("x"), {500}, False, True),
    ],
)
def test_an_error_has_its_statuses_and_blame(error: GatewayError, codes: set[int], blames: bool, final: bool) -> None:
    outcome = outcome_of(error, 0.0)
    assert all(outcome.among({code}) for code in codes)
    assert (outcome.blames_target, outcome.final, outcome.answered) == (blames, final, False)


def test_retry_after_comes_along_in_seconds() -> None:
    assert outcome_of(UpstreamRefused("x", status=429, retry_after="3"), 0.0).retry_after == 3.0
