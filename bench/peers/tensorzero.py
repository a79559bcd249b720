"""TensorZero's Rust gateway, started from its wheel without a database; it chooses its own port and says it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from bench.peers.cache import installed
from bench.processes import alive, running, tail
from bench.ready import answered
from bench.target import Target

SERVE = """\
import sys, time, tensorzero
gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False
)
print("READY", gateway.base_url, flush=True)
while True:
    time.sleep(3600)
"""
CONFIG = """\
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true

[models.bench]
routing = ["upstream"]

[models.bench.providers.upstream]
type = "openai"
model_name = "bench"
api_base = "http://127.0.0.1:{upstream}/v1/"
api_key_location = "none"
"""


@contextmanager
def tensorzero(upstream: int, core: int, room: Path) -> Iterator[Target]:
    """A running TensorZero gateway in front of port `upstream`; its ready time includes the import of its wheel."""
    home, log, config = installed("tensorzero"), room / "log", room / "tensorzero.toml"
    config.write_text(CONFIG.format(upstream=upstream))
    argv = [str(home / "venv/bin/python"), "-c", SERVE, str(config)]
    began = time.monotonic()
    with running(argv, log=log, core=core, cwd=room) as pid:
        address = urlsplit(_address(pid, log))
        path = f"{address.path.rstrip('/')}/chat/completions"
        model = "tensorzero::model_name::bench"
        target = answered(Target(name="TensorZero", port=address.port or 0, path=path, model=model, pid=pid), log)
        yield replace(target, ready_ms=(time.monotonic() - began) * 1000)


def _address(pid: int, log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and alive(pid):
        said = [line.split()[1] for line in log.read_text(errors="replace").splitlines() if line.startswith("READY ")]
        if said:
            return said[0]
        time.sleep(0.003)
    raise RuntimeError(f"TensorZero did not start:\n{tail(log)}")
