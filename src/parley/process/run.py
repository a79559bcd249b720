"""`parley serve`: takes its ground, starts the engine, serves until told to stop."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop
from msgspec import structs

from parley.accounts.admin import AdminKey, AdminKeyError, admin_key
from parley.compose import make_engine, open_house
from parley.core.errors import GatewayError
from parley.process.alone import serve
from parley.process.ground import StartError, address_of, allow_many_files, claim, listen
from parley.process.job import Job
from parley.process.log import start_log
from parley.process.workers import Workers
from parley.settings import Overrides, Settings, SettingsError, load


def run(
    config: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    data: Path | None = None,
    workers: int = 1,
) -> int:
    """Serves until SIGTERM or SIGINT; returns the exit code. Each reason not to start is one sentence on stderr."""
    start_log()
    try:
        settings = load(config, os.environ, Overrides(host=host, port=port, data=str(data) if data else None))
        directory = Path(settings.data)
        allow_many_files()
        claim(directory)
        sock = listen(settings.server.host, settings.server.port)
        admin = admin_key(os.environ.get("PARLEY_ADMIN_KEY"), directory)
        with sock, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(Job(settings=settings, admin=admin, sock=sock, engine_address=None), workers))
    except (SettingsError, StartError, AdminKeyError, GatewayError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def _run(job: Job, workers: int) -> None:
    async with _engine(job.settings) as address:
        job = structs.replace(job, engine_address=address)
        welcome = _welcome(address_of(job.sock), job.admin)
        if workers > 1:
            async with open_house(job.settings, job.admin, job.engine_address):
                pass  # what keeps a house from opening is said once, here, and not by every worker again and again
            await Workers(job, workers, welcome).run()
        else:
            await serve(job, welcome)


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[str | None]:
    """Runs the engine, if it has a model, and gives its address; nobody waits for a model to load."""
    if not settings.engine.models:
        yield None
        return
    engine = make_engine(settings)
    await engine.start()
    try:
        yield engine.address
    finally:
        await engine.stop(settings.server.grace)


def _welcome(address: str, admin: AdminKey) -> Callable[[], None]:
    """What the operator reads once requests are accepted."""
    key = f"Admin key (shown this once, kept in {admin.source}): {admin.secret}\n" if admin.made else ""
    ask = (
        f'Ask:  curl {address}/v1/chat/completions -H "Authorization: Bearer $KEY" -H "content-type: application/json" '
        '-d \'{"model": "demo", "messages": [{"role": "user", "content": "What is Parley?"}]}\'\n'
        "or:   parley chat\n"
    )

    def say() -> None:
        sys.stdout.write(f"{key}Parley is ready on {address}\n{ask}")
        sys.stdout.flush()

    return say
