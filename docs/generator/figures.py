"""The blocks of measured figures, from the newest kept run of the benchmark (`bench/results/*.json`)."""

import json
from pathlib import Path
from typing import Any

from bench.engine import table as engine_table
from bench.table import ROWS, table

KEPT = Path(__file__).parents[2] / "bench" / "results"
NONE = "*No run is kept yet: `make bench-peers` measures, and `bench/results/` keeps a run.*"

SHOWN = (
    "JSON, 16 connections: requests/s",
    "JSON, 16 connections: CPU µs/request",
    "JSON, 1 connection: added p50 ms",
    "added time to first token, p50 ms",
    "paced streams: CPU µs/chunk, each on its own",
    "paced streams: frames later than 40 ms",
    "ready after start, ms",
    "memory of the process, idle MB",
)
"""The rows that the README shows."""


def every_figure() -> str:
    """The whole table of the newest kept run, and that of the engine's."""
    run, engine = _newest("2*.json"), _newest("engine-*.json")
    shown = table(run["targets"], run["machine"]) if run else NONE
    if engine is None:
        return shown
    facts = engine["machine"]
    head = f"{facts['at']}, Parley {facts['parley']} at {facts['commit']}, {facts['cpu']}, {facts['cores']} cores"
    rows = "\n".join(engine_table(engine["figures"]))
    return f"{shown}\n\nThe engine (`make bench-engine`), beside a bare xllamacpp server: {head}.\n\n{rows}"


def some_figures() -> str:
    """The rows of `SHOWN`, and where they were measured."""
    run = _newest("2*.json")
    if run is None:
        return NONE
    rows, facts = run["targets"], run["machine"]
    measured = {title: (form, cell) for title, form, cell in ROWS}
    lines = [
        "| " + " | ".join(["", *(row["target"] for row in rows[1:])]) + " |",
        "|---" + "|--:" * (len(rows) - 1) + "|",
    ]
    for title in SHOWN:
        form, cell = measured[title]
        values = [cell(row, rows[0]) for row in rows[1:]]
        lines.append(
            "| " + " | ".join([title, *("" if value is None else format(value, form) for value in values)]) + " |"
        )
    where = f"Measured {facts['at'][:10]} on {facts['cores']} cores ({facts['cpu']}), the gateway on one of them."
    return "\n".join([*lines, "", where])


def _newest(pattern: str) -> Any:
    kept = sorted(KEPT.glob(pattern))
    return json.loads(kept[-1].read_text(), object_hook=_with_numbers) if kept else None


def _with_numbers(found: dict[str, Any]) -> dict[str | int, Any]:
    """JSON turns a number that is a key (so many streams) into a text."""
    return {int(key) if key.isdigit() else key: value for key, value in found.items()}
