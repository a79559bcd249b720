"""OpenAI's embeddings, both directions: `read_embed` and `write_reply` for clients, `write_call` and `read_reply` for
upstreams. A vector is a list of floats or, as OpenAI's own clients ask by default, base64 of little-endian float32."""

import base64
import binascii
import struct
import time

import msgspec
from msgspec import DecodeError, Struct

from parley.core.asks import Embed, Json
from parley.core.call import Source
from parley.core.error_shape import refusal_of
from parley.core.errors import BadRequest, UpstreamGarbled, UpstreamRefused
from parley.core.fitting import canon_fields, client_fields
from parley.core.reading import read_body
from parley.core.reply import Raw, Reply, Usage
from parley.core.texts import check_texts
from parley.core.usage_shape import UsageShape

NAME = "openai_embeddings"

MOST_INPUTS = 2048  # OpenAI's limit (2026-08)


class _Item(Struct, frozen=True):
    index: int = 0
    embedding: list[float] | str = ""


class _Answer(Struct, frozen=True):
    data: list[_Item] | None = None
    model: str | None = None
    usage: UsageShape | None = None
    error: Json = None


_EMBED = msgspec.json.Decoder(Embed)
_ANSWER = msgspec.json.Decoder(_Answer)


def read_embed(body: bytes) -> tuple[Embed, dict[str, msgspec.Raw]]:
    """The texts that `body` wants embedded, and its fields' own bytes. Raises BadRequest naming the parameter."""
    ask, fields = read_body(_EMBED, body)
    if ask.encoding_format not in (None, "float", "base64"):
        raise _bad("encoding_format", "must be `float` or `base64`")
    check_texts(ask.input, "input", most=MOST_INPUTS, empty=False)
    return ask, fields


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")


def write_call(ask: Embed, source: Source, *, model: str, accepts: frozenset[str], provider: str) -> bytes:
    """The JSON that asks an upstream of this dialect; every provider takes all of its fields."""
    body = client_fields(ask, source, ()) if source.dialect == NAME else canon_fields(ask, ())
    body["model"] = model
    return msgspec.json.encode(body)


def read_reply(body: bytes) -> Reply:
    """The upstream's vectors, in the order of the inputs. Raises UpstreamGarbled or UpstreamRefused."""
    try:
        read = _ANSWER.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a list of embeddings: {error}.") from None
    if read.error:
        raise refusal_of(UpstreamRefused.status, {"error": read.error})
    if not read.data:
        raise UpstreamGarbled("The upstream's answer has no embeddings.")
    items = sorted(read.data, key=lambda item: item.index)
    return Reply(
        id="",
        model=read.model or "",
        created=int(time.time()),
        usage=read.usage.canon() if read.usage is not None else None,
        raw=Raw(NAME, body),
        vectors=tuple([item.embedding for item in items]),
    )


def write_reply(reply: Reply, ask: Embed) -> bytes:
    """The JSON of `reply` in the encoding that the client asked for; the upstream's bytes if they are in it."""
    wants_base64 = ask.encoding_format == "base64"
    fits = all(isinstance(vector, str) == wants_base64 for vector in reply.vectors)
    if fits and reply.raw is not None and reply.raw.dialect == NAME:
        return reply.raw.data
    convert = to_base64 if wants_base64 else to_floats
    data = [
        {"object": "embedding", "index": place, "embedding": convert(vector)}
        for place, vector in enumerate(reply.vectors)
    ]
    usage = reply.usage or Usage()
    counted = {"prompt_tokens": usage.prompt_tokens, "total_tokens": usage.total_tokens}
    return msgspec.json.encode({"object": "list", "data": data, "model": reply.model, "usage": counted})


def to_base64(vector: list[float] | str) -> str:
    """Little-endian float32 in base64; a vector that is in it already stays. Raises UpstreamGarbled."""
    if isinstance(vector, str):
        return vector
    try:
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    except OverflowError:
        raise UpstreamGarbled("The upstream's embedding holds a number that is no float32.") from None


def to_floats(vector: list[float] | str) -> list[float]:
    """A list of floats. Raises UpstreamGarbled for text that is not base64 of float32 numbers."""
    if not isinstance(vector, str):
        return vector
    try:
        data = base64.b64decode(vector, validate=True)
        return list(struct.unpack(f"<{len(data) // 4}f", data))
    except (binascii.Error, ValueError, struct.error) as error:
        raise UpstreamGarbled(f"The upstream's embedding is not base64 of float32 numbers: {error}.") from None
