"""A process that is killed while it writes: every record whose awaitable had ended is in the store."""

import asyncio
import sys
from pathlib import Path

import pytest

from parley.store import open_store

WRITE = """
import asyncio, os, sys
from pathlib import Path
from parley.store import open_ledger
from tests.store.sample import a_full_record

async def caller(ledger, n):
    i = 0
    while True:
        i += 1
        id = f"req_{os.getpid()}_{n}_{i}"
        await ledger.put(a_full_record(id))
        os.write(1, id.encode() + b"\\n")

async def main():
    ledger = open_ledger(sys.argv[1], "commit", Path(sys.argv[2]))
    await ledger.start()
    await asyncio.gather(*(caller(ledger, n) for n in range(16)))

asyncio.run(main())
"""


async def killed_after(seconds: float, url: str, spool: Path) -> list[str]:
    """The ids that a writing process told before it was killed."""
    pipe = asyncio.subprocess.PIPE
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITE, url, str(spool), stdout=pipe)
    assert writer.stdout is not None
    told = [await writer.stdout.readline()]
    asyncio.get_running_loop().call_later(seconds, writer.kill)
    told += [line async for line in writer.stdout]
    assert await writer.wait() == -9
    return [line.decode().strip() for line in told if line.endswith(b"\n")]


@pytest.mark.parametrize("seconds", [0.05, 0.3])
async def test_what_was_answered_before_a_kill_is_in_the_ledger(url: str, tmp_path: Path, seconds: float) -> None:
    store = await open_store(url, tmp_path)
    told = await asyncio.gather(*(killed_after(seconds, url, tmp_path / "spool") for _ in range(2)))
    kept = {record.id async for record in store.requests.export()}
    assert all(told)
    for ids in told:
        assert set(ids) <= kept
    await store.close()


async def test_what_was_spooled_before_a_kill_is_in_the_ledger_after_the_next_start(tmp_path: Path) -> None:
    nowhere = f"postgresql://x@/x?host={tmp_path}"
    told = await killed_after(0.3, nowhere, tmp_path / "spool")
    assert told
    again = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READ, str(tmp_path / "spool"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await again.communicate()
    assert set(told) <= set(out.decode().split())


READ = """
import sys
from pathlib import Path
from parley.store.spool import Spool
for file in Spool(Path(sys.argv[1])).left_over():
    for piece in file.pieces(100):
        print(*(record.id for record in piece), sep="\\n")
"""
