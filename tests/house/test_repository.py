"""The repository is whole by itself: pinned, versioned, and silent about the machines it was written on."""

import re
import tomllib
from collections.abc import Iterator

import parley
from tests.house.tree import ROOT, repository

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
# A path of somebody's machine, or the address of a package index; `~` and /tmp are everybody's.
MACHINE = re.compile(
    r"/(?:home|Users|root|work|srv|opt)/[A-Za-z0-9]|--(?:extra-)?index-url|--find-links|--trusted-host"
    r"|files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org"
)
KNOWS_OF_INDEXES = {"tests/house/test_repository.py"}


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == parley.__version__ == PROJECT["project"]["version"]


def test_the_runtime_requirements_are_those_of_the_package() -> None:
    wanted = (ROOT / "requirements" / "runtime.in").read_text().splitlines()
    names = {line for line in wanted if line and not line.startswith(("#", "setuptools=="))}
    assert names == set(PROJECT["project"]["dependencies"])
    assert set(PROJECT["build-system"]["requires"]) <= set(wanted)


def test_every_requirement_is_pinned_with_hashes() -> None:
    for name in ("runtime", "test", "tools"):
        pinned = (ROOT / "requirements" / f"{name}.txt").read_text()
        blocks = re.split(r"\n(?=[a-z0-9])", pinned)
        assert all(PIN.match(block) and "--hash=sha256:" in block for block in blocks if block[0] not in "#\n"), name
        asked = {re.split(r"[=\[<>]", line)[0] for line in _asked(name)}
        assert asked <= {match[1] for match in PIN.finditer(pinned)}, name


def test_tests_run_on_the_versions_that_serve() -> None:
    serving, testing = (
        dict(PIN.findall((ROOT / "requirements" / f"{name}.txt").read_text())) for name in ("runtime", "test")
    )
    assert serving.items() <= testing.items()


def test_nothing_names_a_machine_or_a_package_index() -> None:
    assert not [f"{place}: {line}" for place, line in _lines() if MACHINE.search(line)]


def _asked(name: str) -> list[str]:
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def _lines() -> Iterator[tuple[str, str]]:
    for place in repository():
        if place in KNOWS_OF_INDEXES:
            continue
        data = (ROOT / place).read_bytes()
        if b"\0" not in data[:4096]:
            for line in data.decode(errors="replace").splitlines():
                yield place, line
