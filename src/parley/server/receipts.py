"""RedPill's pages: the signature over an answer, and what the machine attests of the key that signed."""

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec import Struct, json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Caller
from parley.core.errors import NotFound
from parley.core.record import Record
from parley.receipts.attestation import read_nonce, report
from parley.receipts.book import Book, check_algorithm
from parley.receipts.text import Signed
from parley.server.api.operation import Operation
from parley.server.api.reading import read_path

CALLER = "parley.caller"
ECDSA = "ecdsa"


class SignatureQuery(Struct, frozen=True, kw_only=True):
    """Which signature: `ecdsa` or `ed25519`. The service wants the model named too; here nothing depends on it."""

    signing_algo: str = ECDSA
    model: str | None = None


class ReportQuery(SignatureQuery, frozen=True, kw_only=True):
    """What the quote shall be about: 32 bytes of the asker's own, in hex, and the key that is meant."""

    nonce: str | None = None
    signing_address: str | None = None


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/signature/{id}",
        summary="Sign the bytes of an answer, by its completion id or its x-request-id",
        tag="receipts",
        query=SignatureQuery,
        answer=Signed,
        errors=(404,),
    ),
    Operation(
        method="GET",
        path="/v1/attestation/report",
        summary="Have the machine attest the signing key, where it can",
        tag="receipts",
        query=ReportQuery,
        answer=dict[str, Any],
        errors=(404, 501),
    ),
)
"""RedPill's paths, for `/openapi.json` and the reference."""


class ReceiptPages:
    """What a client asks after an answer, with the key that it asked the answer with."""

    def __init__(self, book: Book | None) -> None:
        """`book`: None where no receipts are kept."""
        self._book = book

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/v1/signature/{id:path}", self._signature),
            Route("/v1/attestation/report", self._attestation),
        ]

    async def _signature(self, request: Request) -> Response:
        signed = await self._opened().signed(
            read_path(request.path_params)["id"],
            request.query_params.get("signing_algo") or ECDSA,
            who_may(request.scope[CALLER]),
        )
        return _json(signed)

    async def _attestation(self, request: Request) -> Response:
        query = request.query_params
        algorithm = query.get("signing_algo") or ECDSA
        check_algorithm(algorithm)
        nonce = read_nonce(query.get("nonce"))
        keys = await self._opened().keys()
        address, wanted = keys.addresses[algorithm], query.get("signing_address")
        if wanted and wanted.lower() != address.lower():
            raise NotFound(f"This gateway signs as {address}, not as {wanted[:100]}.", param="signing_address")
        return _json(await asyncio.to_thread(report, address, algorithm, keys.public(algorithm), nonce))

    def _opened(self) -> Book:
        if self._book is None:
            raise NotFound("This gateway keeps no receipts: `[receipts] enabled` is false.", code="receipts_off")
        return self._book


def who_may(caller: Caller) -> Callable[[Record], bool]:
    """Receipts are for the key that asked, for its account, and for admins."""

    def may(record: Record) -> bool:
        return "admin" in caller.scopes or caller.account == record.account or caller.key_id == record.key_id

    return may


def _json(value: object) -> Response:
    return Response(json.encode(value), media_type="application/json")
