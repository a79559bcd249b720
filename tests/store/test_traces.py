"""Traces at rest, on both databases."""

import asyncio

from msgspec import structs

from parley.core.enclosures import Span, TraceMark
from parley.core.record import Sealed
from parley.store import Ledger, Store
from tests.store.sample import a_record

DIGITS = "18" + "0" * 13 + "a" + "b" * 20
OWN, TRACE = f"req_{DIGITS}", f"trc_{DIGITS}"


def marked(id: str, trace: str, created: float) -> Sealed:
    """A request whose caller brought its trace."""
    line = a_record(id, trace_id=trace, created=created)
    return Sealed(
        **structs.asdict(line), enclosures=(TraceMark(request_id=id, trace_id=trace, created=created, span_id="s"),)
    )


def span(trace: str, id: str, **more: object) -> Span:
    return structs.replace(Span(trace_id=trace, id=id, kind="client", name="n", created=1.0), **more)


async def test_a_trace_is_found_by_each_of_its_names(store: Store, ledger: Ledger) -> None:
    await asyncio.gather(
        ledger.put(a_record(OWN, trace_id=TRACE)), ledger.put(a_record(OWN[:-1] + "c", trace_id=TRACE[:-1] + "c"))
    )
    await ledger.put(marked("later", TRACE, 9.0))
    await store.traces.put([span(TRACE, "1"), span(DIGITS[:32], "2"), span("other", "3")])
    for name in (TRACE, DIGITS[:32], OWN):
        kept = await store.traces.get(name)
        assert kept is not None and kept.trace_id == TRACE, name
        assert {record.id for record in kept.records} == {OWN, "later"} and len(kept.spans) == 2
    assert await store.traces.get("none") is None and await store.traces.get(TRACE[:-3] + "abc") is None


async def test_spans_that_are_there_are_passed_over(store: Store) -> None:
    await store.traces.put([span("t", "1")])
    await store.traces.put([span("t", "1", name="second"), span("t", "2", attributes='{"a": 1}', error="no")])
    kept = await store.traces.get("t")
    assert kept is not None and [one.name for one in kept.spans] == ["n", "n"]
    assert kept.spans[1].error == "no"


async def test_a_page_holds_each_trace_once(store: Store, ledger: Ledger) -> None:
    lines = [marked(f"m{n}", f"t{n % 3}", float(n)) for n in range(9)]
    await asyncio.gather(*map(ledger.put, [*lines, a_record(OWN, trace_id=TRACE, created=4.5)]))
    found, after = [], None
    for _ in range(20):
        page = await store.traces.page(2, after)
        found += page.data
        after = page.next
        if after is None:
            break
    assert [(row.trace_id, row.requests) for row in found] == [("t2", 3), ("t1", 3), ("t0", 3), (TRACE, 1)]
    only = await store.traces.page(50, None, {"since": 4.2, "until": 4.8})
    assert [row.trace_id for row in only.data] == [TRACE]
