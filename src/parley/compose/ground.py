"""The ground that rooms are built on: what they may use, and where they leave what the house runs for them."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from msgspec import Struct, field

from parley.accounts.applications import Registry
from parley.accounts.keys import Keyring
from parley.jobs.ports import Handler
from parley.pipeline.errands import Errands
from parley.pipeline.house import Afterthought
from parley.routing.custom_hosts import CustomHosts
from parley.routing.router import Router
from parley.settings import Settings
from parley.store import Ledger, Store


class Ground(Struct, frozen=True, kw_only=True):
    """What every room may be given; `shared` is the workers' common directory, None where there is one worker.

    A room adds to `handlers` (jobs by kind), `watched` (what to read again when a revision of the store moved) and
    `afterthoughts` (what it commits with each record); on `stack` it leaves how it is closed.
    """

    settings: Settings
    data: Path
    shared: Path | None
    stack: AsyncExitStack
    store: Store
    ledger: Ledger
    keyring: Keyring
    registry: Registry
    router: Router
    hosts: CustomHosts
    errands: Errands
    handlers: dict[str, Handler] = field(default_factory=dict)
    watched: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    afterthoughts: list[Afterthought] = field(default_factory=list)
