"""What follows an answer on surfaces whose clients hear of its evaluation on the same response."""

import asyncio
from typing import Any

from parley.core.call import Call
from parley.core.errors import GatewayError
from parley.evaluation.desk import EvaluationDesk
from parley.evaluation.shown import shown
from parley.pipeline.house import Answer
from parley.server.streaming import StreamOut
from parley.server.surface import JudgedWriter, StreamWriter, Surface

HEADER, PENDING = b"x-parley-evaluation", b"PENDING"
INSIDE, AFTER = 2.0, 60.0
"""Seconds that an evaluation is waited for where the answer waits with it, and where it comes after the answer."""


class Later:
    """Waits for evaluations."""

    def __init__(self, evaluations: EvaluationDesk) -> None:
        self._evaluations = evaluations

    async def inside(self, call: Call, surface: Surface, answer: Answer) -> dict[str, Any] | None:
        """The evaluation that is to stand in the answer; None where none is owed, or it is not there in time."""
        if surface.evaluated is None or surface.evaluated(call.ask) or not owed(answer):
            return None
        return await self._told(call, INSIDE)

    async def after(self, call: Call, surface: Surface, answer: Answer) -> bytes:
        """What follows the answer, once its evaluation is there; may be empty."""
        write = surface.write_evaluation
        if write is None or surface.evaluated is None or not surface.evaluated(call.ask) or not judged(answer):
            return b""
        told = await self._told(call, AFTER)
        return b"" if told is None else write(call, told)

    async def end(self, call: Call, surface: Surface, answer: Answer, out: StreamOut, writer: StreamWriter) -> None:
        """Ends a stream with its evaluation: on its last chunk, or after it."""
        told = await self.inside(call, surface, answer)
        if told is not None and isinstance(writer, JudgedWriter):
            writer.judged(told)
        await out.write(writer.end())
        await out.write(await self.after(call, surface, answer), last=True)

    async def _told(self, call: Call, seconds: float) -> dict[str, Any] | None:
        left = max(0.0, call.deadline - asyncio.get_running_loop().time())
        try:
            standing = await self._evaluations.standing(call.id, None, min(seconds, left))
        except GatewayError:
            return None  # the answer counts, and the evaluation can still be read
        return None if standing.row is None else shown(standing)


def judged(answer: Answer) -> bool:
    """Whether the answer is judged by anybody, before or after it is given."""
    return any(name == HEADER for name, _ in answer.headers)


def owed(answer: Answer) -> bool:
    """Whether its evaluation was not there when the answer was."""
    return any(name == HEADER and value.startswith(PENDING) for name, value in answer.headers)
