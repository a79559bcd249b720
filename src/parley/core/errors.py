"""Every way in which a call can end badly, by whose fault it was.

    GatewayError
    ├── CallerError            the caller can mend it
    │   ├── BadRequest         400    ├── Unauthenticated 401    ├── Forbidden   403
    │   ├── NotFound           404    ├── Conflict        409    ├── TooLarge    413
    │   ├── MethodNotAllowed   405    ├── Unprocessable   422    ├── RateLimited 429
    │   ├── BudgetSpent        412    └── ModelNotAllowed 412
    ├── HouseError             Parley's own
    │   ├── Overloaded         503    ├── Internal        500
    │   └── AnswerAtFault      422
    └── UpstreamError          the provider's
        ├── UpstreamRefused    the upstream's own status
        ├── UpstreamUnreachable 502   ├── UpstreamTimedOut 504
        └── UpstreamCut        502    └── UpstreamGarbled  502

A dialect turns an error into its client's shape; `message` is one sentence that may be shown to anyone.
"""


class GatewayError(Exception):
    """An error with everything that a client is told of it."""

    status = 500
    type = "server_error"
    code: str | None = None

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        type: str | None = None,
        status: int | None = None,
        retry_after: str | None = None,
        detail: str | None = None,
    ) -> None:
        """`retry_after` is the value of a Retry-After header: seconds or an HTTP date.

        `detail` is for the operator alone: addresses and the like, which a client has no business to see.
        """
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after
        self.detail = detail
        if code is not None:
            self.code = code
        if type is not None:
            self.type = type
        if status is not None:
            self.status = status


class CallerError(GatewayError):
    """The caller can mend it."""

    status = 400
    type = "invalid_request_error"


class BadRequest(CallerError):
    """A value is missing, wrong or out of range."""


class Unauthenticated(CallerError):
    """No key, or one that is unknown, revoked or expired."""

    status = 401
    type = "authentication_error"
    code = "invalid_api_key"


class Forbidden(CallerError):
    """The key is good, but not for this."""

    status = 403
    type = "permission_error"
    code = "insufficient_scope"


class NotFound(CallerError):
    """There is no such thing."""

    status = 404
    type = "not_found_error"
    code = "not_found"


class MethodNotAllowed(CallerError):
    """The path is right, the method is not."""

    status = 405
    code = "method_not_allowed"


class Conflict(CallerError):
    """It is there already, or somebody changed it in between."""

    status = 409
    code = "conflict"


class TooLarge(CallerError):
    """The body is larger than `server.max_body`."""

    status = 413
    code = "request_too_large"


class Unprocessable(CallerError):
    """Well-formed, but not what this path takes; used where a service's own wire says 422."""

    status = 422


class RateLimited(CallerError):
    """Too many requests or tokens for this key, account or budget."""

    status = 429
    type = "rate_limit_error"
    code = "rate_limit_exceeded"


class BudgetSpent(CallerError):
    """A budget of the key or its account is used up; Portkey's clients know the status and the type (2026-03)."""

    status = 412
    type = "virtual_key_exhaust_error"
    code = "04"


class ModelNotAllowed(CallerError):
    """The key, or its account, may not ask this model; status and type as Portkey's."""

    status = 412
    type = "model_not_allowed_error"
    code = "model_not_allowed"


class HouseError(GatewayError):
    """Parley's own fault."""


class Overloaded(HouseError):
    """Too much is waiting; come back after `retry_after`."""

    status = 503
    type = "overloaded_error"
    code = "overloaded"


class Internal(HouseError):
    """A fault in Parley; the log has its trace, the client only the request's id."""

    code = "internal_error"


class AnswerAtFault(HouseError):
    """The model's answer is not what its application expects, could not be corrected, and so is not given (422).

    Not a 5xx: clients repeat those on their own, and each repetition would be judged and corrected anew.
    """

    status = 422
    type = "evaluation_error"
    code = "answer_at_fault"


class UpstreamError(GatewayError):
    """The provider's fault."""

    status = 502
    type = "upstream_error"


class UpstreamRefused(UpstreamError):
    """The upstream answered with an error of its own; status, words and Retry-After are passed on as they are."""


class UpstreamUnreachable(UpstreamError):
    """No connection: refused, no such host, TLS failed."""

    code = "upstream_unreachable"


class UpstreamTimedOut(UpstreamError):
    """The upstream did not answer in time."""

    status = 504
    code = "upstream_timeout"


class UpstreamCut(UpstreamError):
    """The upstream closed the connection before its answer was complete."""

    code = "upstream_cut"


class UpstreamGarbled(UpstreamError):
    """What the upstream sent is not an answer: not JSON, an error inside a 200, no choices."""

    code = "upstream_garbled"


CLIENT_LEFT = "the client left"
"""The message of the cancellation that a client causes by leaving; any other cancellation is the house's own."""
DEADLINE_PASSED = "the deadline passed"
"""The message of the cancellation of a call that took longer than `server.timeout`."""


def own_fault(error: BaseException) -> GatewayError:
    """What to tell a client, and the ledger, of a call that Parley itself cancelled."""
    if error.args[:1] == (DEADLINE_PASSED,):
        return UpstreamTimedOut("The answer was not complete within `server.timeout`.")
    return Overloaded("Parley is stopping; ask again.", retry_after="1")
