"""The reader: turns an uploaded file into chunks, small texts here in a thread, everything else in a child process."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE

import msgspec

from parley.context.reading import read_text
from parley.context.task import Outcome, Task
from parley.core.documents import Chunk
from parley.core.errors import BadRequest, CallerError, Internal

SMALL = 32 * 1024
"""Bytes of a text that is read in a thread: some 10 milliseconds. Starting a process takes ten times that."""
MEMORY = 1024**3
SECONDS = 60
SPARE = 15.0
"""Seconds beyond its processor time that a child may take: it waits for its turn on a busy machine."""
KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT")
"""What a child sees of the environment; keys of providers are none of it."""


class Reader:
    """Reads files, so many at once."""

    def __init__(
        self, *, most: int, memory: int = MEMORY, seconds: int = SECONDS, python: str = sys.executable
    ) -> None:
        """`most` chunks of a document; bytes of memory and seconds of processor time of a child."""
        self._most = most
        self._memory = memory
        self._seconds = seconds
        self._python = python

    async def read(self, data: bytes, type: str, charset: str | None) -> list[Chunk]:
        """The chunks. Raises BadRequest and TooLarge, with nothing left behind."""
        if type != "pdf" and len(data) <= SMALL:
            return await asyncio.to_thread(read_text, data, type, charset, self._most)
        task = Task(type=type, charset=charset, chunks=self._most, memory=self._memory, seconds=self._seconds)
        outcome = await self._outcome(msgspec.json.encode(task) + b"\n", data)
        if outcome.status is not None:
            raise CallerError(outcome.message, param=outcome.param, code=outcome.code, status=outcome.status)
        return outcome.chunks

    async def _outcome(self, task: bytes, data: bytes) -> Outcome:
        child = await asyncio.create_subprocess_exec(
            self._python,
            *("-P", "-m", "parley.context.child"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._seconds + SPARE):
                found, said = await child.communicate(task + data)
        except TimeoutError:
            raise _too_long(self._seconds) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        if child.returncode == 0:
            return msgspec.msgpack.decode(found, type=Outcome)
        if child.returncode is not None and child.returncode < 0:
            raise _too_long(self._seconds)
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        if "MemoryError" in last:
            raise BadRequest("This document needs too much memory to be read.", param="content")
        raise Internal(f"The document could not be read: {last[:200]}")


def _too_long(seconds: int) -> BadRequest:
    return BadRequest(f"Reading this document takes longer than {seconds} seconds; send it in parts.", param="content")
