"""The house as text: its files, its functions, its imports, read once for every test of its shape."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "parley"


class Source(NamedTuple):
    """One Python file: `place` is its path from the root of the repository."""

    place: str
    lines: int
    tree: ast.Module


class Function(NamedTuple):
    """One function or method, with the number of its lines."""

    place: str
    lines: int


@cache
def repository() -> tuple[str, ...]:
    """Every file that is in the repository or will be: what git ignores is none of the house's."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(place for place in sorted(set(found)) if (ROOT / place).is_file())


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files below `folders`."""
    places = [place for place in repository() if place.endswith(".py") and place.startswith(folders)]
    texts = [(place, (ROOT / place).read_text(encoding="utf-8")) for place in places]
    return tuple(Source(place, text.count("\n"), ast.parse(text)) for place, text in texts)


def functions(of: tuple[Source, ...]) -> Iterator[Function]:
    """Every function of some files."""
    for source in of:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield Function(f"{source.place}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules that a piece of code imports, by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
