"""What OctoAI's clients want otherwise than OpenAI's, on the same paths (`octoai` 1.11.0 and `octoai-sdk` 0.10.1).

- Without `max_tokens` the service answered at most 512 tokens.
- `octoai` drops every frame of a stream that is no chunk, errors too: only a connection that breaks off tells it. For
  `octoai-sdk` that is an error as well, but it fails on SSE comments, so that no ping may be sent.
- Of a text completion it drops a chunk that has no `system_fingerprint`.
- With `additional_body_parameters`, `octoai` sends a form with those parameters and nothing else.
"""

from msgspec import structs

from parley.core.errors import BadRequest
from parley.core.reply import Event, Raw

SETTLES = (("max_tokens", 512),)
"""The service's own API description ("ollm-api 0.1", 2024-10)."""


def check_body(body: bytes) -> None:
    """Raises BadRequest for the form that `octoai` sends instead of its JSON."""
    if b"=" in body and body.lstrip()[:1] not in (b"{", b"["):
        raise BadRequest(
            "The body is a form, not JSON: with `additional_body_parameters` this client leaves out everything else. "
            "Give these parameters in the request's JSON.",
            code="invalid_json",
        )


def printed(event: Event) -> Event:
    """The event of a text completion with a `system_fingerprint` in the upstream's own chunk."""
    raw = event.raw
    if raw is None or b'"system_fingerprint"' in raw.data:
        return event
    return structs.replace(event, raw=Raw(raw.dialect, b'{"system_fingerprint":"",' + raw.data.lstrip()[1:]))
