"""Work beside the caller's: tasks on the caller's loop for `AsyncParley`, on a loop in a thread for `Parley`."""

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Work = Coroutine[Any, Any, None]

THREADS = 32
"""Threads at once that wait for Parley or run callbacks, per client."""


class Background(Protocol):
    """Where work goes that nobody waits for."""

    def start(self, work: Work, *, awaited: bool = True) -> None:
        """Begins `work` soon, without waiting; closing waits for what is `awaited`, and cancels what is not."""


class Tasks:
    """Work on the loop that runs."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[None], bool] = {}

    def start(self, work: Work, *, awaited: bool = True) -> None:
        """Begins `work` soon, without waiting; closing waits for what is `awaited`, and cancels what is not."""
        try:
            task = asyncio.get_running_loop().create_task(work)
        except RuntimeError:  # a stream was let go after its loop had ended
            work.close()
            return
        self._tasks[task] = awaited
        task.add_done_callback(self._tasks.pop)

    async def drain(self, grace: float) -> None:
        """Waits until this loop's work is done, `grace` seconds at most; then cancels what is left of it."""
        loop = asyncio.get_running_loop()
        mine = {task: awaited for task, awaited in self._tasks.items() if task.get_loop() is loop}
        wanted = {task for task, awaited in mine.items() if awaited}
        if wanted:
            await asyncio.wait(wanted, timeout=grace)
        late = {task for task in mine if not task.done()}
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1.0)


class LoopThread:
    """Work on a loop of its own, in a thread that keeps no program from ending."""

    def __init__(self, grace: float) -> None:
        """`grace`: seconds that the end of the program may wait for the work."""
        self._grace = grace
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks = Tasks()
        self._pid = 0

    def start(self, work: Work, *, awaited: bool = True) -> None:
        """Begins `work` soon, without waiting; closing waits for what is `awaited`, and cancels what is not."""
        with self._lock:
            if self._loop is None or self._pid != os.getpid():  # a forked child has the loop, but not its thread
                self._loop, self._pid, self._tasks = asyncio.new_event_loop(), os.getpid(), Tasks()
                threading.Thread(target=_serve, args=(self._loop,), name="parley-client", daemon=True).start()
                atexit.register(self.close)
            self._loop.call_soon_threadsafe(partial(self._tasks.start, work, awaited=awaited))

    def close(self, grace: float | None = None) -> None:
        """Waits until the work is done, `grace` seconds at most, then ends the thread; it begins anew when needed."""
        with self._lock:
            loop, self._loop, tasks = self._loop, None, self._tasks
            atexit.unregister(self.close)
            if loop is None or self._pid != os.getpid():
                return
        patience = self._grace if grace is None else grace
        drained = asyncio.run_coroutine_threadsafe(tasks.drain(patience), loop)
        with contextlib.suppress(TimeoutError):
            drained.result(patience + 2.0)
        loop.call_soon_threadsafe(loop.stop)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def in_thread(run: Callable[[], T]) -> T:
    """What `run` returns or raises, from a thread that keeps no program from ending, however long it takes."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            fit = isinstance(error, Exception) and not isinstance(error, StopIteration)  # what a future takes
            done.set_exception(error if fit else RuntimeError(repr(error)))
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = run()
        except BaseException as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="parley-client-call", daemon=True).start()
    return await done
