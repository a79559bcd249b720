"""`python -m docs.generator`: writes the generated pages and blocks; `--check` fails where one differs."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator.clients import clients
from docs.generator.commands import commands
from docs.generator.failures import failures
from docs.generator.figures import every_figure, some_figures
from docs.generator.http import http
from docs.generator.matrix import matrix
from docs.generator.parameters import parameters
from docs.generator.providers import providers
from docs.generator.settings import settings

ROOT = Path(__file__).parents[2]

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/settings.md": settings,
    "docs/reference/cli.md": commands,
    "docs/reference/api.md": http,
    "docs/reference/errors.md": failures,
    "docs/reference/providers.md": providers,
    "docs/reference/parameters.md": parameters,
    "docs/services/tested.md": clients,
}
"""Pages that the program tells from the first line to the last."""

BLOCKS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "docs/figures.md": ("figures", every_figure),
    "README.md": ("figures", some_figures),
    "docs/services/README.md": ("matrix", matrix),
}
"""Pages of which one block, between `<!-- name -->` and `<!-- /name -->`, is generated."""


def main(*, check: bool) -> int:
    """Writes every page, or only compares; returns the exit code."""
    told = "differs from the program; run `make docs`" if check else "written"
    differ = [place for place in (*PAGES, *BLOCKS) if read(place) != wanted(place)]
    for place in differ:
        if not check:
            (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / place).write_text(wanted(place))
        sys.stdout.write(f"{place} {told}\n")
    return 1 if check and differ else 0


def read(place: str) -> str:
    """A page as it is; empty where there is none."""
    file = ROOT / place
    return file.read_text() if file.exists() else ""


def wanted(place: str) -> str:
    """A page as the program has it. Raises ValueError where a block's marks are missing."""
    if place in PAGES:
        return PAGES[place]() + "\n"
    name, block = BLOCKS[place]
    before, opening, rest = read(place).partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- /{name} -->")
    if not opening or not closing:
        raise ValueError(f"{place} has no block between <!-- {name} --> and <!-- /{name} -->.")
    return before + opening + block() + "\n" + closing + after


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
