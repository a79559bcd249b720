"""What one has to know of the machine to read the figures."""

import os
import platform
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

from bench.cores import Cores
from bench.disk import sync_ms


class Machine(TypedDict):
    """Facts at the start of a run; `load` is the load average of the minute before, which should be near zero."""

    at: str
    cpu: str
    cores: int
    gateway_core: int
    load_cores: list[int]
    load: float
    sync_ms: float
    system: str
    python: str
    parley: str
    commit: str


def machine(cores: Cores, room: Path) -> Machine:
    """The facts of this machine, of the disk under `room`, and of this checkout."""
    return Machine(
        at=time.strftime("%Y-%m-%d %H:%M:%S %z"),
        cpu=_cpu(),
        cores=os.cpu_count() or 0,
        gateway_core=cores.gateway,
        load_cores=sorted(cores.load),
        load=os.getloadavg()[0],
        sync_ms=sync_ms(room),
        system=f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        python=platform.python_version(),
        parley=version("parley"),
        commit=_commit(),
    )


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"
