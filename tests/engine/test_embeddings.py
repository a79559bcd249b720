"""Vectors from a real encoder: order, batches, formats, bounds."""

import asyncio
import base64
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.engine.conftest import refused

PATH = "/v1/embeddings"


async def vectors(client: httpx2.AsyncClient, given: Any, **fields: Any) -> list[Any]:
    answer = await client.post(PATH, json={"model": "encoder", "input": given, **fields})
    assert answer.status_code == 200, answer.text
    rows = answer.json()["data"]
    assert [row["index"] for row in rows] == list(range(len(rows)))
    return [row["embedding"] for row in rows]


async def test_vectors_have_length_one_and_keep_their_order(client: httpx2.AsyncClient) -> None:
    texts = [f"the word {letter}" for letter in "abcdefghijklmnopqrst"]
    many = np.array(await vectors(client, texts))
    assert many.shape == (20, 32)
    assert np.allclose(np.linalg.norm(many, axis=1), 1, atol=1e-3)
    for index in (0, 7, 19):
        assert np.allclose(many[index], (await vectors(client, texts[index]))[0], atol=1e-3)


async def test_base64_holds_the_same_floats(client: httpx2.AsyncClient) -> None:
    plain = (await vectors(client, "the word"))[0]
    packed = (await vectors(client, "the word", encoding_format="base64"))[0]
    assert np.allclose(np.frombuffer(base64.b64decode(packed), "<f4"), plain, atol=1e-6)


async def test_fewer_dimensions_are_the_first_ones_scaled_to_length_one(client: httpx2.AsyncClient) -> None:
    full, short = (await vectors(client, "the"))[0], (await vectors(client, "the", dimensions=8))[0]
    assert len(short) == 8
    assert np.allclose(short, np.array(full[:8]) / np.linalg.norm(full[:8]), atol=1e-5)


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"input": "a " * 100}, "input", "context_length_exceeded"),
        ({"input": []}, "input", None),
        ({"input": [[1, 99999]]}, "input", None),
        ({"dimensions": 33}, "dimensions", None),
        ({"encoding_format": "int8"}, "encoding_format", None),
        ({"model": "tiny"}, "model", None),
    ],
)
async def test_what_can_not_be_embedded_is_refused(
    client: httpx2.AsyncClient, fields: dict[str, Any], param: str, code: str | None
) -> None:
    status, error = await refused(client, PATH, {"model": "encoder", "input": "the", **fields})
    assert (status, error["param"], error["code"]) == (400, param, code)


async def test_an_encoder_does_not_chat(client: httpx2.AsyncClient) -> None:
    body = {"model": "encoder", "messages": [{"role": "user", "content": "hello"}]}
    status, error = await refused(client, "/v1/chat/completions", body)
    assert (status, error["param"]) == (400, "model")


async def test_a_client_that_leaves_is_not_embedded_to_the_end(client: httpx2.AsyncClient) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await vectors(client, ["the word of that " * 4] * 2048)
    async with asyncio.timeout(1):
        assert len(await vectors(client, "the")) == 1
