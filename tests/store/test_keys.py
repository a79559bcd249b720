"""Keys on both databases."""

import pytest
from msgspec import structs

from parley.core.errors import BadRequest, Conflict
from parley.core.holdings import Key
from parley.store import Store

KEY = Key(
    id="key_1",
    name="laptop",
    hash="ab" * 32,
    prefix="pk_abc",
    scopes=("admin", "inference"),
    account="acme",
    created=1_700_000_000.125,
    expires_at=1_800_000_000.5,
    revoked_at=None,
)


def another(n: int) -> Key:
    return structs.replace(KEY, id=f"key_{n}", hash=f"{n:064x}", created=KEY.created + n, expires_at=None)


async def test_a_key_comes_back_as_it_was(store: Store) -> None:
    await store.keys.add(KEY)
    assert await store.keys.get("key_1") == KEY
    assert await store.keys.get_by_hash("ab" * 32) == KEY
    assert await store.keys.get("key_2") is None
    assert await store.keys.get_by_hash("cd" * 32) is None


async def test_a_key_is_added_once(store: Store) -> None:
    await store.keys.add(KEY)
    with pytest.raises(Conflict):
        await store.keys.add(KEY)
    assert await store.revisions.read() == {"keys": 1}


async def test_a_revoked_key_is_kept_but_not_active(store: Store) -> None:
    await store.keys.add(KEY)
    await store.keys.add(another(2))
    revoked = await store.keys.revoke("key_1", 1_750_000_000.0)
    assert revoked == structs.replace(KEY, revoked_at=1_750_000_000.0)
    assert await store.keys.get("key_1") == revoked
    assert await store.keys.active() == [another(2)]


async def test_revoking_twice_keeps_the_first_time_and_announces_one_change(store: Store) -> None:
    await store.keys.add(KEY)
    await store.keys.revoke("key_1", 1_750_000_000.0)
    again = await store.keys.revoke("key_1", 1_760_000_000.0)
    assert again is not None
    assert again.revoked_at == 1_750_000_000.0
    assert await store.keys.revoke("key_9", 1.0) is None
    assert await store.revisions.read() == {"keys": 2}


async def test_keys_are_listed_newest_first_page_by_page(store: Store) -> None:
    for n in range(5):
        await store.keys.add(another(n))
    seen: list[str] = []
    after: str | None = None
    while True:
        page = await store.keys.page(2, after)
        seen += [key.id for key in page.data]
        after = page.next
        if after is None:
            break
    assert seen == ["key_4", "key_3", "key_2", "key_1", "key_0"]


@pytest.mark.parametrize("after", ["", "nonsense", "WzEsMl0", "{}", "ünïcödé", "WyJhIiwiYiJd", "a" * 10_000])
async def test_a_cursor_that_nobody_gave_out_is_a_bad_request(store: Store, after: str) -> None:
    with pytest.raises(BadRequest) as told:
        await store.keys.page(2, after)
    assert told.value.param == "after"
