"""The management API: `client.feedback`, `.context`, `.sessions`, `.memories` and `.evaluations`.

Each method is written once, as the Ask that it sends: on `AsyncParley` it is awaited. A key for inference is enough; it
sees what is its account's. What fails raises openai's errors.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Generic, cast

from parley_client.asks import Ask, C, Noun, given, operation, path
from parley_client.holdings import Document, Feedback, Found, Memory, Page, Removed, Session, Timeline
from parley_client.results import Evaluation
from parley_client.watching import evaluation_of

DEFAULT = "default"


class FeedbackDesk(Noun[C]):
    """What people thought of answers."""

    @operation
    def give(
        self,
        *,
        request_id: str | None = None,
        session_id: str | None = None,
        trace_id: str | None = None,
        score: float | None = None,
        text: str | None = None,
        corrected: str | None = None,
        weight: float | None = None,
        application: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Ask[Feedback]:
        """Says what a request, a session or a trace was worth: a `score` (-10 to 10), a `text`, or better words."""
        whose = given(request_id=request_id, session_id=session_id, trace_id=trace_id, application=application)
        said = given(score=score, text=text, corrected=corrected, weight=weight, metadata=metadata)
        return Ask("POST", path("feedback"), Feedback, body={**whose, **said}, retries=0)

    @operation
    def list(
        self,
        *,
        request_id: str | None = None,
        session_id: str | None = None,
        application: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Ask[Page[Feedback]]:
        """Feedback, newest first."""
        wanted = given(request_id=request_id, session_id=session_id, application=application, limit=limit, after=after)
        return Ask("GET", path("feedback"), Page[Feedback], query=wanted)


class Context(Noun[C]):
    """The documents that an application's answers may draw on."""

    @operation
    def put(
        self,
        reference: str,
        *,
        text: str | None = None,
        file: str | Path | None = None,
        application: str = DEFAULT,
        type: str | None = None,
        description: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Ask[Document]:
        """Brings a document as `text` or as a `file`; the one with this reference before is replaced.

        Raises ValueError unless one of the two is given, and OSError where the file can not be read.
        """
        if (text is None) == (file is None):
            raise ValueError("Give the document as `text`, or as a `file`.")
        known = given(application=application, type=type, description=description)
        if file is not None:
            place = Path(file)
            files = {"file": (place.name, place.read_bytes())}
            return Ask(
                "PUT", path("documents", reference), Document, body={**known, **given(metadata=metadata)}, files=files
            )
        body = {"reference": reference, "text": text, **known, **given(metadata=metadata)}
        return Ask("POST", path("documents"), Document, body=body)

    @operation
    def get(self, reference: str, *, application: str = DEFAULT) -> Ask[Document]:
        """A document, and how far it is indexed."""
        return Ask("GET", path("documents", reference), Document, query={"application": application})

    @operation
    def list(
        self, *, application: str = DEFAULT, limit: int | None = None, after: str | None = None
    ) -> Ask[Page[Document]]:
        """Documents by reference."""
        wanted = given(application=application, limit=limit, after=after)
        return Ask("GET", path("documents"), Page[Document], query=wanted)

    @operation
    def delete(self, reference: str, *, application: str = DEFAULT) -> Ask[Removed]:
        """Removes a document with all its passages."""
        return Ask("DELETE", path("documents", reference), Removed, query={"application": application})

    @operation
    def search(
        self,
        query: str | None = None,
        *,
        messages: Sequence[Mapping[str, object]] | None = None,
        application: str = DEFAULT,
        parts: int | None = None,
        max_tokens: int | None = None,
        threshold: float | None = None,
    ) -> Ask[Found]:
        """The passages that a call with this question (or these `messages`) would be given."""
        wanted = given(query=query, messages=messages, parts=parts, max_tokens=max_tokens, threshold=threshold)
        return Ask("POST", path("documents", "search"), Found, body={"application": application, **wanted})


class Sessions(Noun[C]):
    """Conversations, with all that happened in them."""

    @operation
    def get(
        self,
        session_id: str,
        *,
        application: str = DEFAULT,
        limit: int | None = None,
        after: str | None = None,
    ) -> Ask[Timeline]:
        """A session's timeline: its requests with answers, evaluations and feedback."""
        wanted = given(application=application, limit=limit, after=after)
        return Ask("GET", path("sessions", session_id), Timeline, query=wanted)

    @operation
    def list(
        self,
        *,
        application: str | None = None,
        user_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Ask[Page[Session]]:
        """Sessions, that with the newest request first; times as 2026-08-20, or 24h (ago)."""
        wanted = given(application=application, user_id=user_id, since=since, until=until, limit=limit, after=after)
        return Ask("GET", path("sessions"), Page[Session], query=wanted)

    @operation
    def delete(self, session_id: str, *, application: str = DEFAULT) -> Ask[Removed]:
        """Removes a session with everything that was said in it."""
        return Ask("DELETE", path("sessions", session_id), Removed, query={"application": application})


class Memories(Noun[C]):
    """What is known of users."""

    @operation
    def list(
        self,
        user_id: str,
        *,
        application: str = DEFAULT,
        history: bool | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Ask[Page[Memory]]:
        """What is known of a user, newest first; with `history` also what no longer holds."""
        wanted = given(application=application, user_id=user_id, history=history, limit=limit, after=after)
        return Ask("GET", path("memories"), Page[Memory], query=wanted)

    @operation
    def add(
        self,
        user_id: str,
        text: str,
        *,
        application: str = DEFAULT,
        attribute: str | None = None,
        value: str | None = None,
        kind: str | None = None,
        confidence: float | None = None,
    ) -> Ask[Memory]:
        """Tells a fact of a user; with an `attribute` and a `value` it replaces what contradicts it."""
        said = given(attribute=attribute, value=value, kind=kind, confidence=confidence)
        body = {"application": application, "user_id": user_id, "text": text, **said}
        return Ask("POST", path("memories"), Memory, body=body, retries=0)

    @operation
    def delete(self, id: str) -> Ask[Removed]:
        """Takes one fact away, with its history."""
        return Ask("DELETE", path("memories", id), Removed)

    @operation
    def forget(self, user_id: str, *, application: str = DEFAULT) -> Ask[Removed]:
        """Forgets a user: what is known of them, what they said and what it was answered."""
        return Ask("DELETE", path("memories"), Removed, query={"application": application, "user_id": user_id})


class Evaluations(Noun[C]):
    """What the sentinels said of answers."""

    @operation
    def get(self, request_id: str, *, wait: float | None = None) -> Ask[Evaluation]:
        """A request's evaluation, by either of its ids; `wait`: seconds (60 at most) to wait while it is PENDING."""
        return evaluation_of(request_id, wait)

    @operation
    def list(
        self,
        *,
        application: str | None = None,
        intent: str | None = None,
        session_id: str | None = None,
        status: str | None = None,
        sentinel: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Ask[Page[Evaluation]]:
        """Evaluations, newest first; those with this `status`, or in which this `sentinel` spoke."""
        whose = given(application=application, intent=intent, session_id=session_id)
        wanted = given(status=status, sentinel=sentinel, limit=limit, after=after)
        return Ask("GET", path("evaluations"), Page[Evaluation], query={**whose, **wanted})


class Nouns(Generic[C]):
    """What both clients have of the management API."""

    @cached_property
    def feedback(self) -> FeedbackDesk[C]:
        """What people thought of answers."""
        return FeedbackDesk(cast(C, self))

    @cached_property
    def context(self) -> Context[C]:
        """The documents that answers may draw on."""
        return Context(cast(C, self))

    @cached_property
    def sessions(self) -> Sessions[C]:
        """Conversations, with all that happened in them."""
        return Sessions(cast(C, self))

    @cached_property
    def memories(self) -> Memories[C]:
        """What is known of users."""
        return Memories(cast(C, self))

    @cached_property
    def evaluations(self) -> Evaluations[C]:
        """What the sentinels said of answers."""
        return Evaluations(cast(C, self))
