"""What the room of receipts needs of the store."""

from collections.abc import Mapping
from typing import Protocol

from parley.core.enclosures import Receipt
from parley.core.record import Record
from parley.receipts.text import Signed


class ReceiptStore(Protocol):
    """The receipts at rest."""

    async def of(self, id: str) -> tuple[Receipt, Record] | None:
        """The receipt of a request, by its id or its completion's, and the record that it belongs to."""

    async def page(self, after: str, limit: int) -> list[tuple[Receipt, Record | None]]:
        """Receipts by the id of their request, after `after`, each with its record as it is now."""


class Signer(Protocol):
    """The keys of this gateway."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """By algorithm, who signs."""

    def sign(self, text: str, algorithm: str) -> Signed:
        """The text, signed. Takes up to 30 ms."""

    def seal(self, data: bytes) -> bytes:
        """Ed25519 over bytes of any kind."""

    def public(self, algorithm: str) -> bytes:
        """The public key."""
