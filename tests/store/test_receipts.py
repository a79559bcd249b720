"""Receipts at rest, on both databases: they come with their records, and their chain holds when it is read back."""

from msgspec import structs

from parley.core.enclosures import Receipt
from parley.core.record import Record, Sealed
from parley.receipts.chain import Audit, content_hash, linked, origin, sealed
from parley.store import Ledger, Store
from tests.store.sample import a_full_record, a_record


async def chained(ledger: Ledger, *records: Record) -> list[Receipt]:
    """Receipts of these records, committed with them."""
    kept: list[Receipt] = []
    link = origin("chn")
    for place, line in enumerate(records, 1):
        hashes = {"request_hash": b"q" * 32, "response_hash": b"a" * 32, "content_hash": content_hash(line)}
        receipt = Receipt(request_id=line.id, chain="chn", place=place, link=b"", **hashes)
        link = linked(link, sealed(receipt, line))
        kept.append(structs.replace(receipt, link=link))
        await ledger.put(Sealed(**structs.asdict(line), enclosures=(kept[-1],)))
    return kept


async def test_a_receipt_is_found_by_either_id_of_its_request(store: Store, ledger: Ledger) -> None:
    full, plain = a_full_record("full"), a_record("plain")
    kept = await chained(ledger, full, plain)
    await ledger.put(a_record("without"))
    assert await store.receipts.of("full") == (kept[0], full)
    assert full.completion_id and await store.receipts.of(full.completion_id) == (kept[0], full)
    assert await store.receipts.of("without") is None and await store.receipts.of("nothing") is None


async def test_the_chain_holds_when_it_is_read_back(store: Store, ledger: Ledger) -> None:
    long = a_record("long", session_id="s" * 300, user_id="a\0b", cost_usd=0.1 + 0.2)
    await chained(ledger, a_full_record("full"), long, *(a_record(f"r{n}") for n in range(9)))
    audit, after = Audit(), ""
    while rows := await store.receipts.page(after, 4):
        for receipt, line in rows:
            audit.take(receipt, line)
        after = rows[-1][0].request_id
    audit.end()
    assert (audit.receipts, audit.breaks) == (11, [])
