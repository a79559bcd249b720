"""Whose memories: the names of sessions and of people, fit for an index."""

import hashlib

from msgspec import Struct

from parley.core.call import Whose
from parley.core.names import fit


class SessionName(Struct, frozen=True):
    """Which session: nobody reaches one of another account or application, whatever its id is."""

    account: str
    application: str
    session_id: str


class UserName(Struct, frozen=True):
    """Which person: one `user_id` in two applications or accounts is two people."""

    account: str
    application: str
    user_id: str


def session_of(whose: Whose) -> SessionName:
    """The session that a call belongs to."""
    return SessionName(fit(whose.account), fit(whose.application), fit(whose.session_id))


def user_of(whose: Whose) -> UserName:
    """The person that a call is about."""
    assert whose.user_id is not None
    return UserName(fit(whose.account), fit(whose.application), fit(whose.user_id))


def lane_of(user: UserName) -> str:
    """The lane of the jobs that learn about a person: one at a time, in the order of what was said."""
    digest = hashlib.sha256("\0".join((user.account, user.application, user.user_id)).encode()).hexdigest()
    return f"memory:{digest[:40]}"
