"""A value that goes stale: fetched once, renewed early, and waited for no longer than allowed."""

import asyncio

import pytest

from parley.wire.renewal import Renewed


class Issuer:
    """Gives `token1`, `token2`, ..., good for `life` seconds of a clock that stands still unless it is moved."""

    def __init__(self, life: float = 1000.0) -> None:
        self.time = 10_000.0
        self.life = life
        self.asked = 0
        self.broken = False
        self.open = asyncio.Event()
        self.open.set()

    def now(self) -> float:
        return self.time

    async def fetch(self) -> tuple[str, float]:
        self.asked += 1
        name = f"token{self.asked}"
        await self.open.wait()
        if self.broken:
            raise ValueError("no")
        return name, self.time + self.life


def soon() -> float:
    return asyncio.get_running_loop().time() + 5


async def test_many_who_wait_share_one_fetch() -> None:
    issuer = Issuer()
    issuer.open.clear()
    kept: Renewed[str] = Renewed(now=issuer.now)
    waiting = [asyncio.create_task(kept.get(issuer.fetch, soon())) for _ in range(50)]
    await asyncio.sleep(0)
    issuer.open.set()
    assert set(await asyncio.gather(*waiting)) == {"token1"}
    assert issuer.asked == 1


async def test_it_is_renewed_before_it_ends_while_nobody_waits() -> None:
    issuer = Issuer()
    kept: Renewed[str] = Renewed(early=300, now=issuer.now)
    await kept.get(issuer.fetch, soon())
    issuer.time += 699
    assert await kept.get(issuer.fetch, soon()) == "token1"
    await asyncio.sleep(0.01)
    assert issuer.asked == 1
    issuer.time += 2
    issuer.open.clear()
    assert await kept.get(issuer.fetch, soon()) == "token1"
    issuer.open.set()
    await asyncio.sleep(0.01)
    assert (await kept.get(issuer.fetch, soon()), issuer.asked) == ("token2", 2)


async def test_a_short_life_is_renewed_at_its_half() -> None:
    issuer = Issuer(life=10)
    kept: Renewed[str] = Renewed(early=300, now=issuer.now)
    for _ in range(3):
        assert await kept.get(issuer.fetch, soon()) == "token1"
    await asyncio.sleep(0.01)
    assert issuer.asked == 1


async def test_what_ended_is_never_given() -> None:
    issuer = Issuer()
    kept: Renewed[str] = Renewed(now=issuer.now)
    await kept.get(issuer.fetch, soon())
    issuer.time += 1000
    assert await kept.get(issuer.fetch, soon()) == "token2"


async def test_a_failed_renewal_leaves_the_old_value_and_pauses() -> None:
    issuer = Issuer()
    kept: Renewed[str] = Renewed(now=issuer.now)
    await kept.get(issuer.fetch, soon())
    issuer.time += 900
    issuer.broken = True
    for _ in range(5):
        assert await kept.get(issuer.fetch, soon()) == "token1"
        await asyncio.sleep(0.01)
    assert issuer.asked == 2
    issuer.time += 100
    with pytest.raises(ValueError, match="no"):
        await kept.get(issuer.fetch, soon())


async def test_nobody_waits_past_their_deadline_and_the_fetch_goes_on() -> None:
    issuer = Issuer()
    issuer.open.clear()
    kept: Renewed[str] = Renewed(now=issuer.now)
    with pytest.raises(TimeoutError):
        await kept.get(issuer.fetch, asyncio.get_running_loop().time() + 0.02)
    patient = asyncio.create_task(kept.get(issuer.fetch, soon()))
    leaving = asyncio.create_task(kept.get(issuer.fetch, soon()))
    await asyncio.sleep(0)
    leaving.cancel()
    issuer.open.set()
    assert (await patient, issuer.asked) == ("token1", 1)


async def test_a_fetch_that_hangs_is_given_up() -> None:
    issuer = Issuer()
    issuer.open.clear()
    kept: Renewed[str] = Renewed(patience=0.02, now=issuer.now)
    with pytest.raises(TimeoutError):
        await kept.get(issuer.fetch, soon())
    issuer.open.set()
    assert await kept.get(issuer.fetch, soon()) == "token2"
