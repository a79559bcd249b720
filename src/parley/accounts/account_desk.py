"""The account desk: makes, changes and forgets accounts; a change counts in this worker at once."""

import re
import time
from collections.abc import Callable

from msgspec import structs

from parley.accounts.allowing import bounds_of, check_allowance
from parley.accounts.gate import Gate
from parley.accounts.periods import period
from parley.accounts.ports import AccountStore, KeyStore, Spending
from parley.core.allowances import Account, Allowance
from parley.core.errors import BadRequest, Conflict, NotFound
from parley.core.holdings import Page

DEFAULT = "default"
ID = re.compile(r"[^\s/?#\x00-\x1f\x7f]{1,100}")


class AccountDesk:
    """What the management API may do with accounts."""

    def __init__(
        self,
        store: AccountStore,
        keys: KeyStore,
        spending: Spending,
        gate: Gate,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._keys = keys
        self._spending = spending
        self._gate = gate
        self._clock = clock

    async def page(self, limit: int, after: str | None) -> Page[Account]:
        """Accounts by id; the default account is always there."""
        if await self._store.get(DEFAULT) is None:
            await self._store.note([DEFAULT], self._clock())
        return await self._store.page(limit, after)

    async def get(self, id: str) -> Account:
        """One account. Raises NotFound."""
        found = await self._store.get(id)
        if found is None and id == DEFAULT:
            return Account(id=DEFAULT, name=DEFAULT, created=0.0)
        if found is None:
            raise NotFound(f"There is no account {id}; POST /api/accounts makes one.")
        return found

    async def create(self, id: str, name: str | None, allowance: Allowance) -> Account:
        """A new account. Raises BadRequest, and Conflict where it is there."""
        if not ID.fullmatch(id):
            raise BadRequest("`id` has 1 to 100 characters, without spaces and without / ? #.", param="id")
        held = await self._store.get(id)
        if held is not None and (held.allowance != Allowance() or id != DEFAULT):
            raise Conflict(f"The account {id} is there already; PATCH /api/accounts/{id} changes it.")
        account = Account(id=id, name=name or id, created=self._clock(), allowance=check_allowance(allowance))
        return await self._kept(account)

    async def change(self, id: str, name: str | None, allowance: Allowance) -> Account:
        """The account with another name and allowance. Raises NotFound and BadRequest."""
        account = await self.get(id)
        account = structs.replace(account, name=name or account.name, allowance=check_allowance(allowance))
        return await self._kept(account)

    async def delete(self, id: str) -> None:
        """Forgets an account; the records of its requests stay. Raises NotFound, and Conflict where it has keys."""
        await self.get(id)
        held = [key for key in await self._keys.active() if key.account == id]
        if id == DEFAULT or held:
            why = "it is the operator's own" if id == DEFAULT else f"it has {len(held)} keys: revoke them first"
            raise Conflict(f"The account {id} can not be deleted: {why}.")
        await self._store.delete(id)
        await self._gate.refresh()

    async def allow_key(self, id: str, allowance: Allowance) -> None:
        """Changes what a key may use. Raises BadRequest, and NotFound where there is no such key."""
        check_allowance(allowance)
        if await self._keys.allow(id, None if allowance == Allowance() else allowance) is None:
            raise NotFound(f"There is no key with the id {id}.")
        self._gate.hold_keys(await self._keys.active())

    def meet(self, id: str) -> None:
        """Takes note of an account that a key was made for."""
        self._gate.meet(id)

    async def spent(self, holder: str, allowance: Allowance) -> list[tuple[str, str, float, float]]:
        """What counts now: measure, period, spent and the most, of each budget of a holder (`account ID`, `key ID`)."""
        bounds = [bound for bound in bounds_of(holder, allowance) if bound.durable]
        now = self._clock()
        spent = await self._spending.spent([(bound.budget, period(bound.per, now)[0]) for bound in bounds])
        return [(b.measure, b.per, amount, b.most) for b, amount in zip(bounds, spent, strict=True)]

    async def _kept(self, account: Account) -> Account:
        await self._store.put(account)
        await self._gate.refresh()
        return account
