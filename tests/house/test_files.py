"""Every file says what it is, is named after what it holds, and shows its imports at the top."""

import ast
import re

import pytest

from tests.house.tree import Source, imports, repository, sources

EVERYTHING = ("src/", "client/", "bench/", "tests/", "docs/", "models/")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc", "stuff"}
HEADS = ("Reads:", "Writes:", "Fails:", "Costs:")
MAY_IMPORT_LATE = ("src/parley/cli/", "src/parley/compose")


def test_every_file_opens_with_one_sentence() -> None:
    wordless = []
    for source in sources(*EVERYTHING):
        opening = (ast.get_docstring(source.tree) or "").partition("\n\n")[0]
        if source.tree.body and not opening.endswith((".", "?", "!", ":")):
            wordless.append(source.place)
    assert not wordless


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    parts = {place: set(re.split(r"[/.]", place)) for place in repository()}
    assert not [place for place, names in parts.items() if names & VAGUE]


def test_imports_stand_at_the_top_of_a_file() -> None:
    late = []
    for source in sources("src/", "client/"):
        if not source.place.startswith(MAY_IMPORT_LATE):
            late += [f"{source.place}:{line}" for line in _late_imports(source)]
    assert not late


def test_no_import_is_for_the_type_checker_alone() -> None:
    assert not [source.place for source in sources("src/", "client/") if "TYPE_CHECKING" in _names(source)]


def test_no_function_rebinds_a_global() -> None:
    assert not [
        source.place
        for source in sources("src/", "client/")
        if any(isinstance(node, ast.Global) for node in ast.walk(source.tree))
    ]


def test_nothing_is_mocked_or_patched() -> None:
    mocking = [source.place for source in sources("tests/") if any("mock" in name for name in imports(source.tree))]
    patching = [source.place for source in sources("tests/") if "monkeypatch" in _parameters(source)]
    assert not mocking + patching


def test_the_client_imports_nothing_of_parley() -> None:
    assert not [
        source.place
        for source in sources("client/")
        if any(name == "parley" or name.startswith("parley.") for name in imports(source.tree))
    ]


@pytest.mark.parametrize("head", HEADS)
def test_every_stage_says_what_it_reads_writes_and_costs_and_how_it_fails(head: str) -> None:
    stages = [source for source in sources("src/parley/pipeline/stages/") if not source.place.endswith("__init__.py")]
    assert stages
    silent = []
    for stage in stages:
        lines = (ast.get_docstring(stage.tree) or "").splitlines()
        if not any(line.startswith(head) and line != head for line in lines):
            silent.append(stage.place)
    assert not silent


def _late_imports(source: Source) -> list[int]:
    functions = [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def _names(source: Source) -> set[str]:
    nodes = list(ast.walk(source.tree))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def _parameters(source: Source) -> set[str]:
    return {node.arg for node in ast.walk(source.tree) if isinstance(node, ast.arg)}
