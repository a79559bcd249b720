"""What `store.url` means, and that its password is shown nowhere."""

from pathlib import Path

import pytest

from parley.store.address import PostgresAddress, SqliteAddress, masked, read_address
from parley.store.errors import StoreError


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "data/parley.db"),
        ("sqlite:///parley-data/parley.db", "parley-data/parley.db"),
        ("sqlite:////var/lib/parley.db", "/var/lib/parley.db"),
        ("sqlite:////with%20space/p.db", "/with space/p.db"),
    ],
)
def test_a_file_is_named_relative_or_absolute(url: str | None, path: str) -> None:
    assert read_address(url, Path("data")) == SqliteAddress(Path(path))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://x/y", "parley.db", ""])
def test_anything_else_is_an_error_that_shows_the_forms(url: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///relative/file\.db"):
        read_address(url, Path("data"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@host:5432/db",
        "postgres://user:hunter2@host/db?sslmode=require",
        "postgresql://user:hun@ter2:hunter2@host/db",
        "postgresql://host/db?user=x&password=hunter2",
        "postgresql:///db?host=/tmp/socket&password=hunter2&x=1",
    ],
)
def test_a_password_is_never_shown(url: str) -> None:
    address = read_address(url, Path("data"))
    assert isinstance(address, PostgresAddress)
    assert address.dsn == url
    for shown in (str(address), repr(address), masked(url)):
        assert "hunter2" not in shown
        assert "***" in shown


def test_a_wrong_address_does_not_show_its_password_either() -> None:
    for url in ("mysql://user:hunter2@host/db", "postgresql://user:hunter2@host:port/db"):
        with pytest.raises(StoreError) as told:
            read_address(url, Path("data"))
        assert "hunter2" not in str(told.value)
