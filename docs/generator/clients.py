"""The page of what the services' own clients are driven through, read from the tests that drive them."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.features import FEATURES

TESTS = Path(__file__).parents[2] / "tests" / "clients"

CLIENTS = {
    "OpenAI": ("test_openai.py",),
    "Maitai": ("test_maitai.py",),
    "OctoAI": ("test_octoai.py", "test_octoai_sdk.py"),
    "Portkey": ("test_portkey.py",),
    "Scale EGP": ("test_scale_gp.py", "test_scale_egp.py"),
    "RedPill": ("test_redpill.py",),
    "Together": ("test_one_conversation.py", "test_together.py"),
}
"""The services, and the files that drive their clients."""

OPENING = """# What is tested

This page shows every test that drives a service's own client, unmodified, over a socket.

Behind each stands what it shows; [the matrix](README.md#what-the-tests-show) counts the same."""


@dataclass
class Shown:
    """One test: its file, its name as a sentence, what it is about, and the error statuses in it."""

    file: str
    sentence: str
    features: tuple[str, ...]
    statuses: set[int]


@dataclass
class Driven:
    """What the tests of one service say."""

    packages: list[str] = field(default_factory=list)
    tests: list[Shown] = field(default_factory=list)


def clients() -> str:
    """Every test as a sentence, by service."""
    parts = [OPENING]
    for service, files in CLIENTS.items():
        lines = [
            f"- {one.sentence} ({', '.join(map(FEATURES.__getitem__, one.features))})" for one in driven(files).tests
        ]
        parts.append("\n".join([f"## {service}", "", *lines]))
    return "\n\n".join(parts)


def driven(files: tuple[str, ...]) -> Driven:
    """What these files drive, and how. Raises ValueError for a test that does not say what it is about."""
    found = Driven()
    for file in files:
        tree = ast.parse((TESTS / file).read_text())
        named = re.search(r"`([\w-]+)` package(?:, (\d[\w.]*\w))?(?: and (\d[\w.]*\w))?", ast.get_docstring(tree) or "")
        versions = " and ".join(filter(None, named.groups()[1:])) if named else ""
        found.packages.append(f"`{named[1] if named else 'openai'}` {versions}".strip())
        for one in tree.body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_"):
                sentence = one.name.removeprefix("test_").replace("_", " ")
                found.tests.append(Shown(file, sentence, _features(one, file), _statuses(one)))
    return found


def _features(test: ast.FunctionDef | ast.AsyncFunctionDef, file: str) -> tuple[str, ...]:
    """What `@feature(...)` says of a test."""
    for one in test.decorator_list:
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "feature":
            return tuple(ast.literal_eval(name) for name in one.args)
    raise ValueError(f"{test.name} in {file} does not say by @feature what it is about.")


def _statuses(test: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    """The HTTP statuses of errors that a test is given or compares with."""
    numbers = {node.value for node in ast.walk(test) if isinstance(node, ast.Constant) and type(node.value) is int}
    return {number for number in numbers if 400 <= number <= 504}
