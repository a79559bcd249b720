"""LoRA adapters: chosen by name, per request, and never mixed up."""

import asyncio
import random

import httpx2

from tests.engine.conftest import CHAT, ask, asking, refused, said


async def first_logprob(client: httpx2.AsyncClient, text: str, peft: str | None) -> float:
    """The log-probability of the first token of an answer."""
    answer = await ask(client, text, peft=peft, logprobs=True, max_tokens=1)
    return float(answer["choices"][0]["logprobs"]["content"][0]["logprob"])


async def test_each_adapter_answers_differently_and_an_empty_name_is_none(client: httpx2.AsyncClient) -> None:
    answers = [await said(client, "hello", peft=name) for name in ("a", "b", None)]
    assert len(set(answers)) == 3
    assert await said(client, "hello", peft="") == answers[2]
    assert await said(client, "hello", loras={"a": 1.0}) == answers[0]
    assert await said(client, "hello", loras={"a": 0.0}) == answers[2]


async def test_an_unknown_adapter_is_a_404_with_the_names_there_are(client: httpx2.AsyncClient) -> None:
    status, error = await refused(client, CHAT, asking("hello", peft="nobody"))
    assert (status, error["param"]) == (404, "peft")
    assert "a, b" in error["message"]


async def test_hundreds_of_mixed_requests_do_not_contaminate_each_other(client: httpx2.AsyncClient) -> None:
    texts, names = [f"one word {number} of" for number in range(8)], ["a", "b", None]
    alone = {(text, name): await first_logprob(client, text, name) for text in texts for name in names}
    pairs = random.Random(4).choices(list(alone), k=300)

    async def worker(mine: list[tuple[str, str | None]]) -> list[tuple[tuple[str, str | None], float]]:
        return [(pair, await first_logprob(client, *pair)) for pair in mine]

    found = await asyncio.gather(*(worker(pairs[at::4]) for at in range(4)))
    wrong = [(pair, value) for rows in found for pair, value in rows if abs(value - alone[pair]) > 0.02]
    assert wrong == []
