"""Waits for evaluations beside the caller, and tells callbacks of them: once each, whatever happens."""

import asyncio
import inspect
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

from openai import APIConnectionError, APIStatusError, NotFoundError

from parley_client.asks import Ask, path
from parley_client.background import THREADS, Background, in_thread
from parley_client.params import Callback
from parley_client.results import Evaluation

log = logging.getLogger("parley_client")

MOST = 10_000
"""Evaluations waited for at once; a callback beyond them is told at once that its own is not."""
PATIENCE = 120.0
"""Seconds within which an evaluation must be there."""
UNRECORDED = 10.0
"""Seconds within which Parley must know of the request."""
POLL = 20.0
"""Seconds that one question waits at Parley."""
FIRST_PAUSE, LAST_PAUSE = 0.25, 5.0
"""Seconds between two questions: at least the first, and longer each time that Parley does not answer."""

Reach = Callable[[Ask[Any]], Awaitable[Any]]
"""Sends an Ask without blocking the loop."""


def evaluation_of(request_id: str, wait: float | None = None) -> Ask[Evaluation]:
    """Asks for a request's evaluation; `wait`: seconds that Parley may wait until it is settled."""
    query = {} if wait is None else {"wait": f"{wait:g}"}
    timeout = None if wait is None else wait + 10.0
    return Ask("GET", path("evaluations", request_id), Evaluation, query=query, timeout=timeout, retries=0)


class Watcher:
    """Waits for the evaluations of one client's requests."""

    def __init__(self, background: Background, reach: Reach, *, most: int = MOST, patience: float = PATIENCE) -> None:
        """At most `most` evaluations are waited for at once, each for `patience` seconds."""
        self._background = background
        self._reach = reach
        self._most = most
        self._patience = patience
        self._waiting = 0
        self._turns: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    def watch(self, request_id: str | None, callback: Callback, known: Evaluation | None = None) -> None:
        """Tells `callback` of the evaluation when it is there; does not wait."""
        self._background.start(self.told(request_id or "", callback, known))

    async def told(self, request_id: str, callback: Callback, known: Evaluation | None) -> None:
        """Tells `callback`; `known` is what came with the answer. Raises nothing."""
        if self._waiting >= self._most:
            known = Evaluation.unknown(request_id, f"{self._most} evaluations are waited for already.")
        self._waiting += 1
        try:
            evaluation = await self._settled(request_id, known)
        except asyncio.CancelledError:
            evaluation = Evaluation.unknown(request_id, "The client was closed before the evaluation was there.")
        finally:
            self._waiting -= 1
        await tell(callback, evaluation)

    async def _settled(self, request_id: str, known: Evaluation | None) -> Evaluation:
        if known is not None and known.settled:
            return known
        if not request_id:
            return Evaluation.unknown("", "The answer had no x-request-id: it did not come from Parley.")
        loop = asyncio.get_running_loop()
        end, pause, reason = loop.time() + self._patience, FIRST_PAUSE, "it was not judged in time"
        first = asked = math.inf  # turns may be long in coming
        while (left := end - loop.time()) > 0:
            try:
                async with self._turn():
                    asked = loop.time()
                    first = min(first, asked)
                    found: Evaluation = await self._reach(evaluation_of(request_id, min(POLL, left)))
                if found.settled:
                    return found
                pause = FIRST_PAUSE
            except Exception as error:  # whatever it is: the callback must be told
                reason = sentence(error)
                if not passing(error, loop.time() - first):
                    break
                pause = min(2 * pause, LAST_PAUSE)
            await asyncio.sleep(max(0.0, pause - (loop.time() - asked)))
        return Evaluation.unknown(request_id, f"The evaluation could not be had: {reason}")

    def _turn(self) -> asyncio.Semaphore:
        """The turns to ask Parley; a loop has its own."""
        loop = asyncio.get_running_loop()
        if loop not in self._turns:
            self._turns = {loop: asyncio.Semaphore(THREADS)}
        return self._turns[loop]


def passing(error: Exception, seconds: float) -> bool:
    """Whether it is worth asking again after `error`, `seconds` after the first question."""
    if isinstance(error, NotFoundError):
        return seconds < UNRECORDED
    if isinstance(error, APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, APIConnectionError)


def sentence(error: Exception) -> str:
    """What an error says, in Parley's words where it is Parley's."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    return str(said or error or type(error).__name__)


async def tell(callback: Callback, evaluation: Evaluation) -> None:
    """Runs the callback: a coroutine function here, any other in a thread. What it raises is logged."""

    def run() -> Any:
        try:
            return callback(evaluation)
        except BaseException:
            log.exception("the callback for the request %s failed", evaluation.request_id)
            return None

    try:
        told = run() if inspect.iscoroutinefunction(callback) else await in_thread(run)
        if inspect.isawaitable(told):
            await told
    except Exception:
        log.exception("the callback for the request %s failed", evaluation.request_id)
