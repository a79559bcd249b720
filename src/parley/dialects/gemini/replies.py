"""Reads whole replies of a Gemini upstream."""

import time

import msgspec
from msgspec import DecodeError

from parley.core.errors import UpstreamGarbled
from parley.core.fold import Fold
from parley.core.reply import Raw, Reply
from parley.dialects.gemini.candidates import Candidates
from parley.dialects.gemini.errors import told_error
from parley.dialects.gemini.shapes import NAME, Response

_RESPONSE = msgspec.json.Decoder(Response)


def read_response(data: bytes) -> Response:
    """A response, whole or a piece of a stream. Raises UpstreamGarbled, UpstreamRefused for an error in its place."""
    try:
        response = _RESPONSE.decode(data)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a Gemini response: {error}.") from None
    if response.error:
        raise told_error(response.error)
    return response


def read_reply(body: bytes, issuer: str = NAME) -> Reply:
    """The whole reply of the service `issuer`; `raw` keeps its bytes. Raises UpstreamGarbled or UpstreamRefused."""
    candidates = Candidates(issuer)
    fold = Fold()
    fold.add(candidates.event(read_response(body), body))
    if not candidates.whole:
        raise UpstreamGarbled("The upstream's answer has no candidate that is complete.")
    reply = fold.reply(id="", model="", created=int(time.time()))
    return msgspec.structs.replace(reply, raw=Raw(NAME, body))
