"""LiteLLM's proxy with one worker and no database, logging and telemetry off; it insists on a master key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers.cache import installed
from bench.processes import free_port, running
from bench.ready import answered
from bench.target import Target

KEY = "sk-bench-master-key"
ENVIRONMENT = {
    "LITELLM_MASTER_KEY": KEY,
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "LITELLM_TELEMETRY": "False",
    "NO_DOCS": "True",
}


@contextmanager
def litellm(upstream: int, core: int, room: Path) -> Iterator[Target]:
    """A running LiteLLM proxy in front of port `upstream`."""
    home, port, log, config = installed("litellm"), free_port(), room / "log", room / "config.yaml"
    served = {"model": "openai/bench", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "sk-upstream"}
    settings = {"telemetry": False, "num_retries": 0, "request_timeout": 60}
    models = [{"model_name": "bench", "litellm_params": served}]
    config.write_text(json.dumps({"model_list": models, "litellm_settings": settings}))  # JSON is YAML
    argv = [str(home / "venv/bin/litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--telemetry", "False"]
    with running(argv, log=log, core=core, env=ENVIRONMENT, cwd=room) as pid:
        headers = {"authorization": f"Bearer {KEY}"}
        yield answered(Target(name="LiteLLM", port=port, pid=pid, headers=headers), log)
