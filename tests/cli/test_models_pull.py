"""`parley models pull`: from a name on a hub to a model in the configuration."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.settings import load
from tests.cli.running import PARLEY, environment, parley
from tests.engine.ggufs import write_llama
from tests.hub_server import REPO, HubServer


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """A hub with one model in two quantisations."""
    data = write_llama(tmp_path_factory.mktemp("hub") / "a.gguf").read_bytes()
    with HubServer(files={"small-Q4_0.gguf": data, "sub/small-Q8_0.gguf": data}) as made:
        yield made


def test_a_model_is_fetched_and_added(server: HubServer, tmp_path: Path) -> None:
    server.cuts = [1000]
    done = parley("models", "pull", f"{REPO}:q8_0", cwd=tmp_path, env={"HF_ENDPOINT": server.url})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("small-q8_0 is in parley.toml: llama, ")
    found = load(tmp_path / "parley.toml", {}).engine.models["small-q8_0"]
    assert Path(found.path) == tmp_path / "parley-data" / "models" / "acme--small-GGUF" / "small-Q8_0.gguf"
    assert Path(found.path).read_bytes() == server.files["sub/small-Q8_0.gguf"]
    assert "small-Q8_0.gguf" in done.stderr and "100%" not in done.stdout


def test_several_are_listed_with_how_to_choose(server: HubServer, tmp_path: Path) -> None:
    done = parley("models", "pull", REPO, cwd=tmp_path, env={"HF_ENDPOINT": server.url})
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{REPO}:Q4_0" in done.stderr and f"{REPO}:Q8_0" in done.stderr
    assert not server.asked_of("cdn")


def test_all_parts_of_a_split_model_come(server: HubServer, tmp_path: Path) -> None:
    data = server.files["small-Q4_0.gguf"]
    server.files = {f"big-Q4_0-0000{part}-of-00002.gguf": data for part in (1, 2)}
    done = parley(
        "models", "pull", REPO, "--name", "big", "--data", "kept", cwd=tmp_path, env={"HF_ENDPOINT": server.url}
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "kept" / "models" / "acme--small-GGUF"
    assert sorted(place.name for place in folder.iterdir()) == sorted(server.files)
    assert load(tmp_path / "parley.toml", {}).engine.models["big"].path == str(folder / "big-Q4_0-00001-of-00002.gguf")


def test_a_name_that_is_taken_is_said_before_anything_is_fetched(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text('[engine.models.small-q4_0]\npath = "a.gguf"\n')
    done = parley("models", "pull", f"{REPO}:Q4_0", cwd=tmp_path, env={"HF_ENDPOINT": server.url})
    assert done.returncode == 1 and "has a model small-q4_0 already" in done.stderr
    assert not server.asked_of("cdn")


def test_the_token_is_sent_and_never_shown(server: HubServer, tmp_path: Path) -> None:
    server.token = "hf_right"
    env = {"HF_ENDPOINT": server.url, "HF_TOKEN": "hf_wrong"}
    done = parley("models", "pull", f"{REPO}:Q4_0", cwd=tmp_path, env=env)
    assert done.returncode == 1 and "(401)" in done.stderr and "hf_" not in done.stderr + done.stdout
    done = parley("models", "pull", f"{REPO}:Q4_0", cwd=tmp_path, env={**env, "HF_TOKEN": "hf_right"})
    assert done.returncode == 0, done.stderr


def test_what_can_not_be_asked_is_one_sentence(tmp_path: Path) -> None:
    for name, endpoint, says in (
        (REPO, "http://127.0.0.1:1", "can not be asked"),
        (REPO, "huggingface.co", "HF_ENDPOINT"),
        ("small", "http://127.0.0.1:1", "is no model's name"),
    ):
        done = parley("models", "pull", name, cwd=tmp_path, env={"HF_ENDPOINT": endpoint})
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_came_but_is_no_model_is_not_added(server: HubServer, tmp_path: Path) -> None:
    server.files = {"odd.gguf": b"these are the right bytes of no model at all"}
    done = parley("models", "pull", REPO, cwd=tmp_path, env={"HF_ENDPOINT": server.url})
    assert done.returncode == 1 and "not a GGUF file" in done.stderr
    assert not (tmp_path / "parley.toml").exists()
    shutil.rmtree(tmp_path / "parley-data")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_fetch_that_was_stopped_goes_on_where_it_was(server: HubServer, tmp_path: Path, number: int) -> None:
    server.cuts, server.stalls = [100_000], True
    arguments = ["models", "pull", f"{REPO}:Q4_0"]
    env = environment({"HF_ENDPOINT": server.url})
    with subprocess.Popen([*PARLEY, *arguments], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert server.stalled.wait(20)
        part = tmp_path / "parley-data" / "models" / "acme--small-GGUF" / "small-Q4_0.gguf.part"
        end = time.monotonic() + 10
        while not (part.exists() and part.stat().st_size):
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(number)
        said = process.communicate(timeout=20)[1]
    if number == signal.SIGINT:
        assert process.returncode == 1 and "the same command goes on from here" in said and "Traceback" not in said
    assert not (tmp_path / "parley.toml").exists()
    here = part.stat().st_size
    done = parley(*arguments, cwd=tmp_path, env={"HF_ENDPOINT": server.url})
    assert done.returncode == 0, done.stderr
    assert server.asked_of("cdn")[-1]["range"] == f"bytes={here}-"
    assert not part.exists()
