"""`parley models list` against a real gateway: what is known of the engine's models, by whichever worker is asked."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.running import parley
from tests.engine.ggufs import write_adapter, write_encoder, write_llama
from tests.flow.gateway import Gateway

CONFIG = """
[engine.models.tiny]
path = "tiny.gguf"
adapters = { polite = "polite.gguf" }
slots = 2
context = 256
[engine.models.lazy]
path = "tiny.gguf"
load = "use"
idle = 3600
[engine.models.encoder]
path = "encoder.gguf"
[engine.models.missing]
path = "missing.gguf"
[providers.closed]
dialect = "openai"
base_url = "http://127.0.0.1:1/v1"
api_key = "sk"
[models.outside]
provider = "closed"
fallback = ["tiny"]
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Two workers and one engine."""
    home = tmp_path_factory.mktemp("listed")
    write_llama(home / "tiny.gguf")
    write_adapter(home / "polite.gguf")
    write_encoder(home / "encoder.gguf")
    with Gateway(home, CONFIG, arguments=("--workers", "2")) as made:
        yield made


def listed(gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command says."""
    env = {"PARLEY_URL": gateway.url.removesuffix("/v1"), "PARLEY_ADMIN_KEY": gateway.key}
    return parley("models", *arguments, cwd=gateway.home, env=env)


def models(gateway: Gateway) -> dict[str, dict[str, Any]]:
    """The models by name."""
    return {model["id"]: model for model in json.loads(listed(gateway, "list", "--json").stdout)}


def when(gateway: Gateway, name: str, state: str) -> dict[str, Any]:
    """The model, once it is in a state."""
    end = time.monotonic() + 20
    while (model := models(gateway)[name])["state"] != state:
        assert time.monotonic() < end, model
        time.sleep(0.1)
    return model


def test_a_model_of_the_engine_has_its_facts(gateway: Gateway) -> None:
    tiny = when(gateway, "tiny", "loaded")
    size = (gateway.home / "tiny.gguf").stat().st_size
    assert (tiny["size"], tiny["context"], tiny["slots"], tiny["adapters"]) == (size, 256, 2, ["polite"])
    assert tiny["memory"] > size
    assert when(gateway, "encoder", "loaded")["memory"] == (gateway.home / "encoder.gguf").stat().st_size


def test_one_that_waits_for_its_first_use_or_can_not_be_loaded_says_so(gateway: Gateway) -> None:
    lazy, missing = when(gateway, "lazy", "unloaded"), when(gateway, "missing", "failed")
    assert lazy["size"] and lazy["memory"] is None
    assert missing["size"] is None and "missing.gguf" in missing["reason"]


def test_one_of_a_provider_has_none_of_that(gateway: Gateway) -> None:
    outside = models(gateway)["outside"]
    assert outside.pop("health")["circuit"] == "closed"
    assert "tools" in outside.pop("capabilities") and outside.pop("pricing") is None
    known = {"id": "outside", "provider": "closed", "upstream": "outside", "fallback": ["tiny"], "context": None}
    assert outside == known


def test_the_table_shows_them_and_why_one_failed(gateway: Gateway) -> None:
    when(gateway, "tiny", "loaded")
    when(gateway, "missing", "failed")
    shown = listed(gateway, "list").stdout
    head, *rows = shown.splitlines()
    titles = "id, provider, upstream, state, size, context, memory, slots, adapters, fallback"
    assert head.split() == titles.split(", ")
    assert any(row.split()[:4] == ["tiny", "engine", "tiny", "loaded"] and "polite" in row for row in rows)
    assert "missing: There is no file" in shown
    assert listed(gateway).stdout == shown


def test_an_engine_that_is_away_is_a_state_and_no_failure(gateway: Gateway) -> None:
    when(gateway, "tiny", "loaded")
    ids = subprocess.run(
        ["pgrep", "-P", str(gateway.process.pid), "-f", "parley.engine"], capture_output=True, text=True
    )
    (engine,) = ids.stdout.split()
    os.kill(int(engine), signal.SIGSTOP)
    try:
        assert models(gateway)["tiny"]["state"] == "unknown"
    finally:
        os.kill(int(engine), signal.SIGCONT)
    assert when(gateway, "tiny", "loaded")
