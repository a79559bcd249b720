"""Accounts: the gate that bounds calls, and the desk that changes what is allowed."""

import os
import secrets
from contextlib import AsyncExitStack

from parley.accounts.account_desk import AccountDesk
from parley.accounts.gate import Gate
from parley.store import Store


def make_gate(store: Store) -> tuple[Gate, AccountDesk]:
    """The gate of this worker, not started, and the desk before it."""
    worker = f"{os.getpid()}-{secrets.token_hex(6)}"
    gate = Gate(store.accounts, store.spending, worker)
    return gate, AccountDesk(store.accounts, store.keys, store.spending, gate)


async def start_gate(gate: Gate, stack: AsyncExitStack) -> None:
    """Tends the purses until the house is closed."""
    await gate.start()
    stack.push_async_callback(gate.stop)
