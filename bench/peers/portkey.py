"""Portkey's gateway on Node; each request names its upstream in headers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers.cache import installed
from bench.processes import free_port, running
from bench.ready import answered
from bench.target import Target

PRELOADED = Path(__file__).with_name("loopback.cjs")


@contextmanager
def portkey(upstream: int, core: int, room: Path) -> Iterator[Target]:
    """A running Portkey gateway in front of port `upstream`."""
    home, port, log = installed("portkey"), free_port(), room / "log"
    argv = ["node", "--require", str(PRELOADED), "node_modules/@portkey-ai/gateway/build/start-server.js"]
    argv += ["--headless", f"--port={port}"]
    headers = {
        "authorization": "Bearer sk-upstream",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"http://127.0.0.1:{upstream}/v1",
    }
    env = {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}
    with running(argv, log=log, core=core, env=env, cwd=home) as pid:
        yield answered(Target(name="Portkey", port=port, pid=pid, headers=headers), log)
