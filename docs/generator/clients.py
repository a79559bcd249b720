"""The page of what the services' own clients are driven through, read from the tests that drive them."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests" / "clients"

CLIENTS = {
    "OpenAI": ("test_openai.py",),
    "Maitai": ("test_maitai.py",),
    "OctoAI": ("test_octoai.py", "test_octoai_sdk.py"),
    "Portkey": ("test_portkey.py",),
    "Scale EGP": ("test_scale_gp.py", "test_scale_egp.py"),
    "RedPill": ("test_redpill.py",),
}
"""The services, and the files that drive their clients."""

FEATURES = {
    "whole answers": r"a_chat|a_completion|a_text_completion|an_answer_is_proven|an_evaluation_stands",
    "streams": r"stream|is_proven",
    "a stream that is cut": r"(^|_)cut(_|$)",
    "tools": r"tools|agent",
    "text completions": r"completion|prompts",
    "embeddings": r"embeddings",
    "models": r"models_|models_are|catalogue",
    "its own parameters": r"parameter|template|likelihood|adapter|schema|instructions|images|config|virtual|nulls"
    r"|would_change|extra_fields|settled|caller_says",
    "errors of the upstream": r"upstreams_error|other_errors|asks_again",
    "refusals": r"refus|contradict|named|wrong",
    "callbacks, evaluations, feedback": r"callback|evaluation|correction|feedback|handed_in|pushed",
    "proofs": r"proven",
}
"""What a test is about, by the words of its name."""

OPENING = """# What is tested

This page shows what each service's own client is driven through in `tests/clients`, unmodified, over a socket.

A number is how many tests there are; a test may run for several functions and statuses."""


@dataclass
class Driven:
    """What the tests of one service say."""

    packages: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)


def clients() -> str:
    """The matrix of services and features, and every test as a sentence."""
    found = {service: _driven(files) for service, files in CLIENTS.items()}
    head = [f"| | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    rows = [f"| package | {' | '.join('<br>'.join(one.packages) for one in found.values())} |"]
    for feature, words in FEATURES.items():
        counts = [sum(1 for name in one.sentences if re.search(words, name)) for one in found.values()]
        rows.append(f"| {feature} | {' | '.join(str(count or '') for count in counts)} |")
    told = ["<br>".join(str(status) for status in sorted(one.statuses)) for one in found.values()]
    rows.append(f"| statuses | {' | '.join(told)} |")
    parts = [OPENING, "\n".join([*head, *rows])]
    for service, one in found.items():
        lines = [f"- {name.replace('_', ' ')}" for name in one.sentences]
        parts.append("\n".join([f"## {service}", "", *lines]))
    return "\n\n".join(parts)


def _driven(files: tuple[str, ...]) -> Driven:
    driven = Driven()
    for file in files:
        if not (TESTS / file).exists():
            continue
        tree = ast.parse((TESTS / file).read_text())
        named = re.search(r"`([\w-]+)` package(?:, (\d[\w.]*\w))?", ast.get_docstring(tree) or "")
        driven.packages.append(f"`{named[1]}` {named[2] or ''}".strip() if named else "`openai`")
        for one in tree.body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_"):
                driven.sentences.append(one.name.removeprefix("test_"))
                driven.statuses |= _statuses(one)
    return driven


def _statuses(test: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    """The HTTP statuses of errors that a test is given or compares with."""
    numbers = {node.value for node in ast.walk(test) if isinstance(node, ast.Constant) and type(node.value) is int}
    return {number for number in numbers if 400 <= number <= 504}
