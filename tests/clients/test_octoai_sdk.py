"""The `octoai-sdk` package, 0.10.1, against a scripted upstream: its chats, whole and streamed, and its errors."""

from collections.abc import Iterator

import pytest

from tests.clients.features import feature
from tests.clients.packages import Package, Raised, package
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, WHOLE, Stage, both, event, piece
from tests.scripted import chunk, json_answer

HELLO = [{"role": "user", "content": "Hello?"}]


@pytest.fixture(scope="module")
def octoai(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    home = tmp_path_factory.mktemp("octoai-sdk")
    with package("octoai-sdk", "octoai_sdk", home, url=gateway.origin, key=gateway.key, model="m") as made:
        yield made


@feature("plain", "parameters")
async def test_a_chat_full_of_nulls(octoai: Package, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        answer = await octoai.call("chat", messages=HELLO)
    assert answer["choices"][0]["message"]["content"] == "Good day."
    assert answer["object"] == "chat.completion"
    asked = upstream.requests[0].json
    assert asked["max_tokens"] == 512 and None not in asked.values()


@feature("streams")
async def test_a_stream(octoai: Package, stage: Stage) -> None:
    async with stage.plays(both):
        chunks = await octoai.call("stream", messages=HELLO, max_tokens=5)
    assert "".join(one["choices"][0]["delta"]["content"] or "" for one in chunks) == "Good day."


@feature("cut")
async def test_a_stream_that_is_cut_raises(octoai: Package, stage: Stage) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        with pytest.raises(Raised) as caught:
            await octoai.call("stream", messages=HELLO)
    assert caught.value.kind == "RemoteProtocolError"


@feature("upstream")
@pytest.mark.parametrize(("status", "kind"), [(400, "OctoAIClientError"), (422, "OctoAIClientError")])
async def test_an_upstreams_error_is_its_own_exception(octoai: Package, stage: Stage, status: int, kind: str) -> None:
    async with stage.says(json_answer({"error": {"message": "Because.", "type": "some_type"}}, status)):
        for function in ("chat", "stream"):
            with pytest.raises(Raised) as caught:
                await octoai.call(function, messages=HELLO)
            assert caught.value.kind == kind and "Because." in caught.value.text


@feature("upstream", "streams")
@pytest.mark.parametrize(("status", "kind"), [(429, "OctoAIClientError"), (500, "OctoAIServerError")])
async def test_what_it_asks_again_for_when_whole_is_told_at_once_in_a_stream(
    octoai: Package, stage: Stage, status: int, kind: str
) -> None:
    async with stage.says(json_answer({"error": {"message": "Because.", "type": "some_type"}}, status)):
        with pytest.raises(Raised) as caught:
            await octoai.call("stream", messages=HELLO)
    assert caught.value.kind == kind and "Because." in caught.value.text


@feature("refusals")
async def test_parleys_own_refusals_are_its_own_exceptions(octoai: Package) -> None:
    for wrong, status in (({"model": "nothing"}, "404"), ({"key": "wrong"}, "401")):
        with pytest.raises(Raised) as caught:
            await octoai.call("chat", **{"messages": HELLO, **wrong})
        assert caught.value.kind == "OctoAIClientError" and status in caught.value.text
