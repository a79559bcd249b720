"""The program itself."""

import subprocess
import sys

from tests.cli.running import parley


def test_help_names_every_command(tmp_path):
    shown = parley("--help", cwd=tmp_path)
    assert shown.returncode == 0
    for command in ("serve", "check", "chat", "keys", "models", "usage", "export"):
        assert command in shown.stdout
        assert parley(command, "--help", cwd=tmp_path).returncode == 0


def test_the_program_starts_with_nothing_heavy():
    heavy = "('rich', 'sqlalchemy', 'numpy', 'starlette', 'genai_prices', 'xllamacpp', 'msgspec')"
    script = f"import sys, parley.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr
