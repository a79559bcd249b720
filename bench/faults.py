"""What routing is worth when upstreams fail: three of them, one dies, one answers 429 half of the time, one slows down.

    python -m bench.faults [--seconds 20] [--rate 200]

A run has five parts: all is well; `a` dies and `b` begins to refuse every other request; `a` is back and `c` takes ten
times as long; all is well again; and, as a run of its own, an outage in which all three refuse everything. `routed`
asks a route over the three (latency-aware, with failover); `not routed` asks the three models in turn. Calls leave at
their time whether or not earlier ones are back, and their latency counts from that time. Upstream, clients and gateway
share the machine: the figures say how routing behaves, not how fast it is.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import uvloop

from bench.fault_upstream import Faulty
from bench.gateway import inference_key
from bench.processes import free_port, running
from bench.ready import answered
from bench.target import Target
from parley.wire.http import HttpClient, HttpError, HttpRequest, Limits, Timeouts, Url

USUAL, SLOW = 0.020, 0.200
"""Seconds that an upstream takes, and takes when it is slow."""
NAMES = ("a", "b", "c")
ADMIN = "pk-faults-0123456789-0123456789"
PATIENCE = Timeouts(connect=5, first_byte=15, idle=15, total=15)


@dataclass
class Run:
    """What one run saw; latencies in seconds, by the part of the run in which the call left."""

    calls: int = 0
    good: int = 0
    twice: int = 0
    asked: int = 0
    back_after: float | None = None
    calm: list[float] = field(default_factory=list)
    storm: list[float] = field(default_factory=list)

    def added(self) -> float:
        """Milliseconds that the storm adds to the 99th percentile of answered calls."""
        return (p99(self.storm) - p99(self.calm)) * 1000


def p99(latencies: list[float]) -> float:
    """The 99th percentile."""
    return quantiles(latencies, n=100)[98] if len(latencies) > 1 else 0.0


def config(room: Path, upstreams: list[Faulty]) -> str:
    """Three providers, three models, one route."""
    rows = [f'[store]\nurl = "sqlite:///{room}/parley.db"\n[engine.models]\n']
    for one in upstreams:
        rows.append(
            f'[providers.{one.name}]\ndialect = "openai"\nbase_url = "http://127.0.0.1:{one.port}/v1"\n'
            f'api_key = "sk-x"\n[models.{one.name}]\nprovider = "{one.name}"\n'
        )
    targets = ", ".join(f'{{ model = "{one.name}" }}' for one in upstreams)
    strategy = '{ mode = "loadbalance", balance = "latency", failover = true }'
    rows.append(f"[routes.routed]\nstrategy = {strategy}\ntargets = [{targets}]\n")
    rows.append('[models.bench]\nprovider = "a"\n')  # what `bench.ready` asks
    return "\n".join(rows)


class Load:
    """Calls at a steady rate."""

    def __init__(self, target: Target, client: HttpClient, rate: float, *, routed: bool) -> None:
        self.run = Run()
        self._url = Url.parse(f"http://127.0.0.1:{target.port}/v1")
        self._headers = [(name.encode(), value.encode()) for name, value in target.headers.items()]
        self._headers.append((b"content-type", b"application/json"))
        self._client = client
        self._rate = rate
        self._routed = routed
        self._storm = False

    async def go(self, seconds: float, *, storm: bool) -> None:
        """Calls for so long, and waits for the last of them."""
        loop = asyncio.get_running_loop()
        began, self._storm = loop.time(), storm
        tasks = set()
        for number in range(int(seconds * self._rate)):
            due = began + number / self._rate
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.run.calls += 1
            tasks.add(asyncio.create_task(self._one(self.run.calls, due)))
        await asyncio.gather(*tasks)

    async def _one(self, number: int, due: float) -> None:
        model = "routed" if self._routed else NAMES[number % len(NAMES)]
        asked = {"model": model, "messages": [{"role": "user", "content": f"call-{number}"}]}
        request = HttpRequest("POST", self._url, "/chat/completions", self._headers, json.dumps(asked).encode())
        try:
            response = await self._client.send(request, PATIENCE)
            await response.read(1 << 20)
        except HttpError:
            return
        if response.status == 200:
            self.run.good += 1
            latencies = self.run.storm if self._storm else self.run.calm
            latencies.append(asyncio.get_running_loop().time() - due)


async def storm(target: Target, upstreams: list[Faulty], seconds: float, rate: float, *, routed: bool) -> Run:
    """One run through all faults."""
    a, b, c = upstreams
    loop = asyncio.get_running_loop()
    async with HttpClient(Limits(connections=2048, idle_connections=2048)) as client:
        load = Load(target, client, rate, routed=routed)
        await load.go(seconds * 0.2, storm=False)
        a.die()
        b.limited = True
        await load.go(seconds * 0.3, storm=True)
        await a.rise()
        back, c.delay = loop.time(), SLOW
        await load.go(seconds * 0.3, storm=True)
        b.limited, c.delay = False, USUAL
        await load.go(seconds * 0.2, storm=True)
    run = load.run
    counts = sum((one.answered for one in upstreams), start=type(a.answered)())
    run.twice = sum(1 for times in counts.values() if times > 1)
    run.asked = sum(one.asked for one in upstreams)
    run.back_after = None if a.first_answer_since is None else a.first_answer_since - back
    return run


async def outage(target: Target, upstreams: list[Faulty], seconds: float, rate: float, *, routed: bool) -> Run:
    """One run in which nobody answers."""
    before = sum(one.asked for one in upstreams)
    for one in upstreams:
        one.refusing = True
    async with HttpClient(Limits(connections=2048, idle_connections=2048)) as client:
        load = Load(target, client, rate, routed=routed)
        await load.go(seconds, storm=True)
    load.run.asked = sum(one.asked for one in upstreams) - before
    return load.run


async def measured(seconds: float, rate: float, *, routed: bool) -> tuple[Run, Run]:
    """The storm and the outage, with a fresh gateway."""
    upstreams = [Faulty(name, free_port(), USUAL) for name in NAMES]
    for one in upstreams:
        await one.rise()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        (room / "parley.toml").write_text(config(room, upstreams))
        port = free_port()
        argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve"]
        argv += ["--config", str(room / "parley.toml"), "--port", str(port), "--data", str(room / "data")]
        with running(argv, log=room / "log", env={"PARLEY_ADMIN_KEY": ADMIN}, cwd=room) as pid:
            target = Target(name="Parley", port=port, pid=pid, headers={"authorization": f"Bearer {ADMIN}"})
            await asyncio.to_thread(answered, target, room / "log")
            key = await asyncio.to_thread(inference_key, port, ADMIN)
            target = Target(name="Parley", port=port, pid=pid, headers={"authorization": f"Bearer {key}"})
            for one in upstreams:
                one.asked = 0
                one.answered.clear()
            return (
                await storm(target, upstreams, seconds, rate, routed=routed),
                await outage(target, upstreams, seconds, rate, routed=routed),
            )


def row(name: str, run: Run, dark: Run) -> str:
    """One line of the table."""
    back = "never" if run.back_after is None else f"{run.back_after:.2f} s"
    return (
        f"{name:<12}{run.calls:>8}{run.good / run.calls:>11.2%}{run.twice:>8}{run.added():>12.0f} ms"
        f"{back:>12}{run.asked / run.calls:>12.2f}{dark.asked / dark.calls:>12.2f}"
    )


COLUMNS = (
    *(("calls", 8), ("answered", 11), ("twice", 8)),
    *(("added p99", 15), ("recovery", 12), ("asked/call", 12), ("outage", 12)),
)


def main() -> None:
    """Measures both and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the storm, and of the outage")
    parser.add_argument("--rate", type=float, default=200.0, help="calls in a second")
    given = parser.parse_args()
    began = time.monotonic()
    print(f"{'':<12}" + "".join(f"{name:>{width}}" for name, width in COLUMNS))
    for name, routed in (("routed", True), ("not routed", False)):
        run, dark = uvloop.run(measured(given.seconds, given.rate, routed=routed))
        print(row(name, run, dark), flush=True)
    print(
        f"{given.rate:g} calls/s, {given.seconds:g} s of storm and as much of outage; {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
