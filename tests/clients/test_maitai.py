"""The `maitai-python` package, 1.2.34 and 1.2.24, against a scripted upstream."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.clients.features import feature
from tests.clients.packages import Package, Raised, package
from tests.flow.asking import ask, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, Stage, both, event, piece, said
from tests.scripted import chunk, json_answer

HELLO = [{"role": "user", "content": "Hello?"}]
PORTAL = """
[applications.demo_app.intents.GREETING]
model = "m"
temperature = 0.3
max_tokens = 77
[applications.demo_app.intents.JUDGED]
model = "m"
[[applications.demo_app.intents.JUDGED.sentinels]]
name = "no greetings"
kind = "excludes"
words = ["Good"]
severity = "error"
"""
ASKED = {"messages": HELLO, "application": "demo_app", "intent": "GREETING"}


@pytest.fixture(scope="module")
def portal(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that has settled something for an intent."""
    with Gateway(tmp_path_factory.mktemp("portal"), config(stage, more=PORTAL)) as made:
        yield made


@pytest.fixture(scope="module", params=["maitai", "maitai-1.2.24"])
def maitai(
    portal: Gateway, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    home = tmp_path_factory.mktemp("home")
    with package(request.param, "maitai", home, url=portal.origin, key=portal.key) as made:
        yield made


@feature("plain", "async", "config")
@pytest.mark.parametrize("function", ["chat", "chat_async"])
async def test_a_chat_with_what_the_portal_settled(maitai: Package, stage: Stage, function: str) -> None:
    async with stage.plays(both) as upstream:
        answer = await maitai.call(function, **ASKED)
    assert answer["choices"][0]["message"]["content"] == "Good day."
    assert answer["usage"]["total_tokens"] == 10 and answer["request_id"]
    asked = upstream.requests[0].json
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("upstream-model", 0.3, 77)


@feature("streams", "async")
@pytest.mark.parametrize("function", ["stream", "stream_async"])
async def test_a_stream(maitai: Package, stage: Stage, function: str) -> None:
    async with stage.plays(both):
        chunks = await maitai.call(function, **ASKED)
    assert "".join(one["choices"][0]["delta"]["content"] or "" for one in chunks if one["choices"]) == "Good day."
    assert [one["choices"][0]["finish_reason"] for one in chunks if one["choices"]][-1] == "stop"


@feature("parameters")
async def test_what_the_caller_says_wins_and_keys_of_providers_go_nowhere(
    maitai: Package, stage: Stage, portal: Gateway
) -> None:
    async with stage.plays(both) as upstream:
        answer = await maitai.call(
            "chat", client={"openai_api_key": "sk-of-the-caller"}, session_id="s-1", user_id="u-1",
            metadata={"team": "red"}, temperature=0.9, model="m", **ASKED
        )  # fmt: skip
    seen = upstream.requests[0]
    assert seen.json["temperature"] == 0.9
    assert b"sk-of-the-caller" not in seen.body and "sk-of-the-caller" not in str(seen.headers)
    row = (await get(portal, f"/api/requests/{answer['id']}")).json
    assert (row["application"], row["intent"], row["session_id"], row["user_id"]) == (
        "demo_app", "GREETING", "s-1", "u-1"
    )  # fmt: skip
    assert "sk-of-the-caller" not in str(row)


@feature("judged", "plain", "streams")
async def test_an_evaluation_stands_in_a_whole_answer_and_on_the_last_chunk(maitai: Package, stage: Stage) -> None:
    asked = {**ASKED, "intent": "JUDGED"}
    async with stage.plays(both):
        answer = await maitai.call("chat", **asked)
        chunks = await maitai.call("stream", **asked)
    for told in (answer["evaluate_response"], chunks[-1]["evaluate_response"]):
        (result,) = told["evaluation_results"]
        assert (result["status"], result["sentinel_name"], result["severity"]) == ("FAULT", "no greetings", 3)


@feature("judged")
async def test_a_correction_is_marked(maitai: Package, stage: Stage) -> None:
    async with stage.plays(both):
        answer = await maitai.call("chat", apply_corrections=True, **{**ASKED, "intent": "JUDGED"})
    assert answer["correction_applied"] and answer["choices"][0]["is_correction"]
    assert "Good" not in answer["choices"][0]["message"]["content"]


@feature("judged")
async def test_a_callback_is_told_after_the_answer(maitai: Package, stage: Stage) -> None:
    async with stage.plays(both):
        found = await maitai.call("called_back", within=20.0, **{**ASKED, "intent": "JUDGED"})
    assert found["answer"]["choices"][0]["message"]["content"] == "Good day."
    (told,) = found["told"]
    assert [one["status"] for one in told["evaluation_results"]] == ["FAULT"]


@feature("ledger")
async def test_an_answer_that_the_client_got_elsewhere_is_handed_in(
    maitai: Package, stage: Stage, portal: Gateway
) -> None:
    for enabled in (True, False):
        session = f"s-{uuid4()}"
        async with stage.plays(both) as upstream:
            asked = {**ASKED, "session_id": session, "evaluation_enabled": enabled, "model": "gpt-x"}
            answer = await maitai.call("elsewhere", provider=stage.url, **asked)
        assert upstream.requests[0].headers["authorization"] == "Bearer sk-own"
        assert answer["choices"][0]["message"]["content"] == "Good day."
        (row,) = (await get(portal, f"/api/requests?session_id={session}")).json["data"]
        assert (row["provider"], row["application"], row["usage"]["total_tokens"]) == ("client", "demo_app", 10)


@feature("ledger")
async def test_what_is_logged_is_in_the_ledger(portal: Gateway, tmp_path: Path) -> None:
    request = {"model": "gpt-x", "messages": HELLO}
    with package("maitai", "maitai", tmp_path, url=portal.origin, key=portal.key) as maitai:
        await maitai.call(
        "log", provider="openai", request=request, response=said(), application="demo_app", intent="GREETING",
        session_id="s-log",
    )  # fmt: skip
    (row,) = (await get(portal, "/api/requests?session_id=s-log")).json["data"]
    assert (row["provider"], row["model"]) == ("openai", "gpt-x")


@feature("context")
async def test_context_is_brought_as_text_and_as_a_file(portal: Gateway, tmp_path: Path) -> None:
    (tmp_path / "opening.md").write_text("# Opening hours\n\nThe museum opens at nine.")
    with package("maitai", "maitai", tmp_path, url=portal.origin, key=portal.key) as maitai:
        await maitai.call("context", application="museum", reference="hours", file_path=str(tmp_path / "opening.md"))
        await maitai.call("context", application="museum", reference="price", context_body="A ticket costs 12 euros.")
    listed = (await get(portal, "/api/documents?application=museum")).json["data"]
    assert {"hours", "price"} <= {one["reference"] for one in listed}
    found = await ask(portal, {"application": "museum", "query": "When does the museum open?"}, "/api/documents/search")
    assert "opens at nine" in str(found.json["data"])


@feature("context")
async def test_a_file_that_was_sent_before_is_in_the_message(portal: Gateway, stage: Stage, tmp_path: Path) -> None:
    with package("maitai", "maitai", tmp_path, url=portal.origin, key=portal.key) as maitai:
        async with stage.plays(both) as upstream:
            await maitai.call("with_file", name="a.txt", content="Hello", application="demo_app", intent="GREETING")
    file = upstream.requests[0].json["messages"][0]["content"][1]["file"]
    assert file["filename"] == "a.txt" and file["file_data"].endswith(";base64,SGVsbG8=")


@feature("refusals", "context")
async def test_a_file_that_is_not_there_is_named(portal: Gateway) -> None:
    content = [{"type": "file", "file": {"file_id": "file_" + "0" * 32}}]
    body = {"application_ref_name": "a", "action_type": "i", "session_id": "s",
            "params": {"model": "m", "messages": [{"role": "user", "content": content}]}}  # fmt: skip
    refused = await ask(portal, body, "/chat/completions/serialized")
    assert (refused.status, refused.json["error"]["param"]) == (400, "messages[0].content")


@feature("feedback", "models")
async def test_the_public_interface_reads_and_takes_feedback(maitai: Package, portal: Gateway, stage: Stage) -> None:
    session = f"s-{uuid4()}"
    async with stage.plays(both):
        answer = await maitai.call("chat", session_id=session, **ASKED)
    (row,) = (await get(portal, f"/api/v1/requests?session_id={session}")).json["data"]
    assert row["application"] == "demo_app"
    assert (await get(portal, f"/api/v1/requests/{answer['id']}")).json["data"]["session_id"] == session
    names = [one["application_ref_name"] for one in (await get(portal, "/api/v1/applications")).json["data"]]
    assert "demo_app" in names
    said = await ask(portal, {"feedback_score": 5, "feedback_text": "Fine."}, f"/api/v1/sessions/{session}/feedback")
    assert said.json["data"]["message"] == "Feedback saved"
    right = {"choices": [{"message": {"role": "assistant", "content": "Good evening."}}]}
    assert (await ask(portal, right, f"/api/v1/requests/{row['id']}/response", method="PUT")).status == 200
    kept = (await get(portal, f"/api/feedback?session_id={session}")).json["data"]
    assert {(one["score"], one["corrected"]) for one in kept} == {(5, None), (None, "Good evening.")}


@feature("config")
async def test_a_change_of_configuration_is_pushed_to_the_client(stage: Stage, tmp_path: Path) -> None:
    with (
        Gateway(tmp_path / "gateway", config(stage, more=PORTAL)) as gateway,
        package("maitai", "maitai", tmp_path, url=gateway.origin, key=gateway.key) as maitai,
    ):
        where = {"application": "demo_app", "intent": "GREETING"}
        ws = gateway.origin.replace("http", "ws") + "/ws"
        ready = tmp_path / "ready"
        waiting = asyncio.create_task(maitai.call("pushed", ws=ws, within=20.0, ready=str(ready), **where))
        while not ready.exists() and not waiting.done():
            await asyncio.sleep(0.05)
        path = "/api/applications/demo_app/intents/GREETING"
        changed = await ask(gateway, {"model": "opus"}, path, method="PUT")
        assert changed.status in (200, 201)
        assert await waiting == {"before": "m", "after": "opus"}


@feature("refusals")
@pytest.mark.parametrize("query", ["", "?api_key=", "?api_key=wrong&key=1"])
async def test_a_channel_without_a_key_is_refused(portal: Gateway, query: str) -> None:
    handshake = (
        f"GET /ws{query} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", portal.port)
    writer.write(handshake.encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 403")
    writer.close()


@feature("config")
async def test_an_unknown_intent_is_filled_in_by_the_gateway(maitai: Package, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        await maitai.call("chat", messages=HELLO, application="new_app", intent="NEW", model="m")
    assert upstream.requests[0].json["model"] == "upstream-model"


@feature("upstream")
@pytest.mark.parametrize(("status", "kind"), [(400, "BadRequestError"), (404, "NotFoundError")])
async def test_an_upstreams_error_is_its_own_exception(maitai: Package, stage: Stage, status: int, kind: str) -> None:
    async with stage.says(json_answer({"error": {"message": "Because.", "type": "t"}}, status)):
        with pytest.raises(Raised) as caught:
            await maitai.call("chat", **ASKED)
    assert kind in caught.value.kinds and "Because." in caught.value.text


@feature("upstream")
@pytest.mark.parametrize("status", [401, 422, 429, 500])
async def test_other_errors_are_its_connection_error(maitai: Package, stage: Stage, status: int) -> None:
    async with stage.says(json_answer({"error": {"message": "Because.", "type": "t"}}, status)):
        with pytest.raises(Raised) as caught:
            await maitai.call("chat", **ASKED)
    assert "ConnectionError" in caught.value.kinds


@feature("tools")
async def test_tools_come_back_as_they_were_meant(maitai: Package, stage: Stage) -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "c"}}},
        },
    }
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer: dict[str, Any] = {
        "id": "c", "object": "chat.completion", "created": 1, "model": "x",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }  # fmt: skip
    async with stage.says(json_answer(answer)) as upstream:
        found = await maitai.call("chat", tools=[tool], **ASKED)
    assert found["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "weather"
    sent = upstream.requests[0].json["tools"][0]["function"]["parameters"]["properties"]["city"]
    assert sent == {"type": "string", "description": "c"}


@feature("cut")
async def test_a_stream_that_is_cut_raises(maitai: Package, stage: Stage) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        with pytest.raises(Raised) as caught:
            await maitai.call("stream", **ASKED)
    assert caught.value.kind == "InferenceException"


@feature("refusals")
@pytest.mark.parametrize(
    ("more", "kind"),
    [({"temperature": 3}, "BadRequestError"), ({"model": "nothing"}, "NotFoundError")],
)
async def test_parleys_own_refusals_are_its_own_exceptions(maitai: Package, more: dict[str, Any], kind: str) -> None:
    with pytest.raises(Raised) as caught:
        await maitai.call("chat", **ASKED, **more)
    assert kind in caught.value.kinds
