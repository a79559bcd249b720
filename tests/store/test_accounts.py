"""Accounts at rest, on both databases."""

from parley.core.allowances import Account, Allowance, Budget, PerMinute
from parley.store import Store

ALLOWANCE = Allowance(
    budgets=[Budget(per="day", usd=2.5)], limits=PerMinute(tokens_per_minute=9), models=["m", "openai/*"]
)


async def test_an_account_is_kept_changed_and_forgotten(store: Store) -> None:
    account = Account(id="acme", name="Acme", created=1.0, allowance=ALLOWANCE)
    await store.accounts.put(account)
    assert await store.accounts.get("acme") == account
    await store.accounts.put(Account(id="acme", name="Acme 2", created=1.0))
    assert (await store.accounts.all())[0].allowance == Allowance()
    assert await store.accounts.delete("acme") and not await store.accounts.delete("acme")
    assert await store.accounts.get("acme") is None


async def test_noting_an_account_changes_none_that_is_there(store: Store) -> None:
    await store.accounts.put(Account(id="b", name="B", created=1.0, allowance=ALLOWANCE))
    await store.accounts.note(["b", "a", "c", "a"], 7.0)
    first = await store.accounts.page(2)
    rest = await store.accounts.page(2, first.next)
    assert [one.id for one in [*first.data, *rest.data]] == ["a", "b", "c"] and rest.next is None
    assert (await store.accounts.all())[1].allowance == ALLOWANCE


async def test_a_change_moves_the_counter_that_workers_watch(store: Store) -> None:
    before = (await store.revisions.read()).get("accounts", 0)
    await store.accounts.put(Account(id="b", name="B", created=1.0))
    assert (await store.revisions.read())["accounts"] == before + 1
