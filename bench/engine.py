"""`python -m bench.engine`: the engine through Parley beside a bare xllamacpp server, in one run, in one table.

usage: python -m bench.engine [--rounds N] [--quick]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from bench.cores import divide
from bench.engine_load import Place, answered, body, cancelled, one_token, tokens_per_second
from bench.engine_model import CONTEXT, write_model
from bench.gateway import inference_key
from bench.machine import machine
from bench.processes import free_port, running, tail
from parley.engine import Engine, EngineSettings, ModelSettings

RESULTS = Path(__file__).with_name("results") / "raw"
SLOTS, STREAMS, TOKENS = 8, 8, 200
CONFIG = """\
[store]
url = "sqlite:///{room}/parley.db"

[engine.models]
bench = {{ path = "{model}", slots = 8 }}
alone = {{ path = "{model}", slots = 1, load = "use" }}
"""
STRINGS = {"type": "array", "items": {"type": "string", "minLength": 20, "maxLength": 30}, "minItems": 99}
SCHEMA = {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": STRINGS}}}
LOGPROBS = {"logprobs": True, "top_logprobs": 5}
COSTS: Mapping[str, Mapping[str, Any]] = {"free text": {}, "JSON schema": SCHEMA, "log-probabilities": LOGPROBS}
PATIENCE = 60.0  # seconds for a server to answer first


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each throughput is measured (7)")
    parser.add_argument("--quick", action="store_true", help="a try of some seconds; its figures mean nothing")
    asked = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    facts = machine(divide(), RESULTS)
    with tempfile.TemporaryDirectory(dir=RESULTS, prefix="room-") as room:
        figures = asyncio.run(measure(Path(room), 1 if asked.quick else asked.rounds))
    raw = RESULTS / f"engine-{time.strftime('%Y%m%d-%H%M%S')}.json"
    raw.write_text(json.dumps({"machine": facts, "figures": figures}, indent=1))
    print(f"{facts['at']}, Parley {facts['parley']} at {facts['commit']}, {facts['cpu']}, {facts['cores']} cores;")
    print(f"load before the run {facts['load']:.2f}; {figures['weights'] / 1e6:.1f} million weights in float16\n")
    print("\n".join(table(figures)))
    print(f"\nRaw figures: {raw.relative_to(Path.cwd()) if raw.is_relative_to(Path.cwd()) else raw}")
    return 0


async def measure(room: Path, rounds: int) -> dict[str, Any]:
    """All figures; the targets take turns, so that what else the machine does meets them alike."""
    weights = write_model(room / "bench.gguf")
    async with AsyncExitStack() as stack:
        bare = stack.enter_context(bare_server(room))
        engine = await stack.enter_async_context(engine_alone(room))
        parley = stack.enter_context(gateway(room))
        places = (bare, engine, parley)
        for place in places:
            await first_answer(place, room)
        say("one-token answers ...")
        single = await one_token(places, 40 * rounds)
        say("throughput ...")
        rates = {streams: await in_turns(places, streams, rounds) for streams in (1, STREAMS)}
        say("what constraints cost ...")
        costs = {streams: await costs_of(parley, streams, rounds) for streams in (1, STREAMS)}
        say("cancellation ...")
        long = "sat bad " * 900
        cancels = {
            "while it answers": await cancelled(parley, 4 * rounds),
            "while it reads": await cancelled(parley, 4 * rounds, words=long, wait=0.15),
        }
    return {"weights": weights, "one_token_ms": single, "per_second": rates, "costs": costs, "cancel_ms": cancels}


async def in_turns(places: Sequence[Place], streams: int, rounds: int) -> dict[str, list[float]]:
    """Tokens per second of each place, `rounds` times."""
    found: dict[str, list[float]] = {place.name: [] for place in places}
    for turn in range(rounds):
        for place in places if turn % 2 else reversed(places):
            found[place.name].append(await tokens_per_second(place, streams, TOKENS))
    return found


async def costs_of(place: Place, streams: int, rounds: int) -> dict[str, list[float]]:
    """Tokens per second of free text and of what is more work, `rounds` times."""
    found: dict[str, list[float]] = {name: [] for name in COSTS}
    for turn in range(rounds):
        for name in COSTS if turn % 2 else reversed(list(COSTS)):
            found[name].append(await tokens_per_second(place, streams, TOKENS, **COSTS[name]))
    return found


@contextmanager
def bare_server(room: Path) -> Iterator[Place]:
    """xllamacpp's own HTTP server in a process of its own."""
    socket, log = str(room / "bare.sock"), room / "bare.log"
    cores = len(os.sched_getaffinity(0))
    argv = [sys.executable, "-m", "bench.bare_engine", str(room / "bench.gguf"), socket]
    with running([*argv, str(SLOTS), str(CONTEXT), str(cores)], log=log):
        yield Place("bare xllamacpp", socket=socket)


@asynccontextmanager
async def engine_alone(room: Path) -> AsyncIterator[Place]:
    """The engine's process, asked on its socket."""
    model = ModelSettings(path=str(room / "bench.gguf"), slots=SLOTS, context=CONTEXT)
    engine = Engine(EngineSettings(models={"bench": model}))
    await engine.start()
    try:
        yield Place("engine's process", socket=engine.address.removeprefix("unix:"))
    finally:
        await engine.stop(1.0)


@contextmanager
def gateway(room: Path) -> Iterator[Place]:
    """`parley serve` as an operator runs it."""
    port, config, admin = free_port(), room / "parley.toml", "pk-" + "b" * 32
    config.write_text(CONFIG.format(room=room, model=room / "bench.gguf"))
    argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve", "--config", str(config)]
    argv += ["--port", str(port), "--data", str(room / "data")]
    with running(argv, log=room / "parley.log", env={"PARLEY_ADMIN_KEY": admin}, cwd=room):
        deadline = time.monotonic() + PATIENCE
        while "ready" not in tail(room / "parley.log") and time.monotonic() < deadline:
            time.sleep(0.05)
        yield Place("Parley", port=port, headers={"authorization": f"Bearer {inference_key(port, admin)}"})


async def first_answer(place: Place, room: Path) -> None:
    """Wait until a place answers. Raises RuntimeError if it does not."""
    deadline, last = time.monotonic() + PATIENCE, "nothing"
    while time.monotonic() < deadline:
        try:
            await answered(place, body(1))
            return
        except (OSError, EOFError, RuntimeError) as error:
            last = str(error)
            await asyncio.sleep(0.1)
    logs = "\n".join(tail(log) for log in room.glob("*.log"))
    raise RuntimeError(f"{place.name} does not answer: {last}\n{logs}")


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the table."""
    single, rates, costs = figures["one_token_ms"], figures["per_second"], figures["costs"]
    yield f"| {'':50} | " + " | ".join(f"{name:>16}" for name in single) + " |"
    yield f"| {'---':50} | " + " | ".join(f"{'--:':>16}" for _ in single) + " |"
    base = next(iter(single))
    yield row("one-token answer, p50 ms", [f"{statistics.median(single[name]):.2f}" for name in single])
    added = [statistics.median(map(float.__sub__, single[name], single[base])) for name in single]
    yield row("above bare, median of pairs, ms", [f"{value:+.2f}" for value in added])
    for streams, found in rates.items():
        many = f"{streams} stream{'s' * (streams > 1)}"
        yield row(f"{many}, tokens/s", [f"{statistics.median(found[name]):.0f}" for name in single])
        yield row(f"{many}, of bare, median of pairs", [percent(found[name], found[base]) for name in single])
    growth = [statistics.median(rates[STREAMS][name]) / statistics.median(rates[1][name]) for name in single]
    yield row(f"{STREAMS} streams over one", [f"{value:.2f}" for value in growth])
    for streams, found in costs.items():
        for name in COSTS:
            title = f"{name}, {streams} stream{'s' * (streams > 1)}, of free text"
            yield row(title, ["", "", percent(found[name], found["free text"])])
    for name, found in figures["cancel_ms"].items():
        title = f"left {name} to free slot, p50 / max ms"
        yield row(title, ["", "", f"{statistics.median(found):.0f} / {max(found):.0f}"])


def row(title: str, cells: Sequence[str]) -> str:
    """One line."""
    return f"| {title:50} | " + " | ".join(f"{cell:>16}" for cell in cells) + " |"


def percent(values: Sequence[float], of: Sequence[float]) -> str:
    """The median ratio of pairs."""
    return f"{statistics.median(value / base for value, base in zip(values, of, strict=True)):.1%}"


def say(words: str) -> None:
    """Progress, on stderr."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
