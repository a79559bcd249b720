"""Clients of different services, unmodified, in one session: what one was told, the next one's model is told."""

from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from tests.clients.features import feature
from tests.clients.packages import package
from tests.flow.asking import get
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, said
from tests.scripted import json_answer

ANSWERS = [json_answer(said(text)) for text in ("Hello Ann.", "Ann.", "Twice.")]
WHERE = {"application": "travels", "session_id": "trip"}


def user(text: str) -> list[Any]:
    """What a user says."""
    return [{"role": "user", "content": text}]


@feature("sessions")
@pytest.mark.parametrize("first", ["maitai", "openai"])
async def test_three_services_clients_share_a_session(
    gateway: Gateway, stage: Stage, client: AsyncOpenAI, tmp_path: Path, first: str
) -> None:
    session = {**WHERE, "session_id": f"trip-of-{first}"}
    at = {"url": gateway.origin, "key": gateway.key, "model": "m"}
    homes = [tmp_path / name for name in ("maitai", "scale")]
    for home in homes:
        home.mkdir()
    with (
        package("maitai-1.2.24", "maitai", homes[0], **at) as maitai,
        package("scale-gp", "scale_gp", homes[1], **at) as scale,
    ):

        async def by_openai(text: str) -> None:
            more = {**session, "assistant": True}
            await client.chat.completions.create(model="m", messages=user(text), extra_body=more)

        async def by_maitai(text: str) -> None:
            await maitai.call("chat", messages=user(text), intent="CHAT", assistant=True, **session)

        async def by_scale(text: str) -> None:
            await scale.call("chat", messages=user(text), extra_body={**session, "assistant": True})

        turns = [by_maitai, by_openai, by_scale] if first == "maitai" else [by_openai, by_maitai, by_scale]
        texts = ("I am Ann.", "Who am I?", "How often did I ask?")
        async with stage.says(*ANSWERS) as upstream:
            for turn, text in zip(turns, texts, strict=True):
                await turn(text)
    asked = [[one["content"] for one in request.json["messages"]] for request in upstream.requests]
    assert asked[1] == ["I am Ann.", "Hello Ann.", "Who am I?"]
    assert asked[2] == ["I am Ann.", "Hello Ann.", "Who am I?", "Ann.", "How often did I ask?"]
    timeline = (await get(gateway, f"/api/sessions/{session['session_id']}?application=travels")).json
    assert [one["messages"][-1]["content"] for one in timeline["turns"]] == list(texts)
    assert [one["answer"]["content"] for one in timeline["turns"]] == ["Hello Ann.", "Ann.", "Twice."]


@feature("sessions")
async def test_a_session_of_another_application_is_another_conversation(
    gateway: Gateway, stage: Stage, client: AsyncOpenAI, tmp_path: Path
) -> None:
    at = {"url": gateway.origin, "key": gateway.key, "model": "m"}
    with package("maitai-1.2.24", "maitai", tmp_path, **at) as maitai:
        async with stage.says(*ANSWERS) as upstream:
            more = {"session_id": "same", "application": "one", "assistant": True}
            await client.chat.completions.create(model="m", messages=user("I am Ann."), extra_body=more)
            more["application"] = "other"
            await maitai.call("chat", messages=user("Who am I?"), intent="CHAT", **more)
    assert [one["content"] for one in upstream.requests[1].json["messages"]] == ["Who am I?"]
