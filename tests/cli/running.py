"""Runs `parley` as a process, with pipes or in a terminal."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

PARLEY = (sys.executable, "-c", "from parley.cli import main; main()")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything of Parley's, and `more`."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**plain, "TERM": "dumb", **(more or {})}


def parley(
    *arguments: str, cwd: Path, given: str | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*PARLEY, *arguments], cwd=cwd, input=given, env=environment(env), capture_output=True, text=True, timeout=60
    )


class Terminal:
    """A command in a pseudo terminal: type into it and wait for what it shows."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self._screen, inside = pty.openpty()
        self._process = subprocess.Popen(
            [*PARLEY, *arguments],
            cwd=cwd,
            env=environment(),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=_take_the_terminal,
        )
        os.close(inside)
        self._unread = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10)
        os.close(self._screen)

    def type(self, text: str) -> None:
        """Types; `\\x04` is Ctrl-D."""
        os.write(self._screen, text.encode())

    def interrupt(self) -> None:
        """Presses Ctrl-C, as fast as a person would: in its first moments CPython's `input` does not notice it."""
        time.sleep(0.5)
        self.type("\x03")

    def wait_for(self, text: str, seconds: float = 20.0) -> None:
        """Reads the screen until `text` was shown since the last wait."""
        end = time.monotonic() + seconds
        while text not in self._unread:
            ready, _, _ = select.select([self._screen], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} was not shown; this was: {self._unread!r}"
            self._unread += os.read(self._screen, 65536).decode()
        self._unread = self._unread.partition(text)[2]

    def ended(self, seconds: float = 20.0) -> int:
        """The exit code, once the command is over."""
        return self._process.wait(seconds)


def _take_the_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
