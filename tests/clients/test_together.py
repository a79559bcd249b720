"""Clients of several services on one gateway: a session that they share is one conversation."""

from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from tests.clients.features import feature
from tests.clients.packages import package
from tests.flow.asking import get
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage


def said(text: str) -> list[dict[str, str]]:
    """What a user says."""
    return [{"role": "user", "content": text}]


@feature("sessions")
async def test_two_services_clients_have_one_conversation(
    gateway: Gateway, stage: Stage, client: AsyncOpenAI, tmp_path: Path
) -> None:
    ours: dict[str, Any] = {"session_id": "shared", "assistant": True, "application": "together"}
    at = {"url": gateway.origin, "key": gateway.key, "model": "m"}
    with package("scale-gp", "scale_gp", tmp_path, **at) as scale:
        async with stage.says(WHOLE) as upstream:
            await scale.call("chat", messages=said("One?"), extra_body=ours)
            asked: Any = said("Two?")
            await client.chat.completions.create(model="m", messages=asked, extra_body=ours)
    told = [one["content"] for one in upstream.requests[-1].json["messages"]]
    assert told == ["One?", "Good day.", "Two?"]
    session = (await get(gateway, "/api/sessions/shared?application=together")).json
    assert len(session["turns"]) == 2


@feature("parameters")
async def test_scales_instructions_and_memory_are_the_rooms(gateway: Gateway, stage: Stage, tmp_path: Path) -> None:
    talk = [*said("One?"), {"role": "assistant", "content": "1."}, *said("Two?")]
    at = {"url": gateway.origin, "key": gateway.key, "model": "m"}
    with package("scale-gp", "scale_gp", tmp_path, **at) as scale:
        async with stage.says(WHOLE) as upstream:
            last = {"name": "last_k", "params": {"k": 1}}
            await scale.call("chat", messages=talk, instructions="Be brief.", memory_strategy=last)
    told = upstream.requests[0].json["messages"]
    assert [one["content"] for one in told] == ["Be brief.", "Two?"]
    assert told[0]["role"] == "system"
