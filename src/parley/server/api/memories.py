"""`/api/memories`: what is known of a user, told by hand, taken away, and forgotten with all that they said."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, structs

from parley.core.enclosures import MemoryRow
from parley.core.errors import Forbidden, NotFound
from parley.memory.desk import MemoryDesk, Told
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed

Name = Annotated[str, Meta(min_length=1, max_length=512)]
Kind = Literal["identity", "contact", "work", "relationship", "preference", "health", "possession", "plan", "other"]


class UserQuery(Struct, frozen=True, kw_only=True):
    """Whose memories."""

    application: Annotated[Name, Meta(description="The application that knows the user.")]
    user_id: Annotated[Name, Meta(description="The `user_id` of the user's requests.")]
    account: Annotated[Name | None, Meta(description="The account; a key for inference sees its own alone.")] = None


class MemoriesQuery(UserQuery, frozen=True, kw_only=True):
    """Whose memories, and which part of them."""

    limit: Limit = 50
    after: Cursor | None = None
    history: Annotated[bool, Meta(description="Also what was restated, replaced or ended since.")] = False


class NewMemory(Struct, frozen=True, kw_only=True):
    """A fact to know of a user. With an `attribute` and a `value` it replaces what contradicts it."""

    application: Name
    user_id: Name
    text: Annotated[str, Meta(min_length=1, max_length=400, description="The fact as a sentence.")]
    account: Name | None = None
    attribute: Annotated[str, Meta(max_length=100, description="What it is about, as `home city`.")] = ""
    value: Annotated[str, Meta(max_length=300, description="What holds, as `Berlin`.")] = ""
    kind: Kind = "other"
    confidence: Annotated[float, Meta(ge=0, le=1)] = 1.0
    exclusive: Annotated[bool | None, Meta(description="Whether it has one value at a time.")] = None


class ShownMemory(Struct, frozen=True, kw_only=True):
    """A fact; `source` is the request in which it was said, `relation` what it is to the one that it supersedes."""

    id: str
    account: str
    application: str
    user_id: str
    created: float
    kind: str
    attribute: str
    value: str
    text: str
    confidence: float
    source: str | None
    relation: str
    supersedes: str | None
    current: bool


class Forgotten(Struct, frozen=True, kw_only=True):
    """How much was removed; of `requests` the content and the name, as the accounts need the rest."""

    removed: int
    memories: int = 0
    requests: int = 0
    turns: int = 0
    summaries: int = 0
    evaluations: int = 0
    feedback: int = 0
    cached_answers: int = 0
    documents: int = 0
    jobs: int = 0


class Removed(Struct, frozen=True, kw_only=True):
    """How many rows are gone: the fact and its history."""

    removed: int


async def list_memories(services: ApiServices, asked: Asked) -> Any:
    """Facts, newest first."""
    query: MemoriesQuery = asked.query
    account = own_account(asked, query.account)
    filters = {"application": query.application, "user_id": query.user_id}
    if account is not None:
        filters["account"] = account
    page = await _desk(services).page(filters, query.limit, query.after, history=query.history)
    return {"data": [_shown(row, current=current) for row, current in page.data], "next": page.next}


async def add_memory(services: ApiServices, asked: Asked) -> Any:
    """A fact that somebody tells; it is taken in as if the user had stated it."""
    body: NewMemory = asked.body
    account = own_account(asked, body.account) or asked.caller.account
    rows = await _desk(services).add(Told(**{**structs.asdict(body), "account": account}))
    return _shown(rows[0], current=True)


async def remove_memory(services: ApiServices, asked: Asked) -> Any:
    """Takes one fact away with its history."""
    return Removed(removed=await _desk(services).remove(asked.path["id"], asked.only))


async def forget(services: ApiServices, asked: Asked) -> Any:
    """Forgets a user."""
    query: UserQuery = asked.query
    counts = await _desk(services).forget(own_account(asked, query.account), query.application, query.user_id)
    return Forgotten(removed=sum(counts.values()), **counts)


def own_account(asked: Asked, named: str | None) -> str | None:
    """The account that is meant; None: any. Raises Forbidden where a key asks for another account than its own."""
    if asked.only is not None and named not in (None, asked.only):
        raise Forbidden(
            "This key sees what is its own account's alone; other accounts need a key with the scope admin."
        )
    return asked.only or named


def _desk(services: ApiServices) -> MemoryDesk:
    if services.memories is None:
        raise NotFound("Nothing is remembered here.")
    return services.memories


def _shown(row: MemoryRow, *, current: bool) -> ShownMemory:
    shown = {name: getattr(row, name) for name in ShownMemory.__struct_fields__ if name != "current"}
    return ShownMemory(**shown, current=current)


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/memories",
            tag="memories",
            summary="List what is known of a user, newest first",
            query=MemoriesQuery,
            answer=Listed[ShownMemory],
            scope="inference",
        ),
        list_memories,
    ),
    Endpoint(
        Operation(
            method="POST",
            path="/api/memories",
            tag="memories",
            summary="Tell a fact of a user",
            body=NewMemory,
            answer=ShownMemory,
            status=201,
            scope="inference",
        ),
        add_memory,
    ),
    Endpoint(
        Operation(
            method="DELETE",
            path="/api/memories",
            tag="memories",
            summary="Forget a user: what is known of them, what they said and what it was answered",
            query=UserQuery,
            answer=Forgotten,
            scope="inference",
        ),
        forget,
    ),
    Endpoint(
        Operation(
            method="DELETE",
            path="/api/memories/{id}",
            tag="memories",
            summary="Take a fact away with its history",
            answer=Removed,
            errors=(404,),
            scope="inference",
        ),
        remove_memory,
    ),
)
