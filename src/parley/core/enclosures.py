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


class DocumentVectors(Struct, frozen=True, kw_only=True, tag="document_vectors"):
    """The vectors of `count` chunks of a document from number `first` on: rows of little-endian 16-bit floats."""

    document: str
    embedder: str
    first: int
    count: int
    data: bytes


class CachedAnswer(Struct, frozen=True, kw_only=True, tag="cached_answer"):
    """An answer that may be given again until `expires`; times in epoch seconds, `size` in bytes.

    `id` is the request that was answered, `key` what an equal request has too. A question that may be asked in other
    words has a `scope` (all of the request but the question), `question` and, with an `embedder`, its `vector` of
    little-endian 16-bit floats. `reply` is JSON.
    """

    id: str
    key: str
    created: float
    expires: float
    used: float
    size: int
    account: str
    application: str
    namespace: str
    model: str
    provider: str
    upstream_model: str
    reply: bytes
    user_id: str | None = None
    scope: str | None = None
    question: str | None = None
    embedder: str | None = None
    vector: bytes | None = None


class EvaluationRow(Struct, frozen=True, kw_only=True, tag="evaluation"):
    """What judging one request's answer came to; `created` in epoch seconds, `ms` how long it took.

    `status` is PASS, FAULT or ERROR, and is of what the model said; `delivered` is of what the client got.
    """

    request_id: str
    created: float
    account: str
    application: str
    intent: str
    session_id: str
    completion_id: str | None
    status: str
    delivered: str
    mode: str
    correction_applied: bool
    rounds: int
    ms: float
    cost_usd: float | None = None
    reason: str | None = None


class VerdictRow(Struct, frozen=True, kw_only=True, tag="verdict"):
    """What one sentinel said of a choice of an answer; `place` counts the verdicts of a request.

    `final` is true for verdicts on what was delivered, false for those on an answer that was corrected after.
    """

    request_id: str
    place: int
    choice: int
    final: bool
    sentinel: str
    kind: str
    status: str
    severity: str
    description: str
    confidence: float
    correction: str | None
    ms: float
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    judge: str | None
    prompt_version: str | None
    created: float


class TurnRow(Struct, frozen=True, kw_only=True, tag="turn"):
    """One turn of an assistant's session: `id` is the request, `place` counts the session's turns from 1.

    `question` and `answer` are messages as JSON. The names are fit for an index.
    """

    id: str
    account: str
    application: str
    session_id: str
    user_id: str | None
    place: int
    created: float
    question: bytes
    answer: bytes


class MemoryRow(Struct, frozen=True, kw_only=True, tag="memory"):
    """One fact about a person as it was known from `created` on, until another row `supersedes` it.

    `source` is the request in which it was said, None where an operator added it; `relation` says what it is to the
    row that it supersedes. `vector` holds little-endian 32-bit floats of the model `embedder`. An `exclusive` fact has
    one value at a time.
    """

    id: str
    account: str
    application: str
    user_id: str
    created: float
    kind: str
    attribute: str
    value: str
    text: str
    confidence: float
    exclusive: bool
    source: str | None
    relation: str
    supersedes: str | None
    embedder: str | None = None
    vector: bytes | None = None


class Span(Struct, frozen=True, kw_only=True, tag="span"):
    """A part of what a request did, or of what its caller did around it; `created` in epoch seconds.

    `kind` says what it was: `retrieval`, `judge`, `correction`, ...; `client` was sent by a caller. Without `parent_id`
    a span belongs right below its request. `error` is None where it went well; `attributes` is JSON.
    """

    trace_id: str
    id: str
    parent_id: str | None = None
    request_id: str | None = None
    account: str = "default"
    kind: str
    name: str
    created: float
    ms: float = 0.0
    error: str | None = None
    model: str = ""
    provider: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    attributes: str | None = None


class TraceMark(Struct, frozen=True, kw_only=True, tag="trace_mark"):
    """Where a request stands in the trace that its caller brought; those of traces made here need none."""

    request_id: str
    trace_id: str
    created: float
    span_id: str | None = None
    parent_span_id: str | None = None
    span_name: str | None = None


class Receipt(Struct, frozen=True, kw_only=True, tag="receipt"):
    """What the bytes of one answered request were (SHA-256), and its place in the chain of its worker's receipts.

    `content_hash` is over what the record keeps of them; `link` over this receipt, its record and the link before.
    """

    request_id: str
    chain: str
    place: int
    request_hash: bytes
    response_hash: bytes
    content_hash: bytes | None
    link: bytes


class Charge(Struct, frozen=True, kw_only=True, tag="charge"):
    """What a request took from one budget: `amount` is added to `budget` of the time that began at `since`.

    It is added only together with the record `request_id`, so that writing it twice changes nothing.
    """

    budget: str
    since: float
    amount: float
    request_id: str


Enclosure = (
    CachedAnswer
    | Charge
    | DocumentVectors
    | EvaluationRow
    | Job
    | MemoryRow
    | Receipt
    | Span
    | TraceMark
    | TurnRow
    | VerdictRow
)
