"""Opens a connection to PostgreSQL."""

import asyncpg

from parley.store.address import PostgresAddress


async def connect(address: PostgresAddress, *, timeout: float, command_timeout: float) -> asyncpg.Connection:
    """A connection; both timeouts are in seconds. Raises OSError, TimeoutError or asyncpg's errors."""
    return await asyncpg.connect(
        address.dsn,
        timeout=timeout,
        command_timeout=command_timeout,
        server_settings={"application_name": "parley"},
    )
