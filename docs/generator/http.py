"""The page of every path of the HTTP surface, read from what serves it."""

from parley.server.api.routes import operations
from parley.server.surfaces import SURFACES


def http() -> str:
    """Every path with what it does: where models are asked, then the management API by subject."""
    parts = ["# HTTP", "The same, with every field, is at `/openapi.json` of a running gateway."]
    asked = [f"| `POST {path}` | `{surface.dialect}` |" for path, surface in sorted(SURFACES.items())]
    parts.append("\n".join(["## Asking models", "", "| path | dialect |", "|---|---|", *asked]))
    found: dict[str, list[str]] = {}
    for one in operations():
        found.setdefault(one.tag, []).append(f"| `{one.method} {one.path}` | {one.summary} |")
    for tag, rows in found.items():
        parts.append("\n".join([f"## {tag}", "", "| path | |", "|---|---|", *rows]))
    return "\n\n".join(parts)
