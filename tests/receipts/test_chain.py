"""The chain of receipts: what it tells of records that are gone or changed, and what it does not."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from parley.core.enclosures import Receipt
from parley.core.record import Record
from parley.core.reply import Usage
from parley.receipts.chain import Audit, content_hash, linked, origin, sealed

Row = tuple[Receipt, Record | None]


def record(number: int, **more: Any) -> Record:
    """The record of an answered request."""
    known: dict[str, Any] = {
        "account": "acme",
        "application": "app",
        "intent": "x",
        "session_id": "s",
        "trace_id": "t",
        "status": 200,
    }
    known |= {"created": 1.5 * number, "usage": Usage(prompt_tokens=number, completion_tokens=2), "outcome": "answered"}
    content = {"messages": b"[%d]" % number, "answer": b"{}"}
    return Record(**{"id": f"req_{number:04d}", "cost_usd": 0.1 * number, **known, **content, **more})


def chained(count: int, name: str = "chn_1", first: int = 0) -> list[Row]:
    """Receipts of requests, as a worker makes them."""
    rows: list[Row] = []
    link = origin(name)
    for place in range(1, count + 1):
        line = record(first + place)
        receipt = Receipt(
            request_id=line.id,
            chain=name,
            place=place,
            request_hash=b"q" * 32,
            response_hash=b"a" * 32,
            content_hash=content_hash(line),
            link=b"",
        )
        link = linked(link, sealed(receipt, line))
        rows.append((structs.replace(receipt, link=link), line))
    return rows


def breaks(rows: list[Row]) -> list[tuple[int, str]]:
    """Where these rows do not hold."""
    audit = Audit()
    for receipt, line in rows:
        audit.take(receipt, line)
    audit.end()
    assert audit.receipts == len(rows)
    return [(one.place, one.what) for one in audit.breaks]


def test_an_untouched_chain_holds_in_whatever_order_it_is_read() -> None:
    rows = chained(50) + chained(30, "chn_2", 100)
    assert breaks(rows) == []
    random.Random(7).shuffle(rows)
    assert breaks(rows) == []


Change = Callable[[Receipt, Record], Row]
CHANGES: dict[str, Change] = {
    "cheaper": lambda receipt, line: (receipt, structs.replace(line, cost_usd=0.0)),
    "another account": lambda receipt, line: (receipt, structs.replace(line, account="umbrella")),
    "other tokens": lambda receipt, line: (receipt, structs.replace(line, usage=Usage(prompt_tokens=1))),
    "other bytes": lambda receipt, line: (structs.replace(receipt, response_hash=b"b" * 32), line),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_shows_at_its_place(change: str) -> None:
    rows = chained(9)
    receipt, line = rows[4]
    assert line is not None
    rows[4] = CHANGES[change](receipt, line)
    assert breaks(rows) == [(5, "it or its record was changed")]


def test_a_link_that_was_made_to_fit_shows_at_the_next_place() -> None:
    rows = chained(9)
    receipt, line = rows[4]
    assert line is not None
    cheaper = structs.replace(line, cost_usd=0.0)
    before = rows[3][0].link
    rows[4] = (structs.replace(receipt, link=linked(before, sealed(receipt, cheaper))), cheaper)
    assert breaks(rows) == [(6, "it or its record was changed")]


def test_changed_content_shows_and_erased_content_does_not() -> None:
    rows = chained(9)
    receipt, line = rows[4]
    assert line is not None
    rows[4] = (receipt, structs.replace(line, answer=b'{"other": 1}'))
    assert breaks(rows) == [(5, "the content of its record was changed")]
    rows[4] = (receipt, structs.replace(line, messages=None, answer=None))
    assert breaks(rows) == []


def test_rows_that_are_gone_show() -> None:
    rows = chained(9)
    assert breaks(rows[:3] + rows[5:]) == [(6, "2 receipts before it are gone")]
    rows[4] = (rows[4][0], None)
    assert breaks(rows) == [(5, "its record is gone")]


def test_old_rows_may_be_let_go() -> None:
    assert breaks(chained(9)[4:]) == []


def test_what_the_store_cuts_and_replaces_is_no_change() -> None:
    line = record(1, session_id="s" * 300, user_id="a\0b")
    kept = structs.replace(line, session_id="s" * 100, user_id="a\ufffdb")
    receipt = chained(1)[0][0]
    assert sealed(receipt, line) == sealed(receipt, kept)
