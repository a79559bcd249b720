"""Sessions and memories at rest, on each database."""

import asyncio
import time

from msgspec import Struct, structs

from parley.core.enclosures import Job, MemoryRow, TurnRow
from parley.core.holdings import KeptSummary
from parley.core.record import Sealed
from parley.store import Ledger, Store
from tests.store.sample import a_record


class Session(Struct, frozen=True):
    account: str = "acme"
    application: str = "app"
    session_id: str = "s"


class User(Struct, frozen=True):
    account: str = "acme"
    application: str = "app"
    user_id: str = "ann"


def a_memory(id: str, **changes: object) -> MemoryRow:
    known = MemoryRow(
        id=id,
        account="acme",
        application="app",
        user_id="ann",
        created=float(ord(id[0])),
        kind="other",
        attribute="home",
        value=id,
        text=f"Lives in {id}.",
        confidence=0.8,
        exclusive=True,
        source="r",
        relation="new",
        supersedes=None,
    )
    return structs.replace(known, **changes)


def a_turn(id: str, place: int, **changes: object) -> TurnRow:
    known = TurnRow(
        id=id,
        account="acme",
        application="app",
        session_id="s",
        user_id="ann",
        place=place,
        created=1.0,
        question=b"{}",
        answer=b"{}",
    )
    return structs.replace(known, **changes)


async def test_what_is_superseded_is_history(store: Store) -> None:
    assert not await store.memories.any()
    await store.memories.add([a_memory("a"), a_memory("b", supersedes="a", relation="refines"), a_memory("c")])
    await store.memories.add([a_memory("d", supersedes="c", relation="ends"), a_memory("e", user_id="bob")])
    assert await store.memories.any()
    assert [row.id for row in await store.memories.current(User(), 10)] == ["b"]
    of_ann = {"account": "acme", "application": "app", "user_id": "ann"}
    page = await store.memories.page(of_ann, 3, None, history=True)
    assert [(row.id, current) for row, current in page.data] == [("d", False), ("c", False), ("b", True)]
    rest = await store.memories.page(of_ann, 3, page.next, history=True)
    assert ([(row.id, current) for row, current in rest.data], rest.next) == ([("a", False)], None)
    assert [row.id for row, _ in (await store.memories.page(of_ann, 3, None, history=False)).data] == ["b"]


async def test_a_fact_goes_with_its_history_and_only_for_its_owner(store: Store) -> None:
    chain = [a_memory("a"), a_memory("b", supersedes="a"), a_memory("c", supersedes="b"), a_memory("x")]
    await store.memories.add(chain)
    assert await store.memories.remove("b", "other") == 0
    assert await store.memories.remove("b", "acme") == 3
    assert await store.memories.remove("b", None) == 0
    assert [row.id for row in await store.memories.current(User(), 10)] == ["x"]


async def test_a_session_belongs_to_one_request_at_a_time(store: Store) -> None:
    now = time.time()
    took = await asyncio.gather(*(store.sessions.take(Session(), f"h{n}", now, now + 10) for n in range(8)))
    assert took.count(True) == 1
    holder = f"h{took.index(True)}"
    assert await store.sessions.take(Session(session_id="t"), "h", now, now + 10)
    assert await store.sessions.take(Session(account="other"), "h", now, now + 10)
    await store.sessions.leave(Session(), "stranger")
    assert not await store.sessions.take(Session(), "h", now, now + 10)
    await store.sessions.keep(Session(), holder, now + 20)
    assert not await store.sessions.take(Session(), "h", now + 15, now + 30)
    assert await store.sessions.take(Session(), "h", now + 21, now + 30)  # its holder has died
    await store.sessions.leave(Session(), holder)
    assert not await store.sessions.take(Session(), "i", now + 22, now + 30)
    await store.sessions.free()
    assert await store.sessions.take(Session(), "i", now + 22, now + 30)


async def test_turns_come_with_their_records_in_order(store: Store, ledger: Ledger) -> None:
    for place in (2, 1, 3):
        line = Sealed(**structs.asdict(a_record(f"r{place}")), enclosures=(a_turn(f"r{place}", place),))
        await ledger.put(line)
    assert [turn.id for turn in await store.sessions.history(Session(), 2)] == ["r2", "r3"]
    assert await store.sessions.history(Session(account="other"), 2) == []


async def test_a_longer_summary_takes_the_place_of_a_shorter_one(store: Store) -> None:
    for covered in (2, 4, 3):
        await store.sessions.add_summary(Session(), KeptSummary(f"d{covered}", covered, "text"), 1.0)
    await store.sessions.add_summary(Session(), KeptSummary("d4", 4, "again"), 1.0)
    assert {kept.covered for kept in await store.sessions.summaries(Session())} == {4}
    assert await store.sessions.summaries(Session(session_id="t")) == []


async def test_a_user_and_a_session_are_forgotten_to_the_last_word(store: Store, ledger: Ledger) -> None:
    mine = {"account": "acme", "application": "app", "session_id": "s", "user_id": "ann", "messages": b"[1]"}
    job = Job(id="memory:r1", kind="memory", created=1.0, due=1.0, lane="lane")
    await ledger.put(Sealed(**{**structs.asdict(a_record("r1")), **mine}, enclosures=(a_turn("r1", 1), job)))
    await ledger.put(Sealed(**{**structs.asdict(a_record("r2")), **mine, "account": "other"}))
    await ledger.put(Sealed(**{**structs.asdict(a_record("r3")), **mine, "user_id": "bob"}))
    await store.memories.add([a_memory("a"), a_memory("b", account="other")])
    await store.sessions.add_summary(Session(), KeptSummary("d", 1, "text"), 1.0)
    assert set(await store.memories.accounts_of("app", "ann")) == {"acme", "other"}
    removed = await store.memories.forget("acme", "app", "ann", "lane")
    counted = {name: count for name, count in removed.items() if count}
    assert counted == {"memories": 1, "requests": 1, "turns": 1, "summaries": 1, "jobs": 1}
    kept = {id: await store.requests.get(id) for id in ("r1", "r2", "r3")}
    assert [(one.messages, one.user_id) for one in kept.values() if one] == [
        (None, None),
        (b"[1]", "ann"),
        (b"[1]", "bob"),
    ]
    assert await store.memories.accounts_of("app", "ann") == ["other"]
    assert set(await store.timelines.accounts_of("app", "s")) == {"acme", "other"}
    removed = await store.timelines.remove("acme", "app", "s")
    assert removed["requests"] == 2
    assert await store.timelines.sums("acme", "app", "s") is None
    assert (await store.timelines.sums("other", "app", "s")) is not None
