"""The feedback desk: what people thought of requests, sessions and traces, and what sentinels can learn from it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec import structs

from parley.core.enclosures import Enclosure
from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import Feedback, Page
from parley.core.record import Record
from parley.wire.ids import new_id

IDS = ("request_id", "session_id", "trace_id")
LONGEST = 8000
"""Characters of an answer that an example may have."""


class FeedbackStore(Protocol):
    """Feedback at rest."""

    async def add(self, given: Sequence[Feedback], owed: Sequence[Enclosure] = ()) -> None:
        """Keeps all of these with what they owe, or none."""

    async def get(self, id: str) -> Feedback | None:
        """One."""

    async def replace(self, given: Feedback) -> None:
        """Keeps one as it is now."""

    async def page(self, limit: int, after: str | None, filters: Mapping[str, Any]) -> Page[Feedback]:
        """Feedback, newest first."""


class Records(Protocol):
    """The ledger."""

    async def get(self, id: str) -> Record | None:
        """The record with this id or completion id."""


Heard = Callable[[Feedback], Iterable[Enclosure]]


class FeedbackDesk:
    """What the API does with feedback. `account` is whose may be seen; None: everybody's."""

    def __init__(self, store: FeedbackStore, records: Records, heard: Heard) -> None:
        """`heard` says what is owed to those who want to hear of feedback."""
        self._store = store
        self._records = records
        self._heard = heard

    async def give(
        self, account: str, author: str, only: str | None, given: Sequence[Mapping[str, Any]]
    ) -> list[Feedback]:
        """Keeps feedback; of a request its session, trace and application are noted too.

        Raises BadRequest where it is on nothing, NotFound where it is on a request of nobody's, or of others (`only`).
        """
        kept = [await self._complete(account, author, only, one) for one in given]
        await self._store.add(kept, [job for one in kept for job in self._heard(one)])
        return kept

    async def get(self, id: str, only: str | None) -> Feedback:
        """One. Raises NotFound."""
        found = await self._store.get(id)
        if found is None or (only is not None and found.account != only):
            raise NotFound(f"There is no feedback {id}.")
        return found

    async def change(self, id: str, only: str | None, **changes: Any) -> Feedback:
        """Changes what was said. Raises NotFound."""
        changed = structs.replace(await self.get(id, only), **changes)
        await self._store.replace(changed)
        return changed

    async def page(self, limit: int, after: str | None, filters: Mapping[str, Any]) -> Page[Feedback]:
        """Feedback, newest first."""
        return await self._store.page(limit, after, filters)

    async def example(
        self, id: str, only: str | None, status: str, reason: str | None
    ) -> tuple[Record, dict[str, Any]]:
        """The answer that feedback is on as an example for a sentinel, with the request's record.

        A PASS is the corrected answer where there is one, anything else the answer that was given. Raises NotFound, and
        BadRequest where there is no such answer.
        """
        given = await self.get(id, only)
        record = await self._records.get(given.request_id) if given.request_id else None
        if record is None:
            raise BadRequest("This feedback is on no single request, so there is no answer to learn from.", param="id")
        answer = given.corrected if status == "PASS" and given.corrected else _answer(record)
        if not answer:
            raise BadRequest("The answer is not kept, so there is nothing to learn from.", param="id")
        example = {"answer": answer[:LONGEST], "status": status}
        if asked := _question(record):
            example["input"] = asked[:LONGEST]
        if said := reason or given.text:
            example["reason"] = said[:LONGEST]
        return record, example

    async def _complete(self, account: str, author: str, only: str | None, given: Mapping[str, Any]) -> Feedback:
        fields = {"account": account, **given}
        if fields.get("request_id"):
            record = await self._records.get(str(fields["request_id"]))
            if record is None or (only is not None and record.account != only):
                raise NotFound(f"There is no request with the id {fields['request_id']}.")
            fields |= {"request_id": record.id, "account": record.account, "application": record.application}
            fields |= {"session_id": record.session_id, "trace_id": record.trace_id}
        if not any(fields.get(name) for name in IDS):
            raise BadRequest(f"Feedback is on something: give one of {', '.join(IDS)}.", param="request_id")
        return Feedback(id=new_id("fbk"), created=time.time(), author=author, **fields)


def _answer(record: Record) -> str | None:
    if record.answer is None:
        return None
    said = msgspec.json.decode(record.answer)
    first = said[0] if isinstance(said, list) and said else said
    content = first.get("content") if isinstance(first, dict) else None
    return content if isinstance(content, str) else None


def _question(record: Record) -> str | None:
    """What the user said last."""
    if record.messages is None:
        return None
    turns = msgspec.json.decode(record.messages)
    for turn in reversed(turns if isinstance(turns, list) else []):
        if isinstance(turn, dict) and turn.get("role") == "user" and isinstance(turn.get("content"), str):
            content: str = turn["content"]
            return content
    return None
