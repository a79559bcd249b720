"""What a serving process is told."""

import socket
from pathlib import Path

from msgspec import Struct

from parley.accounts.admin import AdminKey
from parley.settings import Settings


class Job(Struct, frozen=True, kw_only=True):
    """The settings, the admin key, the listening socket and where the engine listens (None: there is none)."""

    settings: Settings
    admin: AdminKey
    sock: socket.socket
    engine_address: str | None
    shared: Path | None = None  # a directory that all workers write to
