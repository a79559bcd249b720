"""The table of `parley models list`: every model, and of the engine's what the file and the process say."""

from typing import Any

from parley.cli.tables import print_table

COLUMNS = ("id", "provider", "upstream", "state", "size", "context", "memory", "slots", "adapters", "fallback")
BYTES = ("size", "memory")


def show(models: list[dict[str, Any]]) -> None:
    """Print them; a column that no model fills is left out."""
    known = [name for name in COLUMNS if any(model.get(name) not in (None, [], "") for model in models)]
    print_table(known, [[_cell(name, model.get(name)) for name in known] for model in models])
    for model in models:
        if model.get("reason"):
            print_table([f"{model['id']}: {model['reason']}"], [])


def _cell(name: str, value: Any) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None:
        return ""
    return f"{value / 1e9:,.2f} GB" if name in BYTES else value
