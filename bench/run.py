"""`python -m bench.run`: measures every target in one run, prints one table, writes the raw figures.

usage: python -m bench.run [--peers] [--only NAME ...] [--seconds N] [--quick]
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cores import Cores, divide, settle
from bench.gateway import parley
from bench.machine import machine
from bench.measure import Figures, Plan, measure
from bench.nginx import nginx
from bench.peers import PEERS
from bench.processes import free_port, running
from bench.ready import answered
from bench.starter import Starter
from bench.table import table
from bench.target import Target

RESULTS = Path(__file__).with_name("results") / "raw"
STARTERS: Mapping[str, Starter] = {"nginx": nginx, "parley": parley}


def main() -> int:
    """Runs the benchmark; returns the exit code."""
    asked = _arguments()
    if missing := [name for name in ("wrk", "taskset") if shutil.which(name) is None]:
        _say(f"The benchmark needs {' and '.join(missing)}; `make bench` installs what is missing.")
        return 1
    starters = dict(STARTERS) | (dict(PEERS) if asked.peers else {})
    if asked.only:
        starters = {name: start for name, start in starters.items() if name in asked.only}
    plan = Plan(seconds=1, first_tokens=5, paced=50) if asked.quick else Plan(seconds=asked.seconds)
    cores = divide()
    settle(cores)
    RESULTS.mkdir(parents=True, exist_ok=True)
    facts = machine(cores, RESULTS)
    # On the checkout's own disk: a commit to a file system in memory would cost nothing.
    with TemporaryDirectory(dir=RESULTS, prefix="room-") as room, upstream(Path(room)) as port:
        _say("measuring the upstream itself ...")
        rows = [measure(answered(Target(name="direct", port=port)), plan)]
        rows += _measure_all(starters, port, cores, Path(room), plan)
    raw = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    raw.write_text(json.dumps({"machine": facts, "targets": rows}, indent=1))
    print(table(rows, facts))
    print(f"\nRaw figures: {raw.relative_to(Path.cwd()) if raw.is_relative_to(Path.cwd()) else raw}")
    return 0 if len(rows) == len(starters) + 1 else 1


def _measure_all(starters: Mapping[str, Starter], port: int, cores: Cores, room: Path, plan: Plan) -> Iterator[Figures]:
    for name, start in starters.items():
        _say(f"measuring {name} ...")
        own = room / name
        own.mkdir()
        try:
            with start(port, cores.gateway, own) as target:
                yield measure(target, plan)
        except (RuntimeError, OSError) as error:
            _say(f"{name} is left out: {error}")


@contextmanager
def upstream(room: Path) -> Iterator[int]:
    """The upstream of all targets, on the load's side; yields its port."""
    port = free_port()
    with running([sys.executable, "-m", "bench.paced", str(port)], log=room / "upstream.log"):
        yield port


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.splitlines()[0])
    parser.add_argument("--peers", action="store_true", help="measure other gateways too (bench/peers/install first)")
    parser.add_argument("--only", nargs="+", choices=[*STARTERS, *PEERS], help="only these, beside the upstream itself")
    parser.add_argument("--seconds", type=int, default=3, help="length of each closed loop (3)")
    parser.add_argument("--quick", action="store_true", help="a try of some seconds; its figures mean nothing")
    return parser.parse_args()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
