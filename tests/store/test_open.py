"""A store that can not be opened says why in one sentence."""

import os
import socket
from pathlib import Path

import pytest

from parley.store import StoreError, open_store
from tests.store.test_migrate import set_version


async def told(url: str, data: Path) -> str:
    with pytest.raises(StoreError) as error:
        await open_store(url, data)
    message = str(error.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


async def test_without_an_address_the_file_is_in_the_data_directory(tmp_path: Path) -> None:
    store = await open_store(None, tmp_path / "new" / "data")
    await store.close()
    assert (tmp_path / "new" / "data" / "parley.db").exists()


async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    store = await open_store(None, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.stat().st_mode & 0o077] == []
    await store.close()


async def test_a_schema_of_a_newer_parley_is_left_alone(url: str, tmp_path: Path) -> None:
    await (await open_store(url, tmp_path)).close()
    await set_version(url, "0999")
    assert "newer Parley (its schema is 0999" in await told(url, tmp_path)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "parley.db"
    path.write_bytes(b"this is a text and no database " * 200)
    message = await told(f"sqlite:///{path}", tmp_path)
    assert str(path) in message
    assert "not a database" in message


async def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/parley.db"
    await (await open_store(url, tmp_path)).close()
    path = tmp_path / "parley.db"
    data = bytearray(path.read_bytes())
    data[100:] = os.urandom(len(data) - 100)
    path.write_bytes(data)
    message = await told(url, tmp_path)
    assert str(path) in message
    assert "malformed" in message


async def test_a_directory_is_no_database(tmp_path: Path) -> None:
    assert "is a directory" in await told(f"sqlite:///{tmp_path}", tmp_path)


async def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "can not be made" in await told(f"sqlite:///{tmp_path}/file/parley.db", tmp_path)


async def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    folder = Path("/proc/self") if os.geteuid() == 0 else tmp_path  # root may write everywhere but there
    if folder == tmp_path:
        tmp_path.chmod(0o500)
    assert str(folder) in await told(f"sqlite:///{folder}/parley.db", tmp_path)


async def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = await told(f"postgresql://parley:hunter2@127.0.0.1:{port}/parley", tmp_path)
    assert f"127.0.0.1:{port}" in message
    assert "hunter2" not in message


async def test_a_database_that_is_not_there_is_named(postgres: str, tmp_path: Path) -> None:
    message = await told(postgres.replace("/postgres?", "/nowhere?"), tmp_path)
    assert '"nowhere" does not exist' in message
