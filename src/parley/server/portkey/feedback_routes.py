"""Feedback on a trace: Portkey's wire, with its bounds and its ways of failing (as of its branch 2.0.0, 2026-03)."""

import secrets
import time
from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Caller
from parley.core.holdings import Feedback
from parley.server.plain import caller_of, json, json_of, named

PATH = "/v1/feedback"
MOST, LONGEST = 1000, 128
"""Feedbacks in one request, and characters of a metadata key or value."""


class Feedbacks(Protocol):
    """Where feedback is kept."""

    async def add(self, given: Sequence[Feedback]) -> None:
        """Keeps all of these, or none."""

    async def get(self, id: str) -> Feedback | None:
        """One."""

    async def replace(self, given: Feedback) -> None:
        """Keeps one as it is now."""


class Refused(Exception):
    """A feedback that is not taken, with Portkey's status, code and words."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.body = {"status": "failure", "message": f"Portkey Error: {words}. Error code: {code}"}


class FeedbackRoutes:
    """The path of feedback."""

    def __init__(self, feedback: Feedbacks) -> None:
        self._feedback = feedback

    def routes(self) -> list[Route]:
        """One route per method."""
        return [
            Route(PATH, self._create, methods=["POST"]),
            Route(PATH + "/{id}", self._change, methods=["PUT"]),
        ]

    async def _create(self, request: Request) -> Response:
        caller, body = caller_of(request), await json_of(request)
        try:
            given = [_new(one, caller) for one in (body if isinstance(body, list) else [body])][: MOST + 1]
            if not given or len(given) > MOST:
                raise Refused(400, "032", f"Invalid Request Body: between 1 and {MOST} feedbacks are taken")
        except Refused as refused:
            return json(refused.body, refused.status)
        await self._feedback.add(given)
        return _saved("saved", given)

    async def _change(self, request: Request) -> Response:
        caller, body = caller_of(request), await json_of(request)
        try:
            if not isinstance(body, dict) or body.get("value") is None:
                raise Refused(400, "032", "Invalid Request Body")
            old = await self._feedback.get(named(request, "id"))
            if old is None or ("admin" not in caller.scopes and old.account != caller.account):
                raise Refused(404, "034", "Invalid Feedback Id passed. Nothing to update")
            metadata = _metadata(body.get("metadata")) or old.metadata
            new = structs.replace(old, score=_value(body["value"]), weight=_weight(body), metadata=metadata)
        except Refused as refused:
            return json(refused.body, refused.status)
        await self._feedback.replace(new)
        return _saved("updated", [new])


def _new(body: Any, caller: Caller) -> Feedback:
    if not isinstance(body, dict) or not body.get("trace_id") or body.get("value") is None:
        raise Refused(400, "032", "Invalid Request Body")
    return Feedback(
        id=f"fb_{secrets.token_hex(16)}",
        created=time.time(),
        account=caller.account,
        author=caller.key_id,
        trace_id=str(body["trace_id"]),
        score=_value(body["value"]),
        weight=_weight(body),
        metadata=_metadata(body.get("metadata")),
    )


def _value(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -10 <= value <= 10:
        raise Refused(400, "033", "Invalid value: it must be a number from -10 to 10")
    return float(value)


def _weight(body: dict[str, Any]) -> float:
    """What is outside of 0 to 1 counts as 1."""
    weight = body.get("weight")
    sensible = isinstance(weight, int | float) and not isinstance(weight, bool) and 0 <= weight <= 1
    return float(weight) if sensible and weight is not None else 1.0


def _metadata(metadata: Any) -> dict[str, Any] | None:
    if not isinstance(metadata, dict):
        return None
    return {str(key)[:LONGEST]: value[:LONGEST] if isinstance(value, str) else value for key, value in metadata.items()}


def _saved(how: str, given: Sequence[Feedback]) -> Response:
    ids = [one.id for one in given]
    return json({"status": "success", "message": f"Feedback successfully {how}", "feedback_ids": ids})
