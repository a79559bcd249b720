"""`/api/accounts`: whose keys and data there are, and what each may use."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from parley.core.allowances import Account, Allowance, Budget, Pattern, PerMinute
from parley.server.api.configs import Deleted
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging

Text = Annotated[str, Meta(min_length=1, max_length=200)]
PATH = "/api/accounts"
ONE = f"{PATH}/{{id}}"


class AccountChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be said of an account from now on; `[]` or `{}` takes a bound away, what is not given stays."""

    name: Text | None = None
    budgets: Annotated[list[Budget], Meta(max_length=16)] | None = None
    limits: PerMinute | None = None
    models: Annotated[list[Pattern], Meta(max_length=1000)] | None = None


class NewAccount(AccountChanges, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to make. Without `models` it may ask all of them."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]


class Spent(Struct, frozen=True, kw_only=True):
    """What was taken from one budget in the period that runs now."""

    measure: str
    per: str
    spent: float
    most: float


class ShownAccount(Struct, frozen=True, kw_only=True):
    """An account; `created` in epoch seconds, `models` null where it may ask all."""

    id: str
    name: str
    created: float
    budgets: list[Budget]
    limits: PerMinute
    models: list[str] | None


class OneAccount(ShownAccount, frozen=True, kw_only=True):
    """An account with what it has spent."""

    spent: list[Spent]


async def list_accounts(services: ApiServices, asked: Asked) -> Any:
    """Accounts by id."""
    page = await services.accounts.page(asked.query.limit, asked.query.after)
    return {"data": [shown_account(account) for account in page.data], "next": page.next}


async def create_account(services: ApiServices, asked: Asked) -> Any:
    """A new account."""
    body: NewAccount = asked.body
    account = await services.accounts.create(body.id, body.name, changed(Allowance(), body))
    return Answer(body=shown_account(account), status=201)


async def get_account(services: ApiServices, asked: Asked) -> Any:
    """One account, and what it has spent."""
    account = await services.accounts.get(asked.path["id"])
    return {**shown_account(account), "spent": await spent_of(services, f"account {account.id}", account.allowance)}


async def change_account(services: ApiServices, asked: Asked) -> Any:
    """Changes parts of an account."""
    account = await services.accounts.get(asked.path["id"])
    allowance = changed(account.allowance, asked.body)
    return shown_account(await services.accounts.change(account.id, asked.body.name, allowance))


async def delete_account(services: ApiServices, asked: Asked) -> Any:
    """Forgets an account."""
    await services.accounts.delete(asked.path["id"])
    return {"deleted": True}


def changed(allowance: Allowance, body: Any) -> Allowance:
    """The allowance with what a body says: what it leaves out stays, empty values take a bound away."""
    budgets = allowance.budgets if body.budgets is None else body.budgets or None
    limits = allowance.limits if body.limits is None else body.limits
    models = allowance.models if body.models is None else body.models or None
    return Allowance(budgets=budgets, limits=None if limits == PerMinute() else limits, models=models)


def shown_allowance(allowance: Allowance | None) -> dict[str, Any]:
    """An allowance as JSON shows it."""
    allowance = allowance or Allowance()
    return {
        "budgets": allowance.budgets or [],
        "limits": allowance.limits or PerMinute(),
        "models": allowance.models,
    }


def shown_account(account: Account) -> dict[str, Any]:
    """An account as JSON shows it."""
    return {
        "id": account.id,
        "name": account.name,
        "created": account.created,
        **shown_allowance(account.allowance),
    }


async def spent_of(services: ApiServices, holder: str, allowance: Allowance | None) -> list[dict[str, Any]]:
    """What a holder has taken from its budgets."""
    found = await services.accounts.spent(holder, allowance or Allowance())
    return [{"measure": m, "per": per, "spent": spent, "most": most} for m, per, spent, most in found]


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, tag="accounts", summary=summary, **more)


ENDPOINTS = (
    Endpoint(_operation("GET", PATH, "List accounts", query=Paging, answer=Listed[ShownAccount]), list_accounts),
    Endpoint(
        _operation("POST", PATH, "Make an account", body=NewAccount, answer=ShownAccount, status=201, errors=(409,)),
        create_account,
    ),
    Endpoint(
        _operation("GET", ONE, "Read an account and what it has spent", answer=OneAccount, errors=(404,)), get_account
    ),
    Endpoint(
        _operation("PATCH", ONE, "Change an account", body=AccountChanges, answer=ShownAccount, errors=(404,)),
        change_account,
    ),
    Endpoint(
        _operation("DELETE", ONE, "Forget an account; its records stay", answer=Deleted, errors=(404, 409)),
        delete_account,
    ),
)
