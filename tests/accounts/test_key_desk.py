"""The key desk."""

import pytest

from parley.accounts.admin import admin_key, keep_admin_key
from parley.accounts.key_desk import KeyDesk
from parley.accounts.keys import Keyring
from parley.core.errors import BadRequest, Conflict, NotFound, Unauthenticated

from .in_memory import KeysInMemory


@pytest.fixture
def ring():
    return Keyring()


@pytest.fixture
def desk(ring):
    return KeyDesk(KeysInMemory(), ring, clock=lambda: 100.0)


async def test_a_new_key_opens_at_once(desk, ring):
    secret, key = await desk.create("app", scopes=("inference",), account="acme")
    assert ring.find(secret.encode()).key_id == key.id
    assert (await desk.page(10, None)).data == [key] and await desk.get(key.id) == key


async def test_a_revoked_key_opens_nothing_at_once(desk, ring):
    secret, key = await desk.create("app", scopes=("inference",), account="acme")
    assert (await desk.revoke(key.id)).revoked_at == 100.0
    with pytest.raises(Unauthenticated):
        ring.find(secret.encode())
    assert (await desk.revoke(key.id)).revoked_at == 100.0


async def test_what_makes_no_key_is_refused(desk):
    for scopes in ((), ("root",), ("inference", "root")):
        with pytest.raises(BadRequest, match="inference and admin") as refused:
            await desk.create("app", scopes=scopes, account="acme")
        assert refused.value.param == "scopes"
    with pytest.raises(BadRequest, match="past"):
        await desk.create("app", scopes=("admin",), account="acme", expires_at=99.0)


async def test_a_key_that_is_not_there_is_not_found(desk):
    for act in (desk.get, desk.revoke):
        with pytest.raises(NotFound, match="key_none"):
            await act("key_none")


async def test_only_this_gateways_own_admin_key_opens_and_no_call_revokes_it(tmp_path):
    store = KeysInMemory()
    old, new = admin_key("the-admin-key-of-last-year", tmp_path), admin_key("the-admin-key-of-this-year", tmp_path)
    for admin in (old, new):
        await keep_admin_key(store, admin)
    ring = Keyring([new.key])
    desk = KeyDesk(store, ring)
    await desk.refresh()
    assert ring.find(new.secret.encode()).scopes == {"admin", "inference"}
    with pytest.raises(Unauthenticated):
        ring.find(old.secret.encode())
    with pytest.raises(Conflict, match="PARLEY_ADMIN_KEY"):
        await desk.revoke(new.key.id)
    assert (await desk.revoke(old.key.id)).revoked_at is not None
