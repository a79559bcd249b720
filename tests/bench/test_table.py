"""The table shows what was measured, and an empty place where nothing was."""

from bench.machine import Machine
from bench.measure import Figures
from bench.table import table

FACTS = Machine(
    at="now",
    cpu="a processor",
    cores=2,
    gateway_core=0,
    load_cores=[1],
    load=0.0,
    sync_ms=0.05,
    system="Linux",
    python="3.11",
    parley="0.1.0",
    commit="abc",
)


def figures(target: str, p50_ms: float, cpu_us: float | None) -> Figures:
    phase = {
        "connections": 1,
        "requests": 10,
        "per_second": 1000.0,
        "p50_ms": p50_ms,
        "p99_ms": p50_ms,
        "cpu_us": cpu_us,
        "refused": 0,
        "broken": 0,
    }
    return {
        "target": target,
        "ready_ms": None,
        "idle": None,
        "after": None,
        "json": [phase],  # type: ignore[list-item]
        "sse": [],
        "first_token": None,
        "paced": None,
        "notes": ["a note"] if target == "other" else [],
    }


def row(text: str, title: str) -> list[str]:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    (found,) = [cells for cells in lines if cells[0] == title]
    return found[1:]


def test_added_latency_is_what_lies_above_the_upstream_itself() -> None:
    shown = table([figures("direct", 0.1, None), figures("other", 0.35, 80.0)], FACTS)
    assert row(shown, "JSON, 1 connection: added p50 ms") == ["", "0.250"]
    assert row(shown, "JSON, 1 connection: CPU µs/request") == ["", "80"]
    assert row(shown, "JSON, 16 connections: requests/s") == ["", ""]
    assert row(shown, "paced streams: frames") == ["", ""]
    assert "* other: a note" in shown
