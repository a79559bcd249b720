"""Chats with the real engine: whole and streamed, sampled, stopped, counted."""

import httpx2
import pytest

from tests.engine.conftest import CHAT, ask, asking, events, refused, said


async def test_a_whole_answer_has_openais_shape(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "hello")
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "tiny"
    choice = answer["choices"][0]
    assert choice["message"]["role"] == "assistant"
    assert choice["finish_reason"] == "length"
    usage = answer["usage"]
    assert usage["completion_tokens"] == 16
    assert usage["total_tokens"] == usage["prompt_tokens"] + 16


async def test_a_stream_begins_with_the_role_and_says_what_the_whole_answer_says(client: httpx2.AsyncClient) -> None:
    found = await events(client, "tell me", stream_options={"include_usage": True})
    assert found[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert found[-1] == "[DONE]"
    assert found[-2]["choices"] == [] and found[-2]["usage"]["completion_tokens"] == 16
    assert found[-3]["choices"][0]["finish_reason"] == "length"
    text = "".join(event["choices"][0]["delta"].get("content", "") for event in found[:-2])
    assert text == await said(client, "tell me")


async def test_without_stream_options_no_usage_is_sent(client: httpx2.AsyncClient) -> None:
    found = await events(client, "hello")
    assert all(event["choices"] for event in found[:-1])


async def test_temperature_zero_is_greedy_and_the_same_as_top_k_one(client: httpx2.AsyncClient) -> None:
    greedy = await said(client, "one")
    assert greedy == await said(client, "one", seed=5)
    assert greedy == await said(client, "one", temperature=1, top_k=1)
    assert greedy == await said(client, "one", temperature=1, min_p=1)
    assert greedy == await said(client, "one", temperature=1, top_p=0)


async def test_the_same_seed_gives_the_same_text_and_another_seed_another(client: httpx2.AsyncClient) -> None:
    first = await said(client, "dice", temperature=1.5, seed=11, max_tokens=40)
    assert first == await said(client, "dice", temperature=1.5, seed=11, max_tokens=40)
    assert first != await said(client, "dice", temperature=1.5, seed=12, max_tokens=40)


async def test_a_seed_of_64_bits_is_taken(client: httpx2.AsyncClient) -> None:
    assert await said(client, "dice", temperature=1, seed=-(2**63)) is not None


async def test_several_choices_differ_and_all_their_tokens_count(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "dice", temperature=1.5, n=6, seed=1, ignore_eos=True)
    assert [choice["index"] for choice in answer["choices"]] == list(range(6))
    assert len({choice["message"]["content"] for choice in answer["choices"]}) > 1
    assert answer["usage"]["completion_tokens"] == 6 * 16


async def test_several_choices_stream_side_by_side(client: httpx2.AsyncClient) -> None:
    found = await events(client, "dice", temperature=1, n=3, ignore_eos=True, stream_options={"include_usage": True})
    ends = [event for event in found[:-2] if event["choices"][0]["finish_reason"]]
    assert sorted(event["choices"][0]["index"] for event in ends) == [0, 1, 2]
    assert found[-2]["usage"]["completion_tokens"] == 48


async def test_a_stop_string_ends_the_answer_and_never_shows(client: httpx2.AsyncClient) -> None:
    free = await said(client, "stop here", max_tokens=40)
    stop = free[len(free) // 2 : len(free) // 2 + 3]
    answer = await ask(client, "stop here", max_tokens=40, stop=[stop])
    assert answer["choices"][0]["message"]["content"] == free[: free.index(stop)]
    assert answer["choices"][0]["finish_reason"] == "stop"
    found = await events(client, "stop here", max_tokens=40, stop=stop)
    text = "".join(event["choices"][0]["delta"].get("content", "") for event in found[:-1])
    assert text == free[: free.index(stop)]


async def test_max_completion_tokens_bounds_the_answer(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "hello", max_completion_tokens=3, max_tokens=None, ignore_eos=True)
    assert answer["usage"]["completion_tokens"] == 3


async def test_a_logit_bias_forces_and_forbids_a_token(client: httpx2.AsyncClient) -> None:
    assert await said(client, "x", logit_bias={"73": 100}, max_tokens=4) == "IIII"
    first = ord((await said(client, "x", max_tokens=1))[0])
    assert await said(client, "x", max_tokens=1, logit_bias={str(first): -100}) != chr(first)


async def test_penalties_change_the_answer(client: httpx2.AsyncClient) -> None:
    free = await said(client, "again", max_tokens=40)
    assert free != await said(client, "again", max_tokens=40, repetition_penalty=2.0)
    assert free != await said(client, "again", max_tokens=40, presence_penalty=2.0, frequency_penalty=2.0)
    assert free == await said(client, "again", max_tokens=40, repetition_penalty=1.0, presence_penalty=0)


async def test_ignore_eos_goes_on_to_the_bound(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "hello", temperature=2, ignore_eos=True, max_tokens=300)
    assert answer["usage"]["completion_tokens"] == 300


async def test_logprobs_have_openais_shape(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "hello", logprobs=True, top_logprobs=3, max_tokens=4)
    content = answer["choices"][0]["logprobs"]["content"]
    for entry in content:
        assert set(entry) == {"token", "logprob", "bytes", "top_logprobs"}
        assert len(entry["top_logprobs"]) == 3
        assert entry["logprob"] == entry["top_logprobs"][0]["logprob"] <= 0
    bare = await ask(client, "hello", logprobs=True, max_tokens=4)
    assert all(entry["top_logprobs"] == [] for entry in bare["choices"][0]["logprobs"]["content"])


async def test_a_part_list_reads_like_a_text(client: httpx2.AsyncClient) -> None:
    parts = [{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}]
    answer = await client.post(CHAT, json={**asking(""), "messages": [{"role": "user", "content": parts}]})
    assert answer.json()["choices"][0]["message"]["content"] == await said(client, "hello")


async def test_a_control_token_in_a_users_text_stays_text(client: httpx2.AsyncClient) -> None:
    plain = (await ask(client, "a"))["usage"]["prompt_tokens"]
    written = (await ask(client, "a<|im_end|>"))["usage"]["prompt_tokens"]
    assert written - plain >= 8  # its letters, not one token


async def test_null_is_as_if_not_given(client: httpx2.AsyncClient) -> None:
    fields = ("stop", "seed", "n", "logit_bias", "tools", "response_format", "peft", "top_k", "stream_options", "user")
    assert await said(client, "hello", **dict.fromkeys(fields)) == await said(client, "hello")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temperature": 5}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"n": 0}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"stop": 3}, "stop"),
        ({"stop": ""}, "stop"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
        ({"logit_bias": {"99999": 1}}, "logit_bias"),
        ({"logit_bias": {"1": 101}}, "logit_bias"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"content": "hello"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
    ],
)
async def test_a_wrong_value_is_a_400_that_names_it(
    client: httpx2.AsyncClient, fields: dict[str, object], param: str
) -> None:
    status, error = await refused(client, CHAT, asking("hello", **fields))
    assert (status, error["param"]) == (400, param)
    assert error["type"] == "invalid_request_error" and error["message"]


async def test_a_prompt_that_is_too_long_says_both_numbers(client: httpx2.AsyncClient) -> None:
    status, error = await refused(client, CHAT, asking("a " * 3000))
    assert (status, error["code"]) == (400, "context_length_exceeded")
    assert "2047" in error["message"]


async def test_an_unknown_model_is_a_404_with_the_names_there_are(client: httpx2.AsyncClient) -> None:
    status, error = await refused(client, CHAT, asking("hello", model="nobody"))
    assert status == 404
    assert "tiny" in error["message"]


async def test_broken_json_and_wrong_paths_are_refused(client: httpx2.AsyncClient) -> None:
    for body in (b"{", b"", b"[]", b"[" * 100_000, b'{"messages": NaN}', b"\xff"):
        assert (await client.post(CHAT, content=body)).status_code == 400
    assert (await client.get(CHAT)).status_code == 405
    assert (await client.get("/")).status_code == 404
