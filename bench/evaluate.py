"""`python -m bench.evaluate`: what judging costs, for sentinels without a model and for a judge in the background.

usage: python -m bench.evaluate [--seconds 10] [--rate 500] [--judge-ms 50] [--only sentinels|background]

The first part looks at an answer of 2,000 tokens with twenty sentinels, again and again. The second sends requests at a
steady rate, in turns to an application without sentinels and to one whose answers a judge looks at afterwards; then it
waits until nothing is owed and counts what is in the store. Calls leave at their time whether or not earlier ones are
back, and their latency counts from that time. Load, upstream and gateway share the machine.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from bench.evaluate_answer import QUESTION, SENTINELS, TOKENS, answer
from bench.figures import percentile
from bench.gateway import inference_key
from bench.processes import cpu_seconds, free_port, running
from bench.ready import answered
from bench.target import Target
from parley.core.asks import Chat
from parley.core.tokens import text_tokens
from parley.evaluation.panel import Panel
from parley.evaluation.sentinel import read_sentinels
from parley.evaluation.subject import Subject
from parley.wire.http import HttpClient, HttpError, HttpRequest, Limits, Timeouts, Url

ROUNDS = 500
ADMIN = "pk-evaluate-0123456789-0123456789"
PATIENCE = Timeouts(connect=5, first_byte=15, idle=15, total=15)
DRAINS = 60.0
"""Seconds within which everything that is owed must be done."""
TURNS = 4
CONFIG = """\
[store]
url = "sqlite:///{room}/parley.db"
[engine.models]
[providers.bench]
dialect = "openai"
base_url = "http://127.0.0.1:{upstream}/v1"
api_key = "sk-upstream"
max_connections = 1000
[models.bench]
provider = "bench"
[applications.judged.defaults]
judge = "bench"
[[applications.judged.defaults.sentinels]]
name = "tone"
directive = "The answer must be polite."
"""


def sentinels() -> None:
    """Prints what twenty sentinels cost on one answer."""
    text = answer()
    panel = Panel(read_sentinels(SENTINELS))
    subject = Subject(id="req", chat=Chat(messages=QUESTION), text=text, context=text, model="bench")
    spent: dict[str, list[float]] = {}
    whole = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        verdicts = panel.fast(subject)
        whole.append((time.perf_counter() - began) * 1000)
        for one in verdicts:
            spent.setdefault(one.sentinel, []).append(one.ms)
    median = statistics.median(whole)
    print(f"{len(SENTINELS)} sentinels on {text_tokens(text)} tokens (wanted: {TOKENS}), {ROUNDS} times:")
    print(f"  median {median:.3f} ms, 99th percentile {percentile(whole, 99):.3f} ms; at most 2 ms is wanted")
    dearest = sorted(spent, key=lambda name: -statistics.median(spent[name]))[:6]
    print("  dearest: " + ", ".join(f"{name} {statistics.median(spent[name]) * 1000:.0f} µs" for name in dearest))


@dataclass
class Seen:
    """What calls of one application saw; latencies in milliseconds."""

    latencies: list[float] = field(default_factory=list)
    failed: int = 0
    cpu: float = 0.0  # seconds of the gateway, until nothing was owed


class Load:
    """Calls at a steady rate."""

    def __init__(self, target: Target, client: HttpClient, rate: float) -> None:
        self._url = Url.parse(f"http://127.0.0.1:{target.port}/v1")
        self._headers = [(name.encode(), value.encode()) for name, value in target.headers.items()]
        self._headers.append((b"content-type", b"application/json"))
        self._client = client
        self._rate = rate

    async def go(self, application: str, seconds: float, seen: Seen) -> None:
        """Calls of one application for so long; waits for the last of them."""
        asked = {"model": "bench", "application": application, "messages": QUESTION}
        request = HttpRequest("POST", self._url, "/chat/completions", self._headers, json.dumps(asked).encode())
        began, tasks = time.perf_counter(), set()
        for number in range(int(seconds * self._rate)):
            due = began + number / self._rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            tasks.add(asyncio.create_task(self._one(request, due, seen)))
        await asyncio.gather(*tasks)

    async def _one(self, request: HttpRequest, due: float, seen: Seen) -> None:
        try:
            response = await self._client.send(request, PATIENCE)
            await response.read(1 << 20)
        except HttpError:
            seen.failed += 1
            return
        if response.status != 200:
            seen.failed += 1
            return
        seen.latencies.append((time.perf_counter() - due) * 1000)


class Books:
    """What is in the gateway's store."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def count(self, question: str) -> int:
        """One number out of the store."""
        with sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=10) as books:
            (found,) = books.execute(question).fetchone()
        return int(found or 0)

    def owed(self) -> int:
        """Judgements that are still to come."""
        return self.count("select count(*) from jobs where kind = 'evaluation' and state = 'waiting'")


async def background(seconds: float, rate: float, judge_ms: float, room: Path) -> bool:
    """Prints what a judge in the background costs; whether nothing was lost."""
    upstream, port = free_port(), free_port()
    config = room / "parley.toml"
    config.write_text(CONFIG.format(room=room, upstream=upstream))
    judge = [sys.executable, "-m", "bench.judge_upstream", str(upstream), "--judge-ms", str(judge_ms)]
    argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve"]
    argv += ["--config", str(config), "--port", str(port), "--data", str(room / "data")]
    with (
        running(judge, log=room / "upstream.log"),
        running(argv, log=room / "log", env={"PARLEY_ADMIN_KEY": ADMIN}, cwd=room) as pid,
    ):
        target = Target(name="Parley", port=port, pid=pid, headers={"authorization": f"Bearer {ADMIN}"})
        answered(target, room / "log")
        key = inference_key(port, ADMIN)
        target = Target(name="Parley", port=port, pid=pid, headers={"authorization": f"Bearer {key}"})
        async with HttpClient(Limits(connections=2048, idle_connections=2048)) as client:
            return await measured(Load(target, client, rate), Books(room / "parley.db"), seconds, rate, pid)


async def measured(load: Load, books: Books, seconds: float, rate: float, pid: int) -> bool:
    """Turns of load without and with a judge, then the end of what is owed."""
    plain, judged, most = Seen(), Seen(), 0
    await load.go("plain", 1.0, Seen())
    await load.go("judged", 1.0, warm := Seen())

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, await asyncio.to_thread(books.owed))
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    left = await drained(books)
    for _ in range(TURNS):
        for application, seen in (("plain", plain), ("judged", judged)):
            before = cpu_seconds(pid)
            await load.go(application, seconds / TURNS, seen)
            left = await drained(books)
            seen.cpu += cpu_seconds(pid) - before
    watching.cancel()
    answers = len(judged.latencies) + len(warm.latencies)
    evaluations = books.count("select count(*) from evaluations where status = 'PASS'")
    say(plain, judged, rate)
    print(
        f"  owed at most {most}, {left} after the end; {evaluations} evaluations of {answers} answers that were judged"
    )
    return left == 0 and evaluations >= answers


async def drained(books: Books) -> int:
    """Waits until nothing is owed; answers what is still owed when patience ends."""
    end = time.monotonic() + DRAINS
    while (owed := await asyncio.to_thread(books.owed)) and time.monotonic() < end:
        await asyncio.sleep(0.1)
    return owed


def say(plain: Seen, judged: Seen, rate: float) -> None:
    """Prints the latencies side by side."""
    print(f"{rate:.0f} requests/s, judged in the background, beside the same without sentinels:")
    for name, seen in (("not judged", plain), ("judged", judged)):
        shares = ", ".join(f"p{share} {percentile(seen.latencies, share):.2f} ms" for share in (50, 90, 99))
        cpu = seen.cpu / max(1, len(seen.latencies)) * 1000
        print(f"  {name:<11} {len(seen.latencies)} answers, {seen.failed} failed: {shares}; {cpu:.2f} ms of CPU each")
    growth: dict[str, Any] = {
        f"p{share}": percentile(judged.latencies, share) / percentile(plain.latencies, share) - 1 for share in (50, 99)
    }
    print("  growth of latency: " + ", ".join(f"{share} {grown:+.1%}" for share, grown in growth.items()))


def main() -> int:
    """Runs the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="of load, for each of the two applications (10)")
    parser.add_argument("--rate", type=float, default=500, help="requests a second (500)")
    parser.add_argument("--judge-ms", type=float, default=50, help="what the judge takes (50)")
    parser.add_argument("--only", choices=("sentinels", "background"), help="one of the two parts")
    asked = parser.parse_args()
    if asked.only != "background":
        sentinels()
    if asked.only == "sentinels":
        return 0
    with tempfile.TemporaryDirectory(prefix="bench-evaluate-") as room:
        return 0 if uvloop.run(background(asked.seconds, asked.rate, asked.judge_ms, Path(room))) else 1


if __name__ == "__main__":
    sys.exit(main())
