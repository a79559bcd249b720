"""Every page says what it is for, leads somewhere, and shows only what runs."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from parley.cli.app import app
from parley.providers.registry import ROWS
from parley.settings import load
from tests.house.tree import ROOT, repository

PAGES = [
    place for place in repository() if place.endswith(".md") and not place.startswith(("src/", "tests/", "models/"))
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
KEYS = {row.key_env: "a-key" for row in ROWS if row.key_env} | {"CLUSTER_KEY": "a-key", "NAME": "a-key"}


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Each block of code in this language, with its page."""
    for place in PAGES:
        yield from ((place, text) for kind, text in BLOCK.findall((ROOT / place).read_text()) if kind == language)


@pytest.mark.parametrize("place", [place for place in PAGES if place.startswith("docs/")])
def test_a_page_opens_with_one_sentence_that_says_what_it_is_for(place: str) -> None:
    title, opening = (ROOT / place).read_text().split("\n\n")[:2]
    assert title.startswith("# ")
    assert opening.startswith("This page ")
    assert opening.endswith(".")
    assert ". " not in opening.replace("\n", " ")


@pytest.mark.parametrize("place", PAGES)
def test_links_lead_to_pages_that_are_there(place: str) -> None:
    prose = BLOCK.sub("", (ROOT / place).read_text())
    places = [target for target, _ in LINK.findall(prose) if target and "://" not in target]
    assert not [target for target in places if not ((ROOT / place).parent / target).exists()]


@pytest.mark.parametrize("block", range(len(list(blocks("toml")))))
def test_a_configuration_in_the_docs_is_one(block: int, tmp_path: Path) -> None:
    place, text = list(blocks("toml"))[block]
    table = tomllib.loads(text)
    secrets = [section.get("api_key", "") for section in table.get("providers", {}).values()]
    for secret in secrets:
        if secret.startswith("file:"):
            kept = tmp_path / "secret"
            kept.write_text("a-key")
            text = text.replace(secret, f"file:{kept}")
    file = tmp_path / "parley.toml"
    file.write_text(text)
    load(file, KEYS)
    assert place


@pytest.mark.parametrize("block", range(len(list(blocks("python")))))
def test_python_in_the_docs_compiles(block: int) -> None:
    place, text = list(blocks("python"))[block]
    ast.parse(text, place)


def test_commands_in_the_docs_are_commands() -> None:
    shown = [
        words
        for _, text in blocks("bash")
        for line in text.replace("\\\n", " ").splitlines()
        if (words := shlex.split(line, comments=True)) and words[0].removeprefix(".venv/bin/") == "parley"
    ]
    assert shown
    for words in shown:
        parse(words[1:])


def test_bodies_of_requests_in_the_docs_are_json() -> None:
    bodies = [
        words[words.index("-d") + 1]
        for _, text in blocks("bash")
        for line in text.replace("\\\n", " ").splitlines()
        if "-d" in (words := shlex.split(line, comments=True))
    ]
    assert bodies
    for body in bodies:
        json.loads(body)


@pytest.mark.parametrize("place", [place for place in PAGES if re.search(r"decisions/\d", place)])
def test_a_decision_says_its_context_choice_and_cost_and_is_listed(place: str) -> None:
    text = (ROOT / place).read_text()
    assert [head for head in ("**Context.**", "**Choice.**", "**Cost.**", "**Look again**") if head in text] == [
        "**Context.**",
        "**Choice.**",
        "**Cost.**",
        "**Look again**",
    ]
    title = text.partition("\n")[0].removeprefix("# ")
    number, _, name = title.partition(" ")
    assert f"[{number}]({Path(place).name}) | {name} |" in (ROOT / "docs/decisions/README.md").read_text()


def parse(words: list[str]) -> None:
    """Parses a command line without running it; click raises where it is wrong."""
    command = typer.main.get_command(app)
    name, *rest = words
    inner = command.commands[name]  # type: ignore[attr-defined]
    if hasattr(inner, "commands"):
        name, *rest = rest
        inner = inner.commands[name]
    inner.make_context(name, rest, resilient_parsing=False)
