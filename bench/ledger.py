"""Measures what one record costs in the ledger on SQLite: CPU per row and latency at 1, 16 and 64 callers.

The CPU time is that of the whole process, so the event loop and the callers' tasks are in it.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from msgspec import structs

from parley.core.record import Record
from parley.core.reply import Usage
from parley.store import open_ledger, open_store
from parley.wire.ids import new_id

MESSAGES = b'[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"What is Parley?"}]'
ANSWER = b'[{"index":0,"message":{"role":"assistant","content":"' + b"A gateway for chat completions. " * 4 + b'"}}]'


def a_record() -> Record:
    """A record as an ordinary chat leaves it."""
    return Record(
        id=new_id("req"),
        created=time.time(),
        account="default",
        application="support",
        intent="REFUND",
        session_id=new_id("ses"),
        trace_id=os.urandom(16).hex(),
        outcome="answered",
        status=200,
        model="gpt-4o-mini",
        provider="openai",
        upstream_model="gpt-4o-mini",
        completion_id=f"chatcmpl-{os.urandom(12).hex()}",
        key_id="key_0123456789abcdef01234567",
        usage=Usage(prompt_tokens=24, completion_tokens=31),
        cost_usd=0.0000222,
        latency_ms=1.2,
        finish_reason="stop",
        messages=MESSAGES,
        answer=ANSWER,
    )


async def measure(callers: int, rows: int, url: str) -> tuple[float, float, float]:
    """CPU microseconds per row, median latency in microseconds, rows per second."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        data = Path(folder)
        where = url or f"sqlite:///{data}/parley.db"
        store = await open_store(where, data)
        ledger = open_ledger(where, "commit", data / "spool")
        await ledger.start()
        await asyncio.gather(*(ledger.put(a_record()) for _ in range(64)))
        records = [a_record() for _ in range(rows)]
        waits: list[float] = []

        async def caller(mine: list[Record]) -> None:
            for record in mine:
                began = time.perf_counter()
                await ledger.put(record)
                waits.append(time.perf_counter() - began)

        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller(records[i::callers]) for i in range(callers)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        stats = ledger.stats()
        await ledger.stop(5)
        await store.close()
        assert stats.committed == rows + 64, structs.asdict(stats)
    return cpu / rows * 1e6, statistics.median(waits) * 1e6, rows / wall


def main() -> None:
    """Prints one line per number of callers; an argument may name a PostgreSQL address instead."""
    url = sys.argv[1] if len(sys.argv) > 1 else ""
    print("callers   CPU us/row   p50 us   rows/s")
    for callers, rows in ((1, 4_000), (16, 20_000), (64, 40_000)):
        cpu, median, rate = uvloop.run(measure(callers, rows, url))
        print(f"{callers:7} {cpu:12.1f} {median:8.0f} {rate:8.0f}")


if __name__ == "__main__":
    main()
