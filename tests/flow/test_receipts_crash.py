"""Receipts when the power goes: whatever a client saw answered can be proven, and no chain has a hole."""

import asyncio
import signal
from pathlib import Path

from tests.flow.asking import get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.load import Seen, keep_asking, paced
from tests.flow.stage import Stage

CLIENTS = 20


async def under_load(gateway: Gateway, seconds: float) -> Seen:
    """What clients saw of a gateway that is killed under load."""
    seen, stop = Seen(), asyncio.Event()
    clients = [asyncio.create_task(keep_asking(gateway, seen, n % 2 == 0, stop)) for n in range(CLIENTS)]
    await asyncio.sleep(seconds)
    gateway.tell(signal.SIGKILL)
    await gateway.ended()
    stop.set()
    await asyncio.gather(*clients)
    return seen


async def test_what_was_seen_answered_before_a_kill_has_its_receipt(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, config(stage))
    gateway.start()
    async with stage.plays(paced):
        seen = await under_load(gateway, 1.0)
    with gateway:
        assert len(seen.ended) >= CLIENTS
        for id in (*seen.ended[:5], *seen.ended[-5:]):
            assert (await get(gateway, f"/v1/signature/{id}?signing_algo=ed25519")).status == 200
        audit = (await get(gateway, "/api/receipts/audit")).json
        assert audit["breaks"] == []
        assert audit["receipts"] == len(gateway.rows("outcome = 'answered'")) >= len(seen.ended)


async def test_two_workers_have_a_chain_each(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, config(stage), arguments=("--workers", "2"))
    gateway.start()
    async with stage.plays(paced):
        await under_load(gateway, 1.0)
    with gateway:
        audit = (await get(gateway, "/api/receipts/audit")).json
    assert audit["chains"] == 2 and audit["breaks"] == []
