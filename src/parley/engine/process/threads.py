"""Blocking work of llama.cpp in a thread, never left behind: who is cancelled waits for its end."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


async def in_thread(
    threads: Executor, work: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs
) -> Found:
    """What `work` returns. A cancellation is raised only after it has returned: what it used may then be used again."""
    running = asyncio.get_running_loop().run_in_executor(threads, lambda: work(*args, **kwargs))
    try:
        return await asyncio.shield(running)
    finally:
        if not running.done():
            await asyncio.wait((running,))
