"""Client packages as their users have them, each in an environment of its own, driven from here.

`make clients` installs them from requirements/clients/ into .venv-clients/. A drive (tests/clients/drives/) is a file
of functions that use one package; it runs over there, and `Package.call` calls one of its functions.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent.parent / ".venv-clients"


class Raised(Exception):
    """What a client raised: its kind, the kinds that it is of, its text, and the status and body that it carries."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(f"{told['raised']}: {told['text']}")
        self.kind: str = told["raised"]
        self.kinds: list[str] = [told["raised"], *told["bases"]]
        self.text: str = told["text"]
        self.status: Any = told["status"]
        self.body: Any = told["body"]


class Package:
    """One running environment; `more` goes along with every call."""

    def __init__(self, process: "subprocess.Popen[str]", more: dict[str, Any]) -> None:
        self._process = process
        self._more = more

    async def call(self, function: str, **arguments: Any) -> Any:
        """What the drive's `function` returns, as JSON has it. Raises Raised for what it raises."""
        told = json.loads(await asyncio.to_thread(self._ask, function, {**self._more, **arguments}))
        if "raised" in told:
            raise Raised(told)
        return told["returned"]

    def _ask(self, function: str, arguments: dict[str, Any]) -> str:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        into.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
        into.flush()
        return out.readline() or json.dumps(
            {"raised": "Ended", "text": "it ended", "bases": [], "status": 0, "body": 0}
        )


@contextmanager
def package(name: str, drive: str, home: Path, **more: Any) -> Iterator[Package]:
    """The package `name` with the functions of drives/`drive`.py; `home` is its home folder."""
    python = ENVIRONMENTS / name / "bin" / "python"
    if not (ENVIRONMENTS / name / ".made").exists():
        pytest.skip(f"the client {name} is not installed: make clients")
    command = [str(python), "-I", str(HERE / "worker.py"), str(HERE / "drives" / f"{drive}.py")]
    plain = {"PATH": os.environ["PATH"], "HOME": str(home)}
    process = subprocess.Popen(command, env=plain, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Package(process, more)
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()
