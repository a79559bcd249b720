"""Each reason not to start: one clear sentence on stderr, exit code 1."""

import socket
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from parley.settings import SettingsError, load
from parley.store import StoreError
from parley.store.address import read_address
from tests.flow.gateway import ADMIN, Gateway

NO_ENGINE = "[engine.models]\n"


def reason(gateway: Gateway) -> str:
    """The one sentence that a gateway which does not start says."""
    gateway.launch()
    assert gateway.wait() == 1, gateway.stderr
    assert gateway.stdout == ""
    (sentence,) = gateway.stderr.splitlines()
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    return sentence


def made(home: Path, config: str = NO_ENGINE, *arguments: str, env: Mapping[str, str] | None = None) -> Gateway:
    """A gateway that is not started."""
    return Gateway(home, config, arguments=arguments, env=env)


def test_two_gateways_on_one_data_directory_are_one_too_many(tmp_path: Path) -> None:
    with made(tmp_path) as first:
        second = made(tmp_path / "second", NO_ENGINE, "--data", str(first.data))
        said = reason(second)
    assert "Another gateway" in said and str(first.process.pid) in said and "--data" in said


def test_a_data_directory_is_free_again_after_kill_9(tmp_path: Path) -> None:
    with made(tmp_path) as first:
        first.kill()
        first.start()


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        gateway = made(tmp_path)
        gateway.port = other.getsockname()[1]
        said = reason(gateway)
    assert str(gateway.port) in said and "--port" in said


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_a_host_that_is_not_ours_is_told(tmp_path: Path, host: str) -> None:
    assert host in reason(made(tmp_path, NO_ENGINE, "--host", host))


def test_a_config_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "missing.toml" in reason(made(tmp_path, "", "--config", "missing.toml"))


def test_a_config_that_is_a_directory_is_told(tmp_path: Path) -> None:
    assert "can not be read" in reason(made(tmp_path, "", "--config", "."))


def test_a_config_that_is_no_toml_is_told(tmp_path: Path) -> None:
    assert "parley.toml" in reason(made(tmp_path, "[server"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nprot = 1", "port"),
        ('[server]\nport = "x"', "server.port"),
        ('[models.a]\nprovider = "nobody"', "nobody"),
        ('[providers.openai]\napi_key = "env:NOT_THERE"', "NOT_THERE"),
        ('[store]\nurl = "mysql://x"', "mysql"),
        ('[providers.x]\ndialect = "openai"\nbase_url = "ftp://x"', "providers.x.base_url"),
        ('[providers.x]\ndialect = "openai"\nbase_url = "http://x/v1"\nheaders = { "a b" = "c" }', "a b"),
        ('[providers.x]\ndialect = "openai"\nbase_url = "http://x/v1"\nheaders = { host = "c" }', "host"),
        ('[providers.x]\ndialect = "openai"\nbase_url = "http://x/v1"\napi_key = "a\\nb"', "providers.x"),
        ("[applications.a.intents.b]\ntemperature = 7", "temperature"),
    ],
)
def test_a_mistake_in_the_config_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "parley.toml"
    file.write_text(text + "\n" + NO_ENGINE)
    with pytest.raises((SettingsError, StoreError)) as told:
        read_address(load(file, {}).store.url, tmp_path)
    (sentence,) = str(told.value).splitlines()
    assert words in sentence and sentence.endswith(".")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    gateway = made(tmp_path, '[server]\nport = "x"\nprot = 1\n' + NO_ENGINE)
    gateway.launch()
    assert gateway.wait() == 1
    assert len(gateway.stderr.splitlines()) == 2


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_data_directory_that_is_a_file_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    assert "file" in reason(made(tmp_path, NO_ENGINE, "--data", place))


def test_a_read_only_file_system_is_told(tmp_path: Path) -> None:
    assert "/proc" in reason(made(tmp_path, NO_ENGINE, "--data", "/proc/parley"))


@pytest.mark.parametrize("content", [b"this is no database" * 500, b"SQLite format 3\x00" + b"\xff" * 5000])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_corrupt_database_is_told(tmp_path: Path, content: bytes, workers: str) -> None:
    gateway = made(tmp_path, NO_ENGINE, "--workers", workers)
    gateway.data.mkdir()
    (gateway.data / "parley.db").write_bytes(content)
    assert "parley.db" in reason(gateway)


def test_a_database_of_a_newer_parley_is_told(tmp_path: Path) -> None:
    with made(tmp_path) as gateway:
        pass
    database = sqlite3.connect(gateway.data / "parley.db")
    with database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    assert "newer" in reason(gateway)


def test_a_store_that_is_away_at_the_start_is_told(tmp_path: Path) -> None:
    url = '[store]\nurl = "postgresql://parley:the-password@127.0.0.1:1/parley"\n'
    said = reason(made(tmp_path, url + NO_ENGINE))
    assert "127.0.0.1" in said
    assert "the-password" not in said


def test_an_admin_key_that_is_too_short_is_told(tmp_path: Path) -> None:
    said = reason(made(tmp_path, env={"PARLEY_ADMIN_KEY": "short"}))
    assert "PARLEY_ADMIN_KEY" in said


def test_an_admin_key_is_made_once_shown_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    gateway = made(tmp_path, env={"PARLEY_ADMIN_KEY": ""})
    with gateway:
        kept = (gateway.data / "admin.key").read_text().strip()
        assert kept in gateway.stdout
        assert kept not in gateway.stderr
        assert (gateway.data / "admin.key").stat().st_mode & 0o077 == 0
    with gateway:
        assert kept not in gateway.stdout
        assert (gateway.data / "admin.key").read_text().strip() == kept


def test_a_given_admin_key_is_never_shown_or_kept(tmp_path: Path) -> None:
    with made(tmp_path) as gateway:
        assert ADMIN not in gateway.stdout
        assert not (gateway.data / "admin.key").exists()
