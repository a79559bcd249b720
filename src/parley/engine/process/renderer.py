"""Renders a request's own chat template in a process that is killed when it takes too long."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import msgspec

from parley.core.errors import BadRequest, Overloaded

LONGEST_TEMPLATE = 100_000  # characters
RENDER = 1.0  # seconds for one template
START = 10.0  # seconds for the process to come up, once
QUEUE = 10.0  # seconds to wait for others' templates
LINE = 64 << 20  # bytes of an answer


class Renderer:
    """One such process, started on first use and again after it was killed; one template at a time."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def render(self, template: str, values: dict[str, Any]) -> str:
        """The text of a conversation. Raises BadRequest for whatever the template does wrong."""
        if len(template) > LONGEST_TEMPLATE:
            sentence = f"The chat template has {len(template)} characters; at most {LONGEST_TEMPLATE} are taken."
            raise BadRequest(sentence, param="chat_template")
        try:
            async with asyncio.timeout(QUEUE):
                await self._turn.acquire()
        except TimeoutError:
            raise Overloaded("Too many chat templates wait to be rendered; try again.", retry_after="2") from None
        try:
            answer = await self._ask(msgspec.json.encode({"template": template, "values": values}) + b"\n")
        finally:
            self._turn.release()
        if "error" in answer:
            raise BadRequest(answer["error"], param="chat_template")
        return answer["text"]

    async def _ask(self, line: bytes) -> dict[str, str]:
        """One job; the process does not survive one that is cut short."""
        whole = False
        try:
            process = await self._running()
            async with asyncio.timeout(RENDER):
                answer = await exchange(process, line)
            whole = bool(answer)
        except TimeoutError:
            return {"error": f"The chat template takes longer than {RENDER:g} s."}
        finally:
            if not whole:
                self._kill()
        return dict(msgspec.json.decode(answer)) if whole else {"error": "The chat template needs too much memory."}

    async def _running(self) -> Process:
        """The process, proven to answer."""
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "parley.engine.process.rendering"), stdin=PIPE, stdout=PIPE, limit=LINE
            )
            async with asyncio.timeout(START):
                await exchange(self._process, b'{"template":"","values":{}}\n')
        return self._process

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None


async def exchange(process: Process, line: bytes) -> bytes:
    """A line in, a line out; empty if the process ended."""
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(line)
        await process.stdin.drain()
        return await process.stdout.readline()
    except ConnectionError:
        return b""
