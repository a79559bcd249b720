"""A management API with two keys, a real SQLite store and a few records."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parley.accounts.account_desk import AccountDesk
from parley.accounts.applications import Registry
from parley.accounts.config_desk import ConfigDesk
from parley.accounts.gate import Gate
from parley.accounts.key_desk import KeyDesk
from parley.accounts.keys import Keyring, make_key
from parley.core.errors import Overloaded
from parley.core.record import Record
from parley.core.reply import Usage
from parley.core.route import Target
from parley.evaluation.desk import EvaluationDesk
from parley.evaluation.feedback import FeedbackDesk
from parley.evaluation.webhooks import Webhooks
from parley.routing.catalog import Catalog, Entry
from parley.routing.portkey_config import Known
from parley.routing.router import Router
from parley.routing.saved import SavedConfigs
from parley.server.api.routes import api_routes
from parley.server.api.services import ApiServices
from parley.store import open_ledger, open_store
from parley.tracing.log import TraceLog
from tests.api.running import Client, Running

DAY = 86_400.0
START = 1_700_006_400.0  # 2023-11-15, midnight UTC


def record(n: int, **more: Any) -> Record:
    """The n-th record: one a day, models and outcomes taking turns."""
    fields: dict[str, Any] = {
        "id": f"req_{n}",
        "completion_id": f"chatcmpl-{n}",
        "created": START + n * DAY,
        "account": "acme",
        "application": "support",
        "intent": "REFUND",
        "session_id": f"ses_{n % 2}",
        "trace_id": "trc_1",
        "outcome": "answered" if n % 3 else "failed",
        "status": 200 if n % 3 else 502,
        "model": "demo" if n % 2 else "gpt-4o",
        "provider": "engine" if n % 2 else "openai",
        "usage": Usage(prompt_tokens=10, completion_tokens=n, cached_tokens=1),
        "cost_usd": 0.5 * n,
        "messages": b'[{"role": "user", "content": "Wie geht\xc3\xa9s?"}]',
        "answer": b'{"role":"assistant","content":"Good, \\"thanks\\"."}',
        "metadata": {"n": n},
    }
    return Record(**{**fields, **more})


RECORDS = [record(n) for n in range(6)]


class Models:
    """A catalog of one."""

    async def describe(self) -> list[dict[str, Any]]:
        """The one."""
        return [{"id": "demo", "provider": "engine"}]


async def _post(url: str, body: bytes, headers: Any) -> int:
    return 200


async def _body(type: str, subject: str) -> Any:
    return {"subject": subject}


async def _nobody(chat: Any, purpose: str, deadline: float) -> Any:
    raise Overloaded("There is nobody to ask.")


class House:
    """The API of this test run: two clients, and the registry behind it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        secrets = {}
        standing = []
        for scope in ("admin", "inference"):
            secrets[scope], key = make_key(scope, scopes=[scope], account="acme", now=START)
            standing.append(key)
        self.secrets = secrets
        self.keyring = Keyring(standing)
        self.running = Running(self._open)

    async def _open(self) -> Any:
        url = f"sqlite:///{self._data / 'parley.db'}"
        self.store = store = await open_store(url, self._data)
        ledger = open_ledger(url, durability="commit", spool=self._data / "spool")
        await ledger.start()
        await asyncio.gather(*(ledger.put(one) for one in RECORDS))
        await ledger.stop(10)
        self.registry = Registry(store.applications)
        catalog = Catalog([Entry(target=Target(model="demo", provider="engine", upstream="demo"))], ["engine"])
        router = Router(catalog, Known(providers=("engine",), models=("demo",)), random.Random(1), 0.0)
        gate = Gate(store.accounts, store.spending, "tests")
        self.webhooks = Webhooks(store.webhooks, lambda url: None if url.startswith("https://") else "no", _post, _body)
        services = ApiServices(
            keys=KeyDesk(store.keys, self.keyring, tell=gate.hold_keys),
            traces=TraceLog(store.traces),
            accounts=AccountDesk(store.accounts, store.keys, store.spending, gate),
            configs=ConfigDesk(store.applications, self.registry),
            routes=SavedConfigs(store.configs, router, {"filed": {"model": "demo"}}),
            requests=store.requests,
            catalog=Models(),
            evaluations=EvaluationDesk(store.evaluations, store.requests, store.jobs),
            webhooks=self.webhooks,
            settled=lambda application, intent: self.registry.defaults(application, intent).config,
            asker=lambda whose: _nobody,
            feedback=FeedbackDesk(store.feedback, store.requests, self.webhooks.of_feedback),
        )
        return api_routes(services), self.keyring, store.close


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for the tests of a file."""
    made = House(tmp_path_factory.mktemp("data"))
    with made.running:
        yield made


@pytest.fixture
def api(house: House) -> Client:
    """A client with an admin's key."""
    return Client(house.running.port, house.secrets["admin"])
