"""Vectors from Gemini and from Vertex."""

import json
from typing import Any

import pytest

from parley.core.errors import BadRequest, UpstreamGarbled, UpstreamRefused
from parley.core.reply import Usage
from parley.dialects.gemini import read_vectors, write_embed, write_predict
from parley.dialects.openai_embeddings import read_embed


def ask(**fields: Any) -> Any:
    return read_embed(json.dumps({"input": ["a", "b"], **fields}).encode())[0]


def test_texts_are_asked_for_in_one_batch() -> None:
    told = json.loads(write_embed(ask(dimensions=3), model="models/e", provider="acme"))
    assert told["requests"][1] == {
        "model": "models/e",
        "outputDimensionality": 3,
        "content": {"parts": [{"text": "b"}]},
    }
    told = json.loads(write_embed(ask(dimensions=3), model=None, provider="acme"))
    assert told["requests"][0] == {
        "embedContentConfig": {"outputDimensionality": 3},
        "content": {"parts": [{"text": "a"}]},
    }
    assert json.loads(write_predict(ask(input="a", dimensions=3), provider="acme")) == {
        "instances": [{"content": "a"}],
        "parameters": {"outputDimensionality": 3},
    }


def test_token_ids_are_refused() -> None:
    with pytest.raises(BadRequest, match="token ids"):
        write_embed(ask(input=[1, 2]), model="e", provider="acme")


def test_both_answers_are_read() -> None:
    reply = read_vectors(b'{"embeddings":[{"values":[1,2]},{"values":[3,4]}],"usageMetadata":{"promptTokenCount":5}}')
    assert (reply.vectors, reply.usage) == (([1.0, 2.0], [3.0, 4.0]), Usage(prompt_tokens=5))
    predicted = {"predictions": [{"embeddings": {"values": [1, 2], "statistics": {"token_count": 4.0}}}]}
    reply = read_vectors(json.dumps(predicted).encode())
    assert (reply.vectors, reply.usage) == (([1.0, 2.0],), Usage(prompt_tokens=4))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"embeddings":[{"values":[1]},{}]}', b'{"embeddings":5}'])
def test_what_is_no_vector_is_garbled(body: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read_vectors(body)


def test_an_error_in_place_of_vectors_is_told() -> None:
    with pytest.raises(UpstreamRefused, match="No") as caught:
        read_vectors(b'{"error":{"code":404,"message":"No."}}')
    assert caught.value.status == 404
