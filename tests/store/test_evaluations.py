"""Evaluations come with records and jobs, once; they are found by whose they are, by what was said, and by whom."""

import time

from msgspec import structs

from parley.core.enclosures import Enclosure, EvaluationRow, Job, VerdictRow
from parley.core.holdings import Feedback, Webhook
from parley.core.record import Sealed
from parley.jobs.ports import Ended
from parley.store import Ledger, Store
from tests.store.sample import a_record


def an_evaluation(n: int, **changes: object) -> EvaluationRow:
    """The n-th evaluation."""
    row = EvaluationRow(
        request_id=f"req_{n}",
        created=1000.0 + n,
        account="acme",
        application="shop",
        intent="REFUND",
        session_id="ses",
        completion_id=None,
        status="FAULT" if n % 2 else "PASS",
        delivered="PASS",
        mode="background",
        correction_applied=False,
        rounds=0,
        ms=1.5,
    )
    return structs.replace(row, **changes)


def a_verdict(n: int, place: int, sentinel: str, status: str = "PASS") -> VerdictRow:
    """One verdict of the n-th evaluation."""
    return VerdictRow(
        request_id=f"req_{n}",
        place=place,
        choice=0,
        final=True,
        sentinel=sentinel,
        kind="excludes",
        status=status,
        severity="error",
        description="Because.",
        confidence=100.0,
        correction=None,
        ms=0.1,
        prompt_tokens=None,
        completion_tokens=None,
        cost_usd=None,
        judge=None,
        prompt_version=None,
        created=1000.0 + n,
    )


async def keep(ledger: Ledger, n: int, *enclosures: Enclosure) -> None:
    """Commits these with a record."""
    await ledger.put(Sealed(**structs.asdict(a_record(f"req_{n}")), enclosures=enclosures))


async def test_an_evaluation_is_committed_with_its_record_and_read_with_its_verdicts(
    store: Store, ledger: Ledger
) -> None:
    row, verdicts = an_evaluation(1), (a_verdict(1, 0, "words", "FAULT"), a_verdict(1, 1, "tone"))
    await keep(ledger, 1, row, *verdicts)
    assert await store.evaluations.get("req_1") == (row, verdicts)
    assert await store.evaluations.get("req_2") is None


async def test_evaluations_are_listed_newest_first_by_filters_and_pages(store: Store, ledger: Ledger) -> None:
    for n in range(5):
        await keep(ledger, n, an_evaluation(n), a_verdict(n, 0, "words" if n < 3 else "tone"))

    async def listed(**filters: object) -> list[str]:
        return [row.request_id for row, _ in (await store.evaluations.page(10, None, filters)).data]

    assert await listed() == [f"req_{n}" for n in (4, 3, 2, 1, 0)]
    assert await listed(status="FAULT") == ["req_3", "req_1"] and await listed(sentinel="tone") == ["req_4", "req_3"]
    assert await listed(application="other") == [] and await listed(since=1003.0) == ["req_4", "req_3"]
    first = await store.evaluations.page(2)
    second = await store.evaluations.page(2, first.next)
    assert [row.request_id for row, _ in [*first.data, *second.data]] == ["req_4", "req_3", "req_2", "req_1"]
    assert [row.request_id for row, _ in await store.evaluations.since(1002.0, 2, {"account": "acme"})] == [
        "req_2",
        "req_3",
    ]


async def test_a_job_that_is_done_twice_brings_its_evaluation_about_once(store: Store) -> None:
    await store.jobs.put([Job(id="evaluation:req_1", kind="evaluation", created=1.0, due=1.0)])
    await store.jobs.claim(["evaluation"], 1, time.time(), 30)
    first = Ended(id="evaluation:req_1", enclosures=(an_evaluation(1), a_verdict(1, 0, "words")))
    again = Ended(
        id="evaluation:req_1", enclosures=(an_evaluation(1, status="ERROR"), a_verdict(1, 0, "words", "FAULT"))
    )
    await store.jobs.settle([first])
    await store.jobs.settle([again])
    kept = await store.evaluations.get("req_1")
    assert kept is not None and kept[0].status == "FAULT" and [v.status for v in kept[1]] == ["PASS"]


async def test_feedback_is_kept_with_what_it_owes(store: Store) -> None:
    given = [
        Feedback(id=f"fbk_{n}", created=float(n), account="acme", author="key", session_id="ses", metadata={"n": n})
        for n in range(3)
    ]
    await store.feedback.add(given, [Job(id="webhook:1", kind="webhook", created=1.0, due=1.0)])
    assert await store.jobs.waiting() == {"webhook": 1}
    page = await store.feedback.page(2, None, {"session_id": "ses"})
    rest = await store.feedback.page(2, page.next, {"session_id": "ses"})
    assert [*page.data, *rest.data] == given[::-1]
    changed = structs.replace(given[0], score=0.5)
    await store.feedback.replace(changed)
    assert await store.feedback.get("fbk_0") == changed and await store.feedback.get("fbk_9") is None


async def test_webhooks_move_their_counter(store: Store) -> None:
    hook = Webhook(id="whk_1", created=1.0, url="https://example.com", secret="s", events=("evaluation",))
    await store.webhooks.add(hook)
    before = (await store.revisions.read())["webhooks"]
    off = structs.replace(hook, enabled=False)
    await store.webhooks.replace(off)
    assert await store.webhooks.all() == [off] and (await store.revisions.read())["webhooks"] > before
    assert await store.webhooks.delete("whk_1") and not await store.webhooks.delete("whk_1")
    assert await store.webhooks.all() == []
