"""The chain of receipts: each holds a link over all that came before it, so that one that is gone or changed shows.

    link       SHA-256 of the link before (a chain's first: SHA-256 of its name) and of the seal
    seal       SHA-256 of the three hashes (bytes that came, bytes that went, content kept) and the facts
    facts      the name of the chain, the place in it, and the columns of the record that say who asked whom, what it
               cost and how it ended

Each worker has a chain of its own for as long as it runs, so that no request waits for another process.
"""

from hashlib import sha256
from operator import attrgetter

import msgspec
from msgspec import Struct

from parley.core.enclosures import Receipt
from parley.core.record import Record

FACTS = (
    "id", "created", "account", "application", "intent", "session_id", "user_id", "key_id", "trace_id", "operation",
    "outcome", "status", "model", "provider", "upstream_model", "completion_id", "cost_usd",
)  # fmt: skip
LONGEST = 100
"""Characters of a text in the facts: the store cuts names there."""
MOST_WAITING = 10_000
"""Receipts of one chain that may wait for an earlier one; more never run at once."""

_facts = attrgetter(*FACTS)
_encode = msgspec.json.Encoder().encode


def origin(chain: str) -> bytes:
    """What stands before the first link of a chain."""
    return sha256(chain.encode()).digest()


def sealed(receipt: Receipt, line: Record) -> bytes:
    """The seal of a receipt and the record that it belongs to."""
    usage = line.usage
    tokens = (usage.prompt_tokens, usage.completion_tokens) if usage is not None else None
    texts = [value[:LONGEST] if type(value) is str else value for value in _facts(line)]
    facts = _encode((receipt.chain, receipt.place, tokens, texts))
    if b"\\u0000" in facts:  # which the store replaces, as PostgreSQL can not hold it
        facts = facts.replace(b"\\u0000", "\ufffd".encode())
    return sha256(receipt.request_hash + receipt.response_hash + (receipt.content_hash or b"") + facts).digest()


def linked(before: bytes, seal: bytes) -> bytes:
    """The link that follows the link `before`."""
    return sha256(before + seal).digest()


def content_hash(line: Record) -> bytes | None:
    """SHA-256 of what a record keeps of question and answer; None where it keeps nothing."""
    if line.messages is None and line.answer is None:
        return None
    messages, answer = line.messages or b"", line.answer or b""
    return sha256(b"%d:%b%b" % (len(messages), messages, answer)).digest()


class Break(Struct, frozen=True, kw_only=True):
    """A place where a chain does not hold; `request_id` is that of the first receipt behind it."""

    chain: str
    place: int
    request_id: str
    what: str


class Audit:
    """Looks at receipts in about the order of their making, and notes where their chains do not hold.

    Receipts missing at the begin of a chain are old ones that were let go, those missing at its end do not show.
    Content that was erased is no break, content that was changed is one.
    """

    def __init__(self) -> None:
        self.receipts = 0
        self.breaks: list[Break] = []
        self._chains: dict[str, _Chain] = {}

    @property
    def chains(self) -> int:
        """How many chains there are."""
        return len(self._chains)

    def take(self, receipt: Receipt, line: Record | None) -> None:
        """Looks at one receipt, and the record that it belongs to as it is now; None: it is gone."""
        self.receipts += 1
        chain = self._chains.get(receipt.chain)
        if chain is None:
            chain = self._chains[receipt.chain] = _Chain(receipt.chain, self.breaks)
        seen = _Seen(
            receipt.request_id, receipt.link, _wrong(receipt, line), None if line is None else sealed(receipt, line)
        )
        chain.waiting[receipt.place] = seen
        chain.settle(over=len(chain.waiting) > MOST_WAITING)

    def end(self) -> None:
        """There are no more receipts."""
        for chain in self._chains.values():
            chain.settle(over=True)


class _Seen(Struct, frozen=True):
    request_id: str
    link: bytes
    wrong: str | None
    seal: bytes | None


class _Chain:
    """One chain as far as it was looked at."""

    def __init__(self, name: str, breaks: list[Break]) -> None:
        self.waiting: dict[int, _Seen] = {}
        self._name = name
        self._breaks = breaks
        self._place = 0
        self._link: bytes | None = origin(name)

    def settle(self, *, over: bool) -> None:
        """Checks what is next in line; `over`: who is not there by now will not come."""
        while self.waiting:
            place = self._place + 1
            if place not in self.waiting:
                if not over:
                    return
                place = min(self.waiting)
                if self._place:
                    self._note(place, self.waiting[place], f"{place - self._place - 1} receipts before it are gone")
                self._link = None
            self._check(place, self.waiting.pop(place))

    def _check(self, place: int, seen: _Seen) -> None:
        if seen.wrong is not None:
            self._note(place, seen, seen.wrong)
        elif self._link is not None and seen.seal is not None and linked(self._link, seen.seal) != seen.link:
            self._note(place, seen, "it or its record was changed")
        self._place, self._link = place, seen.link

    def _note(self, place: int, seen: _Seen, what: str) -> None:
        self._breaks.append(Break(chain=self._name, place=place, request_id=seen.request_id, what=what))


def _wrong(receipt: Receipt, line: Record | None) -> str | None:
    if line is None:
        return "its record is gone"
    kept = content_hash(line)
    if kept is not None and kept != receipt.content_hash:
        return "the content of its record was changed"
    return None
