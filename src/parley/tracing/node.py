"""One span of a tree, as it is shown."""

from typing import Any

from msgspec import Struct, field

from parley.core.reply import Json


class Tokens(Struct, frozen=True, kw_only=True):
    """Tokens of a span; None where nobody counted."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class Node(Struct, kw_only=True):
    """A span and those below it. `started` in epoch seconds; `status` is `ok` or `error`, and `error` says why.

    `kind` is `request`, `attempt`, `retrieval`, `judge`, `correction`, or what else a stage named it; `client` was sent
    by a caller.
    """

    id: str
    parent_id: str | None
    kind: str
    name: str
    started: float
    ms: float
    status: str = "ok"
    error: str | None = None
    request_id: str | None = None
    model: str = ""
    provider: str = ""
    usage: Tokens | None = None
    cost_usd: float | None = None
    attributes: dict[str, Json] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)  # of Node; schemas know no circles


class Tree(Struct, frozen=True, kw_only=True):
    """A whole trace: its spans from their roots, earliest first, and their sums.

    Tokens and money are those of the requests alone, so that nothing counts twice; `ms` is from the first beginning to
    the last end.
    """

    trace_id: str
    started: float
    ms: float
    requests: int
    errors: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    spans: list[Node]
