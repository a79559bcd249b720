"""What is committed together with a record, or with the end of a job: both are there after a crash, or neither.

Each kind is one table of the store, each field one of its columns. A row whose key is there already is passed over,
so that writing an enclosure twice changes nothing.
"""

from msgspec import Struct

WAITING, DONE, FAILED = "waiting", "done", "failed"


class Job(Struct, frozen=True, kw_only=True, tag="job"):
    """Work that is owed; times in epoch seconds.

    `id` says what it is for, so that the same work is never owed twice. `kind` names who does it. Jobs of the same
    `lane` run one after the other, in the order of `due`; an empty lane waits for nobody. `payload` is JSON.
    """

    id: str
    kind: str
    created: float
    due: float
    payload: bytes = b"{}"
    lane: str = ""
    tries: int = 0
    state: str = WAITING
    leased_until: float | None = None
    error: str | None = None


Enclosure = Job
