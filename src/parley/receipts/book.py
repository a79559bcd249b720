"""The book of receipts: a row goes along with the record of each answered call; signatures are made when asked for."""

import asyncio
from collections.abc import Callable, Iterable

from msgspec import structs

from parley.core.call import Call
from parley.core.enclosures import Receipt
from parley.core.errors import BadRequest, CallerError
from parley.core.record import ANSWERED, Record
from parley.core.reply import Reply
from parley.receipts.chain import Audit, content_hash, linked, origin, sealed
from parley.receipts.ports import ReceiptStore, Signer
from parley.receipts.text import ALGORITHMS, Signed, receipt_text
from parley.wire.ids import new_id

OURS = "chatcmpl-"
"""Stands before a request's id where the upstream gave its answer none."""
PAGE = 500
"""Receipts, with the content of their records, in memory at once."""


May = Callable[[Record], bool]
"""Whether somebody may see the receipt of a record."""


def everyone(record: Record) -> bool:
    """Everybody may."""
    return True


class NoReceipt(CallerError):
    """There is none, or it is somebody else's; in the words of RedPill's service, which has no code for it."""

    status = 404
    type = "not_found"


class Book:
    """Notes receipts in this worker's chain, and signs what the store holds."""

    def __init__(self, store: ReceiptStore, keys: Callable[[], Signer]) -> None:
        """`keys` gives the keys; it is called in a thread, and only when somebody wants a signature."""
        self._keys = keys
        self._store = store
        self._chain = new_id("chn")
        self._place = 0
        self._link = origin(self._chain)

    def note(self, line: Record, call: Call, answer: object, reply: Reply | None) -> Iterable[Receipt]:
        """The receipt of an answered call, for the ledger to commit together with its record."""
        if line.outcome != ANSWERED or call.passage is None or reply is None:
            return ()
        asked, answered = call.passage.digests(reply)
        self._place += 1
        receipt = Receipt(
            request_id=line.id,
            chain=self._chain,
            place=self._place,
            request_hash=asked,
            response_hash=answered,
            content_hash=content_hash(line),
            link=b"",
        )
        self._link = linked(self._link, sealed(receipt, line))
        return (structs.replace(receipt, link=self._link),)

    async def signed(self, id: str, algorithm: str, may: May = everyone) -> Signed:
        """The signature over an answer, by its completion id or its request's, for who `may` see it.

        Raises NoReceipt, and BadRequest for an algorithm that there is not.
        """
        check_algorithm(algorithm)
        receipt, _ = await self.receipt(id, may)
        text = receipt_text(receipt.request_hash, receipt.response_hash)
        keys = await self.keys()
        return await asyncio.to_thread(keys.sign, text, algorithm)

    async def keys(self) -> Signer:
        """The keys of this gateway."""
        return await asyncio.to_thread(self._keys)

    async def receipt(self, id: str, may: May = everyone) -> tuple[Receipt, Record]:
        """The receipt itself, and its record without content. Raises NoReceipt."""
        found = await self._store.of(id.removeprefix(OURS) if id.startswith(f"{OURS}req_") else id)
        if found is None or not may(found[1]):
            raise NoReceipt("Chat id not found or expired")
        return found

    async def audit(self) -> Audit:
        """Looks at every receipt that the store holds."""
        audit, after = Audit(), ""
        while rows := await self._store.page(after, PAGE):
            await asyncio.to_thread(_take, audit, rows)
            after = rows[-1][0].request_id
        audit.end()
        return audit


def check_algorithm(algorithm: str) -> None:
    """Raises BadRequest for an algorithm that there is not, in the words of RedPill's service."""
    if algorithm not in ALGORITHMS:
        raise BadRequest(
            "Invalid signing algorithm. Must be 'ed25519' or 'ecdsa'",
            param="signing_algo",
            type="invalid_signing_algo",
        )


def _take(audit: Audit, rows: list[tuple[Receipt, Record | None]]) -> None:
    for receipt, line in rows:
        audit.take(receipt, line)
