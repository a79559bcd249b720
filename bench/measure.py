"""Everything that is measured of one target, in the order in which it is measured."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import uvloop

from bench.closed_loop import Closed, closed_loop
from bench.first_token import FirstToken, first_token
from bench.paced_streams import Paced, paced_streams
from bench.processes import cpu_seconds, family, resident_mb
from bench.ready import check_stream
from bench.target import Target


@dataclass(frozen=True)
class Plan:
    """How much is measured: whole seconds for each closed loop, its connections, and the numbers of streams."""

    seconds: int = 3
    connections: Sequence[int] = (1, 16, 64)
    first_tokens: int = 40
    paced: int = 500


class Memory(TypedDict):
    """Resident MB: of the process that was started, and of it with all its descendants."""

    own_mb: float
    family_mb: float


class Figures(TypedDict):
    """The raw figures of one target."""

    target: str
    ready_ms: float | None
    idle: Memory | None
    after: Memory | None
    json: list[Closed]
    sse: list[Closed]
    first_token: FirstToken | None
    paced: Paced | None
    notes: list[str]


def measure(target: Target, plan: Plan) -> Figures:
    """Measures `target` by `plan`. What a target can not do is a note and an empty place, never a made-up figure."""
    settle(target, patience=10)  # what goes on after the first answer, such as loading a model, is no request's cost
    figures = Figures(
        target=target.name,
        ready_ms=target.ready_ms if target.pid else None,
        idle=memory(target),
        after=None,
        json=[],
        sse=[],
        first_token=None,
        paced=None,
        notes=[],
    )
    check_stream(target)
    for stream in (False, True):
        closed_loop(target, stream=stream, connections=16, seconds=1)  # warms up: pools, caches, compilers
        phases = []
        for connections in plan.connections:
            settle(target)
            phases.append(closed_loop(target, stream=stream, connections=connections, seconds=plan.seconds))
        figures["sse" if stream else "json"] = phases
        figures["notes"] += [note for phase in phases if (note := _trouble(phase, stream))]
    try:
        figures["first_token"] = first_token(target, streams=plan.first_tokens)
    except OSError as error:
        figures["notes"].append(str(error))
    settle(target)
    figures["paced"] = paced = uvloop.run(paced_streams(target, streams=plan.paced))
    if paced["complete"] < paced["streams"]:
        figures["notes"].append(f"only {paced['complete']} of {paced['streams']} paced streams ended well")
    figures["after"] = memory(target)
    return figures


def memory(target: Target) -> Memory | None:
    """What the target's processes hold now."""
    if target.pid is None:
        return None
    return Memory(own_mb=resident_mb(target.pid), family_mb=sum(map(resident_mb, family(target.pid))))


def settle(target: Target, patience: float = 5) -> None:
    """Waits until the target does nothing: what earlier phases left to do is not the next one's cost."""
    deadline = time.monotonic() + patience
    while target.pid and time.monotonic() < deadline:
        before = cpu_seconds(target.pid)
        time.sleep(0.2)
        if cpu_seconds(target.pid) - before <= 0.01:
            return


def _trouble(phase: Closed, stream: bool) -> str | None:
    if not phase["refused"] and not phase["broken"] and phase["requests"]:
        return None
    kind = "SSE" if stream else "JSON"
    return (
        f"{kind} at {phase['connections']} connections: {phase['requests']} answers, "
        f"{phase['refused']} of them refusals, {phase['broken']} connections broken"
    )
