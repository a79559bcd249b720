"""Imports go down the house, as the contract in pyproject.toml says."""

import subprocess
import sys

from tests.house.tree import ROOT


def test_the_import_contract_is_kept() -> None:
    argv = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    checked = subprocess.run([*argv, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert " kept, 0 broken." in checked.stdout
