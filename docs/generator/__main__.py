"""`python -m docs.generator [--check]`: writes the generated pages; with --check it fails where one differs."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator.commands import commands
from docs.generator.failures import failures
from docs.generator.http import http
from docs.generator.providers import providers
from docs.generator.settings import settings

REFERENCE = Path(__file__).parents[1] / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "settings": settings,
    "providers": providers,
    "http": http,
    "commands": commands,
    "errors": failures,
}


def main(*, check: bool) -> int:
    """Writes every page, or only compares; returns the exit code."""
    told = "differs from the program; run `make docs`" if check else "written"
    differ = [name for name, page in PAGES.items() if _read(name) != page() + "\n"]
    for name in differ:
        if not check:
            REFERENCE.mkdir(exist_ok=True)
            (REFERENCE / f"{name}.md").write_text(PAGES[name]() + "\n")
        sys.stdout.write(f"docs/reference/{name}.md {told}\n")
    return 1 if check and differ else 0


def _read(name: str) -> str | None:
    place = REFERENCE / f"{name}.md"
    return place.read_text() if place.exists() else None


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
