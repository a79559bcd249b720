"""Webhooks: who wants to hear of evaluations and feedback, what is owed to them, and how it is delivered.

What is owed is a job that is committed together with the evaluation, so it is sent at least once, whatever happens;
its id goes along, so that whoever gets it twice can tell. A receiver that does not take it is tried again for a day.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, get_args

import msgspec
from msgspec import Struct, structs

from parley.core.enclosures import Enclosure, EvaluationRow, Job
from parley.core.errors import BadRequest, Internal, NotFound
from parley.core.holdings import Feedback, Webhook
from parley.wire.ids import new_id

KIND = "webhook"
Event = Literal["evaluation", "evaluation.pass", "evaluation.fault", "evaluation.error", "feedback"]
EVENTS: tuple[str, ...] = get_args(Event)
"""`evaluation` means all evaluations."""
LANES = 8
"""Deliveries to one receiver at once: a slow one can not take up all who work."""
TRIES = 3
"""Tries of one job before the next pause; the worker waits a second or two between them."""
PAUSES = (60.0, 600.0, 3600.0, 4 * 3600.0, 12 * 3600.0)
"""Seconds between one round of tries and the next."""
SIGNATURE = "x-parley-signature"


class WebhookStore(Protocol):
    """Webhooks at rest."""

    async def all(self) -> list[Webhook]:
        """Every one, oldest first."""

    async def add(self, hook: Webhook) -> None:
        """Keeps a new one."""

    async def replace(self, hook: Webhook) -> None:
        """Keeps one as it is now."""

    async def delete(self, id: str) -> bool:
        """Forgets one."""


class Due(Struct, frozen=True, kw_only=True):
    """What a job delivers: `subject` is the id of a request or of feedback, `round` counts the pauses before."""

    hook: str
    type: str
    subject: str
    created: float
    round: int = 0


Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Sends a body to a URL with these headers; answers the status. Raises GatewayError."""
Body = Callable[[str, str], Awaitable[Any]]
"""What an event of this type tells of a subject; None where it is gone."""
Refuse = Callable[[str], str | None]
"""Why nothing may be sent to a URL; None: it may."""

_DUE = msgspec.json.Decoder(Due)


class Webhooks:
    """The webhooks of all workers, as this one knows them."""

    def __init__(self, store: WebhookStore, refuse: Refuse, post: Post, body: Body) -> None:
        self._store = store
        self._refuse = refuse
        self._post = post
        self._body = body
        self._hooks: dict[str, Webhook] = {}

    async def refresh(self) -> None:
        """Reads them again."""
        self._hooks = {hook.id: hook for hook in await self._store.all()}

    def all(self) -> list[Webhook]:
        """Every one, oldest first."""
        return list(self._hooks.values())

    def get(self, id: str) -> Webhook:
        """One. Raises NotFound."""
        if id not in self._hooks:
            raise NotFound(f"There is no webhook {id}.")
        return self._hooks[id]

    async def add(self, **given: Any) -> Webhook:
        """A new one, with a secret of its own if none is given. Raises BadRequest for a URL that is not allowed."""
        self._check(given["url"])
        secret = given.pop("secret", None) or f"whsec_{secrets.token_hex(24)}"
        hook = Webhook(id=new_id("whk"), created=time.time(), secret=secret, **given)
        await self._store.add(hook)
        await self.refresh()
        return hook

    async def change(self, id: str, **changes: Any) -> Webhook:
        """Changes one. Raises NotFound and BadRequest."""
        hook = structs.replace(self.get(id), **changes)
        self._check(hook.url)
        await self._store.replace(hook)
        await self.refresh()
        return hook

    async def delete(self, id: str) -> None:
        """Forgets one; what was owed to it is not sent. Raises NotFound."""
        if not await self._store.delete(id):
            raise NotFound(f"There is no webhook {id}.")
        await self.refresh()

    def of_evaluation(self, row: EvaluationRow) -> Iterable[Enclosure]:
        """What is owed to those who want to hear of this evaluation."""
        if not self._hooks:
            return ()
        type = f"evaluation.{row.status.lower()}"
        return self._owed(type, row.request_id, row.application, row.account)

    def of_feedback(self, given: Feedback) -> Iterable[Enclosure]:
        """What is owed to those who want to hear of this feedback."""
        return self._owed("feedback", given.id, given.application, given.account)

    async def deliver(self, job: Job) -> Sequence[Enclosure]:
        """Sends what a job owes; as `Handler` says. Raises Internal where it was not taken."""
        due = _DUE.decode(job.payload)
        hook = self._hooks.get(due.hook)
        if hook is None or not hook.enabled:
            return ()
        told = await self._body(due.type, due.subject)
        if told is None:
            return ()
        body = msgspec.json.encode({"id": event_id(due), "type": due.type, "created": due.created, "data": told})
        try:
            status = await self._post(hook.url, body, headers(hook, due, body, time.time()))
            if status >= 300:
                raise Internal(f"The webhook {hook.id} answered with status {status}.")
        except Exception:
            if job.tries < TRIES or due.round >= len(PAUSES):
                raise
            return (_later(job, due),)
        return ()

    def _check(self, url: str) -> None:
        if why := self._refuse(url):
            raise BadRequest(f"`url` can not be used: {why}", param="url")

    def _owed(self, type: str, subject: str, application: str | None, account: str) -> list[Enclosure]:
        now = time.time()
        return [
            job_of(Due(hook=hook.id, type=type, subject=subject, created=now), now)
            for hook in self._hooks.values()
            if hook.enabled
            and hook.application in (None, application)
            and hook.account in (None, account)
            and (type in hook.events or type.partition(".")[0] in hook.events)
        ]


def job_of(due: Due, at: float) -> Job:
    """The job that delivers it from `at` (epoch seconds) on."""
    again = f":{due.round}" if due.round else ""
    lane = sum(due.subject.encode()) % LANES
    return Job(
        id=f"{KIND}:{due.hook}:{due.type}:{due.subject}{again}",
        kind=KIND,
        created=at,
        due=at,
        lane=f"{due.hook}:{lane}",
        payload=msgspec.json.encode(due),
    )


def _later(job: Job, due: Due) -> Job:
    return job_of(structs.replace(due, round=due.round + 1), time.time() + PAUSES[due.round])


def event_id(due: Due) -> str:
    """The id by which a receiver knows what it had already; the same for every try."""
    return f"evt_{hashlib.sha256(f'{due.hook}:{due.type}:{due.subject}'.encode()).hexdigest()[:32]}"


def headers(hook: Webhook, due: Due, body: bytes, now: float) -> dict[str, str]:
    """The headers of a delivery: its id and type, and `t=TIME,v1=HEX`, the HMAC-SHA256 of `TIME.BODY`."""
    at = str(int(now))
    signed = hmac.new(hook.secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "user-agent": "parley-webhook/1",
        "x-parley-event": due.type,
        "x-parley-event-id": event_id(due),
        SIGNATURE: f"t={at},v1={signed}",
    }
