"""The admin key."""

import stat
import threading

import pytest

from parley.accounts.admin import AdminKeyError, admin_key, keep_admin_key
from parley.accounts.keys import hash_of

from .in_memory import KeysInMemory


def test_the_first_start_makes_a_key_that_only_the_owner_can_read(tmp_path):
    admin = admin_key(None, tmp_path / "data", now=1.0)
    file = tmp_path / "data" / "admin.key"
    assert admin.made and file.read_text().strip() == admin.secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in file.parent.iterdir()] == ["admin.key"]


def test_the_next_start_finds_the_same_key(tmp_path):
    first, second = admin_key(None, tmp_path), admin_key("  ", tmp_path)
    assert (second.made, second.secret, second.key.id) == (False, first.secret, first.key.id)


def test_the_environment_wins_and_leaves_no_file(tmp_path):
    admin = admin_key("a-secret-of-the-operator", tmp_path)
    assert not admin.made and admin.secret == "a-secret-of-the-operator"
    assert list(tmp_path.iterdir()) == [] and "a-secret" not in admin.key.prefix + repr(admin)


def test_many_workers_that_start_at_once_agree_on_one_key(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(admin_key(None, tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({admin.secret for admin in found}) == 1
    assert sum(admin.made for admin in found) == 1


def test_a_file_that_others_can_read_is_closed(tmp_path):
    file = tmp_path / "admin.key"
    file.write_text("pk_admin_0123456789abcdef\n")
    file.chmod(0o644)
    admin_key(None, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe\xfd"])
def test_a_file_without_a_usable_key_is_one_clear_sentence(tmp_path, content):
    (tmp_path / "admin.key").write_bytes(content)
    with pytest.raises(AdminKeyError, match=r"admin.key .*\.$"):
        admin_key(None, tmp_path)


def test_a_directory_that_can_not_be_made_is_one_clear_sentence(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(AdminKeyError, match="can not be read or written"):
        admin_key(None, tmp_path / "data")


async def test_the_store_gets_the_hash_and_once(tmp_path):
    store, admin = KeysInMemory(), admin_key(None, tmp_path)
    await keep_admin_key(store, admin)
    await keep_admin_key(store, admin)
    assert [key.hash for key in store.held.values()] == [hash_of(admin.secret)]
