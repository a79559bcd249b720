"""Keys and the keyring."""

import pytest

from parley.accounts.keys import Keyring, hash_of, make_key
from parley.core.errors import Unauthenticated


def test_a_secret_has_256_bits_and_only_its_hash_is_kept():
    secret, key = make_key("app", scopes=["inference"], account="acme", now=1.0)
    assert secret.startswith("pk_") and len(secret) >= 3 + 43
    assert key.hash == hash_of(secret) and secret not in repr(key)
    assert len(key.prefix) < 12 and secret.startswith(key.prefix)


def test_two_keys_are_never_the_same():
    made = [make_key("app", scopes=["inference"], account="acme", now=1.0) for _ in range(100)]
    assert len({secret for secret, _ in made}) == len({key.id for _, key in made}) == 100


def test_the_keyring_knows_whose_a_secret_is():
    secret, key = make_key("app", scopes=["inference", "admin"], account="acme", now=1.0)
    ring = Keyring()
    ring.replace([key])
    caller = ring.find(secret.encode())
    assert (caller.key_id, caller.account, caller.name) == (key.id, "acme", "app")
    assert caller.scopes == {"inference", "admin"}


@pytest.mark.parametrize("given", [b"", b"pk_wrong", b"\xff\xfe", b"x" * 100_000])
def test_an_unknown_secret_is_refused_without_being_repeated(given):
    with pytest.raises(Unauthenticated) as refused:
        Keyring().find(given)
    assert refused.value.code == "invalid_api_key"
    assert given.decode("latin-1") not in refused.value.message or not given


def test_a_secret_with_the_start_of_another_is_refused():
    secret, key = make_key("app", scopes=["inference"], account="acme", now=1.0)
    ring = Keyring()
    ring.replace([key])
    for near in (secret[:-1], secret + "x", secret.upper(), key.prefix, key.hash):
        with pytest.raises(Unauthenticated):
            ring.find(near.encode())


def test_a_key_opens_until_the_second_it_expires():
    clock = [10.0]
    secret, key = make_key("app", scopes=["inference"], account="acme", now=1.0, expires_at=20.0)
    ring = Keyring(clock=lambda: clock[0])
    ring.replace([key])
    assert ring.find(secret.encode()).key_id == key.id
    clock[0] = 20.0
    with pytest.raises(Unauthenticated, match="expired at 1970-01-01") as refused:
        ring.find(secret.encode())
    assert refused.value.code == "expired_api_key"


def test_what_is_not_in_the_new_set_opens_nothing_any_more():
    secret, key = make_key("app", scopes=["inference"], account="acme", now=1.0)
    ring = Keyring()
    ring.replace([key])
    ring.replace([])
    with pytest.raises(Unauthenticated, match="revoked"):
        ring.find(secret.encode())


def test_a_standing_key_stays_whatever_the_store_says():
    secret, key = make_key("admin", scopes=["admin"], account="default", now=1.0)
    ring = Keyring([key])
    ring.replace([])
    assert ring.find(secret.encode()).key_id == key.id
    assert ring.standing == {key.id}
