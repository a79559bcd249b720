"""The rows of an export."""

import csv
import io

import pytest

from parley.server.api.export import _csv, _lines
from tests.api.conftest import record


async def many(records):
    for one in records:
        yield one


async def whole(pieces):
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_spreadsheet_runs_what_a_client_named(start):
    name = start + "cmd|'/c calc'!A0"
    text = (await whole(_csv(many([record(1, user_id=name)])))).decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["user_id"] == "'" + name


async def test_negative_numbers_stay_numbers():
    text = (await whole(_csv(many([record(1, cost_usd=-0.5)])))).decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["cost_usd"] == "-0.5"


async def test_a_record_without_content_or_usage_has_empty_cells():
    text = (await whole(_csv(many([record(1, usage=None, messages=None, answer=None, metadata=None)])))).decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["messages"], row["prompt_tokens"], row["metadata"]) == ("", "", "")


async def test_a_large_export_comes_in_pieces():
    pieces = [piece async for piece in _lines(many(record(n) for n in range(1000)))]
    assert len(pieces) > 3 and max(map(len, pieces)) < 100_000
    assert b"".join(pieces).count(b"\n") == 1000


async def test_a_fault_on_the_way_is_raised():
    async def broken():
        yield record(1)
        raise OSError("the store is away")

    with pytest.raises(OSError):
        await whole(_lines(broken()))
