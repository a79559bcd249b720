"""`/api/webhooks`: who is told of evaluations and feedback, by a signed POST that is repeated until it is taken.

The secret is answered when a webhook is made, and never again.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from parley.core.errors import BadRequest
from parley.core.holdings import Webhook
from parley.evaluation.webhooks import Event
from parley.server.api.configs import Deleted
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging

PATH = "/api/webhooks"
ONE = f"{PATH}/{{id}}"
TAG = "webhooks"
SHOWN = 4
"""Characters of a secret that are shown."""

Url = Annotated[str, Meta(min_length=8, max_length=2000, description="Where to send; a public host, or one allowed.")]
Events = Annotated[list[Event], Meta(min_length=1, max_length=5, description="What to tell of.")]
Name = Annotated[str, Meta(min_length=1, max_length=256)]


class NewWebhook(Struct, frozen=True, kw_only=True):
    """Who wants to hear of what; without application and account of all of them."""

    url: Url
    events: Events
    secret: Annotated[str, Meta(min_length=16, max_length=256, description="Default: one is made.")] | None = None
    application: Name | None = None
    account: Name | None = None
    enabled: bool = True


class WebhookChanges(Struct, frozen=True, kw_only=True):
    """What to change."""

    url: Url | None = None
    events: Events | None = None
    secret: Annotated[str, Meta(min_length=16, max_length=256)] | None = None
    application: Name | None = None
    account: Name | None = None
    enabled: bool | None = None


async def list_hooks(services: ApiServices, asked: Asked) -> Any:
    """Every webhook, oldest first."""
    after = asked.query.after
    hooks = [hook for hook in services.webhooks.all() if after is None or hook.id > after]
    page = hooks[: asked.query.limit]
    return {"data": [shown(hook) for hook in page], "next": page[-1].id if len(hooks) > len(page) else None}


async def read(services: ApiServices, asked: Asked) -> Any:
    """One webhook."""
    return shown(services.webhooks.get(asked.path["id"]))


async def add(services: ApiServices, asked: Asked) -> Any:
    """A new webhook, with its secret."""
    body: NewWebhook = asked.body
    given = {**structs.asdict(body), "events": tuple(dict.fromkeys(body.events))}
    return Answer(body=structs.asdict(await services.webhooks.add(**given)), status=201)


async def change(services: ApiServices, asked: Asked) -> Any:
    """Changes a webhook."""
    changes = {name: value for name, value in structs.asdict(asked.body).items() if value is not None}
    if not changes:
        raise BadRequest(f"There is nothing to change: give {', '.join(WebhookChanges.__struct_fields__)}.")
    if "events" in changes:
        changes["events"] = tuple(dict.fromkeys(changes["events"]))
    return shown(await services.webhooks.change(asked.path["id"], **changes))


async def delete(services: ApiServices, asked: Asked) -> Any:
    """Forgets a webhook."""
    await services.webhooks.delete(asked.path["id"])
    return {"deleted": True}


def shown(hook: Webhook) -> dict[str, Any]:
    """The webhook without its secret."""
    return {**structs.asdict(hook), "secret": f"...{hook.secret[-SHOWN:]}"}


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, tag=TAG, summary=summary, **{"answer": Webhook, **more})


ENDPOINTS = (
    Endpoint(_operation("GET", PATH, "List the webhooks", query=Paging, answer=Listed[Webhook]), list_hooks),
    Endpoint(
        _operation("POST", PATH, "Make a webhook; its secret is shown this once", body=NewWebhook, status=201), add
    ),
    Endpoint(_operation("GET", ONE, "Read a webhook", errors=(404,)), read),
    Endpoint(_operation("PATCH", ONE, "Change a webhook", body=WebhookChanges, errors=(404,)), change),
    Endpoint(_operation("DELETE", ONE, "Forget a webhook", answer=Deleted, errors=(404,)), delete),
)
