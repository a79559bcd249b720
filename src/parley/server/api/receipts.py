"""`/api/receipts`: the receipt of one request, and a look through all of them for what is gone or changed."""

from typing import Any

from msgspec import Struct, structs

from parley.core.errors import NotFound
from parley.receipts.book import Book
from parley.receipts.chain import Break
from parley.receipts.text import ALGORITHMS, Signed
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices


class ShownReceipt(Struct, frozen=True, kw_only=True):
    """A receipt; hashes in hex, `signatures` one for each algorithm, over the same text."""

    request_id: str
    chain: str
    place: int
    request_hash: str
    response_hash: str
    content_hash: str | None
    link: str
    signatures: list[Signed]


class ShownAudit(Struct, frozen=True, kw_only=True):
    """What a look through all chains found; no `breaks`: nothing is gone or changed."""

    receipts: int
    chains: int
    breaks: list[Break]


async def get_receipt(services: ApiServices, asked: Asked) -> Any:
    """The receipt of a request, by its id or its completion's."""
    book = _opened(services)
    id = asked.path["id"]
    receipt, _ = await book.receipt(id)
    shown = {name: _hex(value) for name, value in structs.asdict(receipt).items()}
    return {**shown, "signatures": [await book.signed(receipt.request_id, one) for one in ALGORITHMS]}


async def audit_receipts(services: ApiServices, asked: Asked) -> Any:
    """Every receipt, held against its record and the one before it."""
    audit = await _opened(services).audit()
    return ShownAudit(receipts=audit.receipts, chains=audit.chains, breaks=audit.breaks)


def _opened(services: ApiServices) -> Book:
    if services.receipts is None:
        raise NotFound("This gateway keeps no receipts: `[receipts] enabled` is false.", code="receipts_off")
    return services.receipts


def _hex(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/receipts/audit",
            tag="receipts",
            summary="Look through all receipts for what is gone or changed",
            answer=ShownAudit,
            errors=(404,),
        ),
        audit_receipts,
    ),
    Endpoint(
        Operation(
            method="GET",
            path="/api/receipts/{id}",
            tag="receipts",
            summary="Read the receipt of a request by its x-request-id or its completion id",
            answer=ShownReceipt,
            errors=(404,),
        ),
        get_receipt,
    ),
)
