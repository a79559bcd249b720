"""Parley itself, as an operator runs it: keys on, every record committed before the last byte of its answer."""

import http.client
import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.processes import free_port, running
from bench.ready import answered
from bench.target import Target

CONFIG = """\
[store]
url = "sqlite:///{room}/parley.db"
durability = "commit"

[providers.bench]
dialect = "openai"
base_url = "http://127.0.0.1:{upstream}/v1"
api_key = "sk-upstream"

[models.bench]
provider = "bench"
"""


@contextmanager
def parley(upstream: int, core: int, room: Path) -> Iterator[Target]:
    """A running `parley serve` in front of port `upstream`, asked with an inference key."""
    port, config, admin = free_port(), room / "parley.toml", "pk-" + secrets.token_urlsafe(24)
    config.write_text(CONFIG.format(room=room, upstream=upstream))
    argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve"]
    argv += ["--config", str(config), "--port", str(port), "--data", str(room / "data")]
    with running(argv, log=room / "log", core=core, env={"PARLEY_ADMIN_KEY": admin}, cwd=room) as pid:
        target = Target(name="Parley", port=port, pid=pid, headers={"authorization": f"Bearer {admin}"})
        ready = answered(target, room / "log")
        yield replace(ready, headers={"authorization": f"Bearer {inference_key(port, admin)}"})


def inference_key(port: int, admin: str) -> str:
    """A fresh key that may only ask models. Raises RuntimeError if the management API gives none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"authorization": f"Bearer {admin}", "content-type": "application/json"}
    connection.request("POST", "/api/keys", json.dumps({"name": "bench", "scopes": ["inference"]}), headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status not in (200, 201):
        raise RuntimeError(f"POST /api/keys answered {answer.status}: {body[:300]!r}")
    key: str = json.loads(body)["key"]
    return key
