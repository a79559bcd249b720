"""A real gateway: `parley serve` as a process on a free port with a data directory of its own."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

PARLEY = (sys.executable, "-c", "from parley.cli import main; main()", "serve")
ADMIN = "pk_admin_of_the_tests_0123456789"
PATIENCE = 30.0
READY = "Parley is ready on "
SETTLES = 10.0
"""Seconds within which a record that nobody waits for is in the ledger."""

Row = dict[str, Any]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything of Parley's, and `more`."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**plain, "PARLEY_ADMIN_KEY": ADMIN, **(more or {})}


class Gateway:
    """A gateway on the folder `home`, which may be there already: a gateway that starts again finds its data."""

    def __init__(
        self, home: Path, config: str, *, arguments: tuple[str, ...] = (), env: Mapping[str, str] | None = None
    ):
        self.home = home
        self.data = home / "data"
        self.port = 0
        self.key = ADMIN
        self._arguments = arguments
        self._env = environment(env)
        home.mkdir(parents=True, exist_ok=True)
        (home / "parley.toml").write_text(config)
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self._reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL that clients of OpenAI are given."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def origin(self) -> str:
        """The address without a path, as clients of other services want it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[str]:
        """The running process."""
        assert self._process is not None
        return self._process

    @property
    def stderr(self) -> str:
        """All that it has logged."""
        return (self.home / "stderr").read_text()

    @property
    def stdout(self) -> str:
        """All that it has printed."""
        return "\n".join(self._lines)

    def launch(self) -> None:
        """Starts the process and does not wait for it."""
        command = [*PARLEY, "--config", "parley.toml", "--data", "data", "--port", str(self.port), *self._arguments]
        with (self.home / "stderr").open("a") as errors:
            self._process = subprocess.Popen(
                command, cwd=self.home, env=self._env, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self._process.stdout is not None
        self._lines = []
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def start(self) -> "Gateway":
        """Starts it and returns when it accepts requests."""
        self.launch()
        end = time.monotonic() + PATIENCE
        while not (ready := [line for line in self._lines if line.startswith(READY)]):
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.stderr}"
            assert time.monotonic() < end, f"it was not ready in time: {self.stderr}"
            time.sleep(0.01)
        self.port = int(ready[0].rpartition(":")[2])
        return self

    def tell(self, number: int) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    async def ended(self) -> int:
        """The exit code, once the process is over."""
        return await asyncio.to_thread(self.wait)

    def wait(self) -> int:
        """As `ended`, for those who have no loop."""
        code = self.process.wait(PATIENCE)
        assert self._reader is not None
        self._reader.join()
        return code

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.wait()

    def stop(self) -> int:
        """Ends it as an operator would; the exit code."""
        if self.process.poll() is None:
            self.tell(signal.SIGTERM)
        return self.wait()

    def __enter__(self) -> "Gateway":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    # ---- its ledger, over a connection of our own

    def rows(self, where: str = "1", *values: Any) -> list[Row]:
        """Records that are committed now."""
        ledger = sqlite3.connect(f"file:{self.data / 'parley.db'}?mode=ro", uri=True, timeout=10)
        ledger.row_factory = sqlite3.Row
        try:
            found = ledger.execute(f"select * from requests where {where} order by created", values)
            return [dict(row) for row in found]
        finally:
            ledger.close()

    def count(self, table: str, request_id: str) -> int:
        """How many rows of a table belong to a request now."""
        ledger = sqlite3.connect(f"file:{self.data / 'parley.db'}?mode=ro", uri=True, timeout=10)
        try:
            (found,) = ledger.execute(f"select count(*) from {table} where request_id = ?", (request_id,)).fetchone()
            return int(found)
        finally:
            ledger.close()

    def row(self, id: str) -> Row:
        """The record of one request, which must be there now."""
        (row,) = self.rows("id = ?", id)
        return row

    async def closed_row(self, id: str) -> Row:
        """The record of a request that nobody saw the end of: it is written within moments."""
        return await self.found("id = ?", id)

    async def found(self, where: str, *values: Any) -> Row:
        """The first record that fits, once there is one."""
        end = time.monotonic() + SETTLES
        while not (rows := self.rows(where, *values)):
            assert time.monotonic() < end, f"no record where {where} {values}"
            await asyncio.sleep(0.01)
        return rows[0]

    def _read(self, pipe: IO[str]) -> None:
        for line in pipe:
            self._lines.append(line.rstrip("\n"))
        pipe.close()


def answer_of(row: Row) -> Any:
    """The answer that a record kept."""
    return json.loads(row["answer"])
