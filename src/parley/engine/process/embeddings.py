"""`POST /v1/embeddings`: vectors of texts from an encoder."""

import asyncio
import base64
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from parley.core.asks import Embed
from parley.core.errors import BadRequest, GatewayError, Internal
from parley.engine.process.asks import EMBED, read, several
from parley.engine.process.load import Model
from parley.engine.process.models import Models
from parley.engine.process.threads import in_thread

TEXTS = 2048  # in one request, as OpenAI's
TOGETHER = 16  # texts between two chances to cancel
FORMATS = ("float", "base64")


class Vector(Struct):
    """One vector of llama.cpp's answer."""

    embedding: list[float]


class Vectors(Struct):
    """llama.cpp's answer, or its error."""

    data: list[Vector] = []
    error: dict[str, Any] | None = None


VECTORS = msgspec.json.Decoder(Vectors)


async def embeddings(models: Models, body: bytes) -> bytes:
    """The vectors of the inputs, in order. Raises GatewayError."""
    ask = read(body, EMBED)
    if ask.encoding_format not in (None, *FORMATS):
        raise BadRequest("encoding_format is `float` or `base64`.", param="encoding_format")
    async with models.use(ask.model) as model:
        if not model.embeds:
            raise BadRequest(f"{model.name} answers chats; vectors come from an encoder.", param="model")
        if ask.dimensions is not None and ask.dimensions > model.width:
            raise BadRequest(f"The vectors of {model.name} have {model.width} dimensions.", param="dimensions")
        inputs = await asyncio.to_thread(inputs_of, model, several(ask.input, "input", TEXTS))
        rows = []
        async with model.admission.slot():
            for at in range(0, len(inputs), TOGETHER):
                rows.append(await in_thread(model.threads, embed, model, inputs[at : at + TOGETHER]))
        return reply(ask, np.concatenate(rows), sum(len(ids) for ids in inputs))


def inputs_of(model: Model, asked: list[str | list[int]]) -> list[list[int]]:
    """Every input as tokens, with those the encoder puts around them. Raises BadRequest."""
    vocabulary, found = model.vocabulary, []
    for index, item in enumerate(asked):
        ids = vocabulary.sentence(item) if isinstance(item, str) else list(item)
        if not ids or not all(0 <= token < vocabulary.size for token in ids):
            raise BadRequest(f"input[{index}] is empty or has tokens that the model does not know.", param="input")
        if len(ids) > model.context:
            sentence = f"input[{index}] has {len(ids)} tokens; this model takes at most {model.context}."
            raise BadRequest(sentence, param="input", code="context_length_exceeded")
        found.append(ids)
    return found


def embed(model: Model, inputs: list[list[int]]) -> NDArray[np.float32]:
    """Run the encoder; blocks. Rows are vectors of length 1."""
    try:
        answer = VECTORS.decode(model.server.handle_embeddings(msgspec.json.encode({"input": inputs})))
    except ValueError as error:
        raise BadRequest(str(error)[:500], param="input") from None
    except RuntimeError:
        raise failed() from None
    if answer.error is not None or len(answer.data) != len(inputs):
        raise failed()
    return np.array([vector.embedding for vector in answer.data], np.float32)


def failed() -> GatewayError:
    """The encoder gave no vectors for a reason that is not the caller's."""
    return Internal("The engine could not compute the vectors; its log says why.")


def reply(ask: Embed, rows: NDArray[np.float32], tokens: int) -> bytes:
    """OpenAI's answer; shortened vectors are scaled to length 1 again."""
    if ask.dimensions is not None:
        rows = rows[:, : ask.dimensions]
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    packed: list[Any] = rows.tolist()
    if ask.encoding_format == "base64":
        packed = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in rows]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(packed)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return msgspec.json.encode({"object": "list", "data": data, "model": ask.model, "usage": usage})
