"""How likely prompts are, held against an independent forward pass in numpy."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.engine import ggufs
from tests.engine.conftest import CHAT, ask, asking, events, refused, said
from tests.engine.numpy_llama import adapted, log_probabilities, tensors_of

TEXT = "/v1/completions"
CLOSE = 2e-3  # nats; llama.cpp computes in float32, the truth in float64
LONG = "the word of that is not but it was for all " * 30
AWKWARD = "caf\u00e9 \u2603 \U0001f600 the\x00end"


@pytest.fixture(scope="session")
def weights(made: Path) -> dict[str, Any]:
    return tensors_of(made / "tiny.gguf")


@pytest.fixture(scope="session")
def adapter(made: Path) -> dict[str, Any]:
    return tensors_of(made / "a.gguf")


def ids_of(entries: list[dict[str, Any]]) -> list[int]:
    """The tokens that log-probabilities are about, by their bytes."""
    tokens = ggufs.vocabulary()[0]
    letters = ggufs.byte_letters()
    names = {token: index for index, token in enumerate(tokens)}
    found = []
    for entry in entries:
        written = bytes(entry["bytes"])
        plain = written.decode("utf-8", "replace")
        found.append(names[plain] if plain in ggufs.CONTROL else names["".join(letters[byte] for byte in written)])
    return found


def check(entries: list[dict[str, Any]], weights: dict[str, Any], first: int, top: int = 0) -> None:
    """Each entry is what the forward pass says."""
    ids = [first, *ids_of(entries)]
    truth = log_probabilities(weights, ids, ggufs.Sizes())
    expected = truth[np.arange(len(ids) - 1), ids[1:]]
    assert np.abs(np.array([entry["logprob"] for entry in entries]) - expected).max() < CLOSE
    for entry, row in zip(entries, truth, strict=False):
        likeliest = np.sort(row)[::-1][:top]
        assert (
            np.abs(np.array([other["logprob"] for other in entry["top_logprobs"]]) - likeliest).max(initial=0) < CLOSE
        )
        assert len(entry["top_logprobs"]) == top


START = ggufs.vocabulary()[0].index("<|im_start|>")


@pytest.mark.parametrize("text", ["hello", LONG, AWKWARD])
async def test_a_chats_tokens_have_the_log_probabilities_of_the_forward_pass(
    client: httpx2.AsyncClient, weights: dict[str, Any], text: str
) -> None:
    answer = await ask(client, text, loglikelihood=True, logprobs=True, top_logprobs=4)
    choice = answer["choices"][0]
    assert choice["message"]["content"] == "" and choice["finish_reason"] == "stop"
    entries = choice["logprobs"]["content"]
    prompt = (await ask(client, text, max_tokens=1))["usage"]["prompt_tokens"]
    assert answer["usage"]["completion_tokens"] == 0
    assert answer["usage"]["prompt_tokens"] == prompt == len(entries) + 1
    written = b"".join(bytes(entry["bytes"]) for entry in entries).decode()
    assert written == f"user\n{text}<|im_end|>\n<|im_start|>assistant\n"
    check(entries, weights, START, top=4)


async def test_an_adapter_changes_them_as_it_should(
    client: httpx2.AsyncClient, weights: dict[str, Any], adapter: dict[str, Any]
) -> None:
    async def read(peft: str | None) -> None:
        answer = await ask(client, "one word", loglikelihood=True, peft=peft)
        truth = weights if peft is None else adapted(weights, adapter)
        check(answer["choices"][0]["logprobs"]["content"], truth, START)

    for peft in ("a", None, "a"):
        await read(peft)


async def test_calls_at_the_same_time_do_not_disturb_each_other(
    client: httpx2.AsyncClient, weights: dict[str, Any]
) -> None:
    texts = ["one", LONG, "two of"]
    reads = (ask(client, text, loglikelihood=True) for text in texts)
    *found, chat = await asyncio.gather(*reads, said(client, "hello"))
    for answer in found:
        check(answer["choices"][0]["logprobs"]["content"], weights, START)
    assert chat == await said(client, "hello")


async def test_a_stream_bears_the_same_and_ends_well(client: httpx2.AsyncClient) -> None:
    whole = (await ask(client, LONG, loglikelihood=True))["choices"][0]["logprobs"]["content"]
    found = await events(client, LONG, loglikelihood=True, stream_options={"include_usage": True})
    assert found[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    pieces = [event["choices"][0]["logprobs"] for event in found[:-2] if event["choices"][0]["logprobs"]]
    assert [entry for piece in pieces for entry in piece["content"]] == whole
    assert found[-3]["choices"][0]["finish_reason"] == "stop"
    assert found[-2]["usage"]["completion_tokens"] == 0
    assert found[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"model": "encoder"}, "model"),
        ({"peft": "nobody"}, "peft"),
    ],
)
async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient, fields: dict[str, Any], param: str) -> None:
    status, error = await refused(client, CHAT, asking("hello", loglikelihood=True, **fields))
    assert status in (400, 404) and error["param"] == param


async def test_a_client_that_leaves_frees_the_place(client: httpx2.AsyncClient) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask(client, "not but " * 1900, model="broad", loglikelihood=True)
    async with asyncio.timeout(2):
        await ask(client, "next", model="broad", loglikelihood=True)


async def complete(client: httpx2.AsyncClient, prompt: Any, **fields: Any) -> dict[str, Any]:
    answer = await client.post(TEXT, json={"model": "tiny", "prompt": prompt, "temperature": 0, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_text_prompts_have_them_too_each_its_own(client: httpx2.AsyncClient, weights: dict[str, Any]) -> None:
    answer = await complete(client, ["AB", [65, 66, 67]], loglikelihood=True, logprobs=2)
    assert answer["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": 0,
        "total_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
    for choice, first in zip(answer["choices"], (ggufs.vocabulary()[0].index("A"), 65), strict=True):
        assert (choice["text"], choice["finish_reason"]) == ("", "stop")
        check(choice["logprobs"]["content"], weights, first, top=2)


async def test_a_prompt_of_one_token_has_none(client: httpx2.AsyncClient) -> None:
    assert (await complete(client, "A", loglikelihood=True))["choices"][0]["logprobs"]["content"] == []


async def test_echo_with_logprobs_joins_prompt_and_answer_in_the_legacy_shape(
    client: httpx2.AsyncClient, weights: dict[str, Any]
) -> None:
    answer = await complete(client, ["the word", "AB"], echo=True, logprobs=3, max_tokens=2, n=2, ignore_eos=True)
    bare = await complete(client, ["the word", "AB"], logprobs=3, max_tokens=2, n=2, ignore_eos=True)
    assert answer["usage"]["prompt_tokens"] == bare["usage"]["prompt_tokens"]
    for choice, plain in zip(answer["choices"], bare["choices"], strict=True):
        told = choice["logprobs"]
        assert choice["text"] == "".join(told["tokens"])
        assert told["token_logprobs"][0] is told["top_logprobs"][0] is None
        assert told["tokens"][-2:] == plain["logprobs"]["tokens"]
        assert all(choice["text"][at:].startswith(token) for at, token in zip(*both(told), strict=True))
        ids = ids_of([{"bytes": list(token.encode())} for token in told["tokens"]])
        truth = log_probabilities(weights, ids, ggufs.Sizes())[np.arange(len(ids) - 1), ids[1:]]
        assert np.abs(np.array(told["token_logprobs"][1:]) - truth).max() < 0.02  # the answer's own are from float16
        assert all(len(row) == 3 for row in told["top_logprobs"][1:])


def both(told: dict[str, Any]) -> tuple[list[int], list[str]]:
    return told["text_offset"], told["tokens"]


async def test_broken_letters_are_spelled_in_bytes_and_offsets_count_whole_ones(client: httpx2.AsyncClient) -> None:
    told = (await complete(client, "a\u2603b", echo=True, logprobs=0, max_tokens=1))["choices"][0]["logprobs"]
    assert told["tokens"][:5] == ["a", "bytes:\\xe2", "bytes:\\x98", "bytes:\\x83", "b"]
    assert told["text_offset"][:5] == [0, 1, 1, 1, 2]
    assert told["top_logprobs"] is None


async def test_a_streamed_echo_says_the_prompt_first_with_its_log_probabilities(client: httpx2.AsyncClient) -> None:
    fields = {"echo": True, "logprobs": 1, "max_tokens": 3, "ignore_eos": True}
    whole = (await complete(client, "the word", **fields))["choices"][0]
    body = {"model": "tiny", "prompt": "the word", "temperature": 0, "stream": True, **fields}
    async with client.stream("POST", TEXT, json=body) as answer:
        data = [line.removeprefix("data: ") async for line in answer.aiter_lines() if line]
    pieces = [json.loads(item)["choices"][0] for item in data[:-1]]
    assert pieces[0]["text"] == "the word" and pieces[0]["logprobs"]["token_logprobs"][0] is None
    for field in ("tokens", "text_offset"):
        assert [one for piece in pieces for one in (piece["logprobs"] or {}).get(field, [])] == whole["logprobs"][field]
