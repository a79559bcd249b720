"""The one table of a run, in Markdown: a row for each figure, a column for each target."""

from collections.abc import Callable, Sequence
from typing import Any

from bench.machine import Machine
from bench.measure import Figures
from bench.paced import TOKENS

Cell = Callable[[Any, Any], float | None]  # of the figures of a target, and of the upstream asked directly
STREAM_CHUNKS = TOKENS + 3  # role, tokens, finish, usage


def _phase(figures: Any, kind: str, connections: int) -> Any:
    phases = (phase for phase in figures[kind] if phase["connections"] == connections and phase["requests"])
    return next(phases, {})


def _loop(kind: str, connections: int, figure: str, *, share: int = 1) -> Cell:
    """A figure of one closed loop, divided by `share`."""

    def cell(of: Any, _: Any) -> float | None:
        value = _phase(of, kind, connections).get(figure)
        return None if value is None else value / share

    return cell


def _added(kind: str, connections: int, figure: str) -> Cell:
    """What a closed loop takes above the direct one."""

    def cell(of: Any, direct: Any) -> float | None:
        value, least = (_phase(row, kind, connections).get(figure) for row in (of, direct))
        return None if of is direct or value is None or least is None else value - least

    return cell


def _first(figure: str) -> Cell:
    """What a stream's first token takes above the direct one."""

    def cell(of: Any, direct: Any) -> float | None:
        value, least = of["first_token"], direct["first_token"]
        return None if of is direct or value is None or least is None else value[figure] - least[figure]

    return cell


def _of(part: str, figure: str) -> Cell:
    """A figure of one part, where that part was measured."""
    return lambda of, _: of[part] and of[part][figure]


def _many(connections: int) -> str:
    return f"{connections} connection{'s' * (connections > 1)}"


ROWS: tuple[tuple[str, str, Cell], ...] = (
    *((f"JSON, {_many(c)}: requests/s", ",.0f", _loop("json", c, "per_second")) for c in (1, 16, 64)),
    *((f"JSON, {_many(c)}: CPU µs/request", ",.0f", _loop("json", c, "cpu_us")) for c in (1, 16, 64)),
    *((f"JSON, {c} connections: p99 ms", ",.2f", _loop("json", c, "p99_ms")) for c in (16, 64)),
    ("JSON, 1 connection: added p50 ms", ",.3f", _added("json", 1, "p50_ms")),
    ("JSON, 1 connection: added p99 ms", ",.3f", _added("json", 1, "p99_ms")),
    *((f"SSE, {_many(c)}: streams/s", ",.0f", _loop("sse", c, "per_second")) for c in (1, 16, 64)),
    *((f"SSE, {c} connections: p99 ms", ",.2f", _loop("sse", c, "p99_ms")) for c in (16, 64)),
    ("SSE, 1 connection: added p50 ms", ",.3f", _added("sse", 1, "p50_ms")),
    ("SSE, 16 connections: CPU µs/chunk, in one burst", ",.1f", _loop("sse", 16, "cpu_us", share=STREAM_CHUNKS)),
    ("paced streams: CPU µs/chunk, each on its own", ",.1f", _of("paced", "cpu_us_per_chunk")),
    ("added time to first token, p50 ms", ",.2f", _first("p50_ms")),
    ("added time to first token, p99 ms", ",.2f", _first("p99_ms")),
    ("paced streams: frames", ",.0f", _of("paced", "frames")),
    ("paced streams: frames later than 40 ms", ",.0f", _of("paced", "stalled")),
    ("paced streams: p99 lateness ms", ",.2f", _of("paced", "late_p99_ms")),
    ("ready after start, ms", ",.0f", lambda of, _: of["ready_ms"]),
    ("memory of the process, idle MB", ",.0f", _of("idle", "own_mb")),
    ("memory of the process, after MB", ",.0f", _of("after", "own_mb")),
    ("memory with its children, after MB", ",.0f", _of("after", "family_mb")),
)


def table(rows: Sequence[Figures], facts: Machine) -> str:
    """The table of all targets; the first is the upstream itself, above which added times are counted."""
    direct = rows[0]
    cells = [["", *(row["target"] for row in rows)], ["---", *("--:" for _ in rows)]]
    cells += [[title, *(_shown(cell(row, direct), form) for row in rows)] for title, form, cell in ROWS]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["| " + " | ".join(_fit(line, widths)) + " |" for line in cells]
    return "\n".join([*_head(facts), *lines, *(f"* {row['target']}: {note}" for row in rows for note in row["notes"])])


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _fit(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]


def _head(facts: Machine) -> list[str]:
    shared = " (shared with the load: a single core)" if facts["load_cores"] == [facts["gateway_core"]] else ""
    return [
        f"{facts['at']}, Parley {facts['parley']} at {facts['commit']}, Python {facts['python']}, {facts['system']}",
        f"{facts['cpu']}, {facts['cores']} cores, the gateway on one{shared}; load before the run {facts['load']:.2f}",
        f"a page written and synced to the ledger's disk: {facts['sync_ms']:.3f} ms",
        "",
    ]
