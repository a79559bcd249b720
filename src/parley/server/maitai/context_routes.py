"""Context and files as Maitai's client brings them: a text, a file that was sent before, a file for a message."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.context.ports import Brought, Desk
from parley.core.documents import Place
from parley.core.errors import BadRequest
from parley.server.api.uploads import Upload
from parley.server.maitai.shelf import LARGEST, Laid, Shelf
from parley.server.plain import caller_of, json, object_of, text_of


class ContextRoutes:
    """The three paths."""

    def __init__(self, documents: Desk, shelf: Shelf) -> None:
        self._documents = documents
        self._shelf = shelf

    def routes(self) -> list[Route]:
        """One route per path."""
        return [
            Route("/context/application", self._update, methods=["PUT"]),
            Route("/context/application/file", self._bring, methods=["POST"]),
            Route("/files", self._keep, methods=["POST"]),
        ]

    async def _update(self, request: Request) -> Response:
        body = await object_of(request)
        context = body.get("context")
        if not isinstance(context, dict) or not isinstance(context.get("reference"), str):
            raise BadRequest("`context.reference` is required.", param="context.reference")
        place = Place(caller_of(request).account, text_of(body, "application_ref_name") or "default")
        brought = await asyncio.to_thread(self._brought, place, context)

        async def receive(limit: int) -> Brought:
            return brought

        shown = await self._documents.put(receive)
        return json({"reference": shown.reference, "status": shown.status})

    def _brought(self, place: Place, context: dict[str, Any]) -> Brought:
        reference, description = context["reference"], text_of(context, "description", "context.") or None
        if context.get("context_type") == "FILE":
            file = self._shelf.take(text_of(context, "context_path", "context."), "context.context_path")
            return Brought(
                place=place,
                reference=reference,
                data=file.data,
                media=file.media,
                name=file.name,
                description=description,
            )
        text = context.get("context_body")
        if not isinstance(text, str) or not text.strip():
            raise BadRequest("`context.context_body` is empty.", param="context.context_body")
        return Brought(place=place, reference=reference, data=text.encode(), type="text", description=description)

    async def _bring(self, request: Request) -> Response:
        return json({"s3_path": await self._laid(request)})

    async def _keep(self, request: Request) -> Response:
        return json({"file_id": await self._laid(request)})

    async def _laid(self, request: Request) -> str:
        upload = Upload(request)
        if not upload.is_form:
            raise BadRequest("Send the file in a form, in a field named `file`.", param="file")
        files = [field for field in await upload.form(LARGEST) if field.filename is not None]
        if len(files) != 1:
            raise BadRequest("Send one file in the form, in a field named `file`.", param="file")
        file = Laid(files[0].filename or "file", files[0].media or "application/octet-stream", files[0].data)
        return await asyncio.to_thread(self._shelf.lay, file)
