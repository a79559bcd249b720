"""The usual case: one process that serves, with the engine as its child."""

from collections.abc import Callable

from parley.compose import open_house
from parley.process.job import Job
from parley.process.listener import Listener


async def serve(job: Job, ready: Callable[[], None]) -> None:
    """Serves until a signal; every record is written when it returns. `ready` is called once requests are accepted."""
    async with open_house(job.settings, job.admin, job.engine_address) as app:
        await Listener(app, job.settings.server.grace, ready).listen(job.sock)
