"""A closed loop of whole requests: wrk drives it, /proc says what it cost."""

import json
import os
import subprocess
from pathlib import Path
from typing import TypedDict

from bench.processes import cpu_seconds
from bench.target import Target

SCRIPT = Path(__file__).with_name("chat.lua")


class Closed(TypedDict):
    """One phase: `cpu_us` is the target's processor time for each request, None where it has no process of its own."""

    connections: int
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float | None
    refused: int
    broken: int


def closed_loop(target: Target, *, stream: bool, connections: int, seconds: int) -> Closed:
    """Asks as fast as answers come, over `connections` kept-alive connections, for whole `seconds`.

    Raises RuntimeError if wrk fails.
    """
    before = cpu_seconds(target.pid) if target.pid else 0.0
    counted = _wrk(target, stream=stream, connections=connections, seconds=seconds)
    spent = cpu_seconds(target.pid) - before if target.pid else None
    requests = counted["requests"]
    return Closed(
        connections=connections,
        requests=requests,
        per_second=requests / (counted["duration_us"] / 1e6),
        p50_ms=counted["p50_us"] / 1000,
        p99_ms=counted["p99_us"] / 1000,
        cpu_us=None if spent is None or not requests else spent * 1e6 / requests,
        refused=counted["refused"],
        broken=counted["broken"],
    )


def _wrk(target: Target, *, stream: bool, connections: int, seconds: int) -> dict[str, int]:
    url = f"http://127.0.0.1:{target.port}{target.path}"
    asked = {
        "BENCH_BODY": target.body(stream=stream).decode(),
        "BENCH_HEADERS": "\n".join(f"{name}: {value}" for name, value in target.headers.items()),
    }
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPT), url]
    environment = os.environ | asked
    ended = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=seconds + 60, check=False)
    last = ended.stdout.strip().rpartition("\n")[2]
    if ended.returncode or not last.startswith("{"):
        raise RuntimeError(f"wrk failed on {target.name}: {ended.stderr or ended.stdout}")
    counted: dict[str, int] = json.loads(last)
    return counted
