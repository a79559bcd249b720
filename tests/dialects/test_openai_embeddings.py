"""Embeddings, both ways."""

import json
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse

from parley.core.call import Source
from parley.core.errors import BadRequest, UpstreamGarbled
from parley.dialects import openai_embeddings as dialect

ANSWER = {
    "object": "list",
    "model": "e",
    "data": [
        {"object": "embedding", "index": 1, "embedding": [0.5, -2.0]},
        {"object": "embedding", "index": 0, "embedding": [1.0, 0.25]},
    ],
    "usage": {"prompt_tokens": 4, "total_tokens": 4},
}


def ask(**fields: Any) -> bytes:
    return json.dumps({"model": "e", "input": ["a", "b"], **fields}).encode()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": 5}, "input"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        dialect.read_embed(ask(**fields))
    assert caught.value.param == param


def test_the_call_keeps_the_clients_fields() -> None:
    embed, fields = dialect.read_embed(ask(odd=1, application="x"))
    source = Source(dialect=dialect.NAME, fields=fields, asked=embed)
    told = json.loads(dialect.write_call(embed, source, model="up", accepts=frozenset(), provider="acme"))
    assert told == {"model": "up", "input": ["a", "b"], "odd": 1}


def test_vectors_come_in_order_and_in_the_encoding_asked_for() -> None:
    data = json.dumps(ANSWER).encode()
    reply = dialect.read_reply(data)
    assert reply.vectors == ([1.0, 0.25], [0.5, -2.0])
    assert dialect.write_reply(reply, dialect.read_embed(ask())[0]) == data
    packed = dialect.write_reply(reply, dialect.read_embed(ask(encoding_format="base64"))[0])
    CreateEmbeddingResponse.model_validate_json(
        dialect.write_reply(dialect.read_reply(packed), dialect.read_embed(ask())[0])
    )
    again = dialect.read_reply(packed)
    assert [dialect.to_floats(vector) for vector in again.vectors] == [[1.0, 0.25], [0.5, -2.0]]


@pytest.mark.parametrize("vector", ["?", "QUI="])
def test_what_is_no_vector_is_garbled(vector: str) -> None:
    with pytest.raises(UpstreamGarbled):
        dialect.to_floats(vector)
    with pytest.raises(UpstreamGarbled):
        dialect.read_reply(b'{"data":[]}')
