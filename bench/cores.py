"""Which cores are whose: the first for the gateway alone, the others for upstream and load."""

import os
import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """Numbers of cores; on a machine with a single one both sides share it, and the table says so."""

    gateway: int
    load: frozenset[int]


def divide() -> Cores:
    """The division of the cores that this process may use."""
    first, *others = sorted(os.sched_getaffinity(0))
    return Cores(first, frozenset(others or [first]))


def settle(cores: Cores) -> None:
    """Moves this process, and all that it starts, to the load's side, and lets it open as many sockets as allowed.

    A gateway with 500 streams holds a thousand sockets, which is about the usual soft limit of 1,024.
    """
    os.sched_setaffinity(0, cores.load)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
