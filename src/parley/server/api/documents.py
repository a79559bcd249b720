"""`/api/documents`: what an application knows, brought as text or as a file, looked at, searched and taken away.

Documents belong to an account and an application; without `account` it is that of the key.
"""

from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, structs

from parley.context.ports import Brought, Desk, Shown, Wanted
from parley.context.query import query_of
from parley.core.documents import Part, Place
from parley.core.errors import BadRequest, NotFound
from parley.server.api.memories import own_account
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.reading import unknown
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed
from parley.server.api.uploads import Upload

PATH = "/api/documents"
ONE = f"{PATH}/{{reference}}"
TAG = "documents"
DEFAULT = "default"
FORM_FIELDS = ("file", "application", "account", "reference", "type", "description", "metadata")
FILE_FIELDS = ("file", "text", "content")

Name = Annotated[str, Meta(min_length=1, max_length=256)]
Kind = Annotated[
    str, Meta(description="`text`, `markdown`, `html`, `pdf`, `json` or `csv`; default: what it looks like.")
]


class PlaceQuery(Struct, frozen=True, kw_only=True):
    """Whose documents."""

    application: Name = DEFAULT
    account: Annotated[Name, Meta(description="Default: the key's.")] | None = None


class ListQuery(PlaceQuery, frozen=True, kw_only=True):
    """Whose documents, and which part of the list."""

    limit: Limit = 50
    after: Cursor | None = None


class OneQuery(PlaceQuery, frozen=True, kw_only=True):
    """Whose document, and how many of its passages to show."""

    passages: Annotated[int, Meta(ge=0, le=200, description="Passages to show with it.")] = 0
    first: Annotated[int, Meta(ge=0, description="The number of the first of them.")] = 0


class UploadQuery(PlaceQuery, frozen=True, kw_only=True):
    """Whose document, and what it is."""

    type: Kind | None = None
    description: Annotated[str, Meta(max_length=2000)] | None = None


class NewDocument(PlaceQuery, frozen=True, kw_only=True):
    """A document as text (`content` is another name for `text`)."""

    reference: str
    text: str | None = None
    content: str | None = None
    type: Kind | None = None
    description: Annotated[str, Meta(max_length=2000)] | None = None
    metadata: dict[str, Any] | None = None


class SearchBody(PlaceQuery, frozen=True, kw_only=True):
    """What to look for: a query, or a conversation whose last question is meant. What is left out is `[context]`'s."""

    query: Annotated[str, Meta(max_length=8000)] | None = None
    messages: list[dict[str, Any]] | None = None
    parts: Annotated[int, Meta(ge=1, le=50)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None


class Passage(Struct, frozen=True, kw_only=True):
    """One passage of a document."""

    number: int
    path: tuple[str, ...]
    text: str


class ShownDocument(Shown, frozen=True, kw_only=True):
    """A document, with the passages that were asked for."""

    passages: tuple[Passage, ...] = ()


class FoundParts(Struct, frozen=True, kw_only=True):
    """What applies to the query, best first; `trouble` says why it may be less than there is."""

    query: str
    data: list[Part]
    trouble: str | None = None


class RemovedDocument(Struct, frozen=True, kw_only=True):
    """It is gone, with this many passages."""

    deleted: bool
    chunks: int


async def list_documents(services: ApiServices, asked: Asked) -> Any:
    """Documents by reference."""
    page = await _desk(services).page(_place(asked, asked.query), asked.query.limit, asked.query.after)
    return {"data": page.data, "next": page.next}


async def read_one(services: ApiServices, asked: Asked) -> Any:
    """One document, and how far it is indexed."""
    desk, query = _desk(services), asked.query
    shown = await desk.get(_place(asked, query), asked.path["reference"])
    chunks = await desk.passages(shown.id, query.first, query.passages) if query.passages else []
    passages = tuple(Passage(number=chunk.number, path=chunk.path, text=chunk.text) for chunk in chunks)
    return ShownDocument(**structs.asdict(shown), passages=passages)


async def put_text(services: ApiServices, asked: Asked) -> Any:
    """A document as JSON, or as a file in a form that says where it belongs."""
    upload = _upload(asked)
    if upload.is_form:
        return await _desk(services).put(partial(_from_form, asked, upload))
    new: NewDocument = await upload.json(NewDocument)
    text = new.text if new.text is not None else new.content
    if text is None:
        raise BadRequest("`text` is missing.", param="text")
    brought = Brought(
        place=_place(asked, new),
        reference=new.reference,
        data=text.encode("utf-8", "surrogatepass"),
        type=new.type,
        description=new.description,
        metadata=new.metadata,
    )

    async def receive(limit: int) -> Brought:
        return brought

    return await _desk(services).put(receive)


async def put_file(services: ApiServices, asked: Asked) -> Any:
    """A document as a file: the body itself, or the file of a form."""
    upload, query = _upload(asked), asked.query

    async def receive(limit: int) -> Brought:
        return Brought(
            place=_place(asked, query),
            reference=asked.path["reference"],
            data=await upload.read(limit),
            type=query.type,
            media=upload.media,
            description=query.description,
        )

    return await _desk(services).put(partial(_from_form, asked, upload) if upload.is_form else receive)


async def _from_form(asked: Asked, upload: Upload, limit: int) -> Brought:
    fields = await upload.form(limit)
    files = [field for field in fields if field.filename is not None] or [f for f in fields if f.name in FILE_FIELDS]
    if len(files) != 1:
        raise BadRequest("Send one file in the form, in a field named `file`.", param="file")
    (file,) = files
    said = {field.name: field.data.decode("utf-8", "replace") for field in fields if field is not file}
    for name in said:
        if name not in FORM_FIELDS:
            raise BadRequest(unknown(name, FORM_FIELDS, "a field"), param=name)
    query = asked.query
    place = PlaceQuery(
        application=said.get("application") or query.application, account=said.get("account") or query.account
    )
    return Brought(
        place=_place(asked, place),
        reference=asked.path.get("reference") or said.get("reference") or file.filename or "",
        data=file.data,
        type=said.get("type") or getattr(query, "type", None),
        media=file.media,
        name=file.filename or "",
        description=said.get("description") or getattr(query, "description", None),
        metadata=_metadata(said.get("metadata")),
    )


def _metadata(text: str | None) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(text, type=dict[str, Any]) if text else None
    except msgspec.MsgspecError:
        raise BadRequest("`metadata` is a JSON object.", param="metadata") from None


async def delete(services: ApiServices, asked: Asked) -> Any:
    """Removes a document, every row of it."""
    chunks = await _desk(services).delete(_place(asked, asked.query), asked.path["reference"])
    return RemovedDocument(deleted=True, chunks=chunks)


async def search(services: ApiServices, asked: Asked) -> Any:
    """What a call with this question would be given."""
    body: SearchBody = asked.body
    query = body.query if body.query is not None else query_of(body.messages or [])
    if not query.strip():
        raise BadRequest("`query` is missing: name one, or send `messages` with a question.", param="query")
    bounds = Wanted(parts=body.parts, tokens=body.max_tokens, threshold=body.threshold)
    found = await _desk(services).find(_place(asked, body), query, bounds)
    return FoundParts(query=found.query, data=list(found.parts), trouble=found.trouble)


def _upload(asked: Asked) -> Upload:
    assert asked.upload is not None
    return asked.upload


def _desk(services: ApiServices) -> Desk:
    if services.documents is None:
        raise NotFound("There are no documents here.")
    return services.documents


def _place(asked: Asked, named: PlaceQuery) -> Place:
    return Place(own_account(asked, named.account) or asked.caller.account, named.application)


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, tag=TAG, summary=summary, deep=path == ONE, scope="inference", **more)


ENDPOINTS = (
    Endpoint(
        _operation("GET", PATH, "List an application's documents by reference", query=ListQuery, answer=Listed[Shown]),
        list_documents,
    ),
    Endpoint(
        _operation(
            "POST",
            PATH,
            "Bring a document as text, or as a file in a form; one of the same reference is replaced",
            query=PlaceQuery,
            body=NewDocument,
            upload=True,
            answer=Shown,
            errors=(409, 415),
        ),
        put_text,
    ),
    Endpoint(
        _operation(
            "PUT",
            PATH,
            "The same as POST",
            query=PlaceQuery,
            body=NewDocument,
            upload=True,
            answer=Shown,
            errors=(409, 415),
        ),
        put_text,
    ),
    Endpoint(
        _operation(
            "POST", f"{PATH}/search", "Find the passages that apply to a query", body=SearchBody, answer=FoundParts
        ),
        search,
    ),
    Endpoint(
        _operation(
            "GET", ONE, "Read a document and how far it is indexed", query=OneQuery, answer=ShownDocument, errors=(404,)
        ),
        read_one,
    ),
    Endpoint(
        _operation(
            "PUT",
            ONE,
            "Bring a document as a file: the body itself, or in a form",
            query=UploadQuery,
            upload=True,
            answer=Shown,
            errors=(409, 415),
        ),
        put_file,
    ),
    Endpoint(
        _operation(
            "DELETE", ONE, "Remove a document, every row of it", query=PlaceQuery, answer=RemovedDocument, errors=(404,)
        ),
        delete,
    ),
)
