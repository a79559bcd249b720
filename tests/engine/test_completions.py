"""Text completions with the real engine: prompts in every form, echo, the legacy log-probabilities."""

import json
from typing import Any

import httpx2
import pytest

from tests.engine.conftest import refused

PATH = "/v1/completions"


async def complete(client: httpx2.AsyncClient, prompt: Any, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={"model": "tiny", "prompt": prompt, "temperature": 0, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_sixteen_tokens_follow_a_prompt_unless_told_otherwise(client: httpx2.AsyncClient) -> None:
    answer = await complete(client, "the word", ignore_eos=True)
    assert answer["object"] == "text_completion"
    assert answer["usage"]["completion_tokens"] == 16


async def test_tokens_and_text_are_the_same_prompt(client: httpx2.AsyncClient) -> None:
    text, tokens = await complete(client, "AB"), await complete(client, [65, 66])
    assert text["choices"] == tokens["choices"]


async def test_several_prompts_and_choices_come_back_in_order(client: httpx2.AsyncClient) -> None:
    answer = await complete(client, ["one", "two"], n=2, echo=True, max_tokens=3)
    texts = [choice["text"] for choice in answer["choices"]]
    assert [text[:3] for text in texts] == ["one", "one", "two", "two"]
    assert answer["usage"]["completion_tokens"] == 12


async def test_logprobs_have_the_legacy_shape(client: httpx2.AsyncClient) -> None:
    logprobs = (await complete(client, "the", logprobs=2, max_tokens=5))["choices"][0]["logprobs"]
    count = len(logprobs["tokens"])
    assert count == len(logprobs["token_logprobs"]) == len(logprobs["top_logprobs"]) == len(logprobs["text_offset"])
    assert logprobs["text_offset"][0] == 0
    assert all(len(row) <= 2 for row in logprobs["top_logprobs"])


async def test_a_stream_says_the_same_and_ends_with_done(client: httpx2.AsyncClient) -> None:
    whole = await complete(client, "the", echo=True)
    body = {"model": "tiny", "prompt": "the", "temperature": 0, "echo": True, "stream": True}
    async with client.stream("POST", PATH, json=body) as answer:
        data = [line.removeprefix("data: ") async for line in answer.aiter_lines() if line]
    assert data[-1] == "[DONE]"
    pieces = [json.loads(item)["choices"][0] for item in data[:-1]]
    assert "".join(piece["text"] for piece in pieces) == whole["choices"][0]["text"]
    assert pieces[-1]["finish_reason"] == whole["choices"][0]["finish_reason"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"suffix": "end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [99999]}, "prompt"),
        ({"prompt": ["a", 1]}, "prompt"),
        ({"prompt": "a " * 3000}, "prompt"),
        ({"model": "encoder"}, "model"),
    ],
)
async def test_what_can_not_be_done_is_refused(client: httpx2.AsyncClient, fields: dict[str, Any], param: str) -> None:
    status, error = await refused(client, PATH, {"model": "tiny", "prompt": "the", **fields})
    assert (status, error["param"]) == (400, param)
