"""Texts to vectors in Gemini's words: `batchEmbedContents`, and Vertex's `predict` for its text embedding models.

References: ai.google.dev/api/embeddings, cloud.google.com/vertex-ai/generative-ai/docs/model-reference/
text-embeddings-api, and google-genai 3.4.0, all of 2026-11.
"""

import time

import msgspec
from msgspec import DecodeError, Struct

from parley.core.asks import Embed, Json
from parley.core.errors import BadRequest, UpstreamGarbled
from parley.core.reply import Reply, Usage
from parley.dialects.gemini.errors import told_error
from parley.dialects.gemini.shapes import UsageMetadata


class _Statistics(Struct, frozen=True):
    token_count: float | None = None


class _Vector(Struct, frozen=True):
    values: list[float] | None = None
    statistics: _Statistics | None = None


class _Prediction(Struct, frozen=True):
    embeddings: _Vector = _Vector()


class _Read(Struct, frozen=True, rename="camel"):
    embeddings: list[_Vector] | None = None
    predictions: list[_Prediction] | None = None
    usage_metadata: UsageMetadata | None = None
    error: Json = None


_READ = msgspec.json.Decoder(_Read)


def write_embed(ask: Embed, *, model: str | None, provider: str) -> bytes:
    """The body of `batchEmbedContents`. Raises BadRequest for lists of tokens.

    The API-key service wants the model's whole name in each request; Vertex (`model` None) wants none, and what the
    vector shall be like in a config of its own.
    """
    size = {"outputDimensionality": ask.dimensions} if ask.dimensions is not None else {}
    fixed: dict[str, Json] = {"model": model, **size} if model is not None else {"embedContentConfig": size}
    return msgspec.json.encode(
        {"requests": [{**fixed, "content": {"parts": [{"text": text}]}} for text in _texts(ask, provider)]}
    )


def write_predict(ask: Embed, *, provider: str) -> bytes:
    """The body of Vertex's `predict`. Raises BadRequest for lists of tokens."""
    body: dict[str, Json] = {"instances": [{"content": text} for text in _texts(ask, provider)]}
    if ask.dimensions is not None:
        body["parameters"] = {"outputDimensionality": ask.dimensions}
    return msgspec.json.encode(body)


def read_vectors(body: bytes) -> Reply:
    """The vectors of either answer, in the order of the inputs. Raises UpstreamGarbled or UpstreamRefused."""
    try:
        read = _READ.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a list of embeddings: {error}.") from None
    if read.error:
        raise told_error(read.error)
    told = read.embeddings or [prediction.embeddings for prediction in read.predictions or ()]
    vectors = [vector.values for vector in told if vector.values]
    if not vectors or len(vectors) != len(told):
        raise UpstreamGarbled("The upstream's answer has no embeddings.")
    return Reply(id="", model="", created=int(time.time()), usage=_usage(read, told), vectors=tuple(vectors))


def _usage(read: _Read, told: list[_Vector]) -> Usage | None:
    if read.usage_metadata is not None:
        return read.usage_metadata.canon()
    counted = [vector.statistics.token_count or 0 for vector in told if vector.statistics is not None]
    return Usage(prompt_tokens=int(sum(counted))) if counted else None


def _texts(ask: Embed, provider: str) -> list[str]:
    given = [ask.input] if isinstance(ask.input, str) else ask.input
    texts = [text for text in given if isinstance(text, str)]
    if len(texts) != len(given):
        raise BadRequest(
            f"`input` must be a text or a list of texts with the provider `{provider}`, not token ids.",
            param="input",
            code="unsupported_parameter",
        )
    return texts
