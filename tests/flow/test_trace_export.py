"""Traces that are sent elsewhere by OTLP, while callers are served whatever becomes of them."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from parley.tracing.otlp_shapes import Sent, read_protobuf
from tests.flow.asking import ask, chat, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, both
from tests.scripted import Upstream, Visit, json_answer

FULL = """
[tracing]
otlp_endpoint = "{url}"
otlp_headers = {{ "x-token" = "env:OTLP_TOKEN" }}
"""


class Collector:
    """An endpoint that takes exports, after it has refused the first ones with these statuses."""

    def __init__(self, *refusals: int) -> None:
        self.spans: list[Sent] = []
        self.heads: list[Any] = []
        self._refusals = list(refusals)

    async def __call__(self, visit: Visit) -> None:
        """Serves one connection."""
        while True:
            request = await visit.request()
            if self._refusals:
                await visit.send(json_answer({}, status=self._refusals.pop(0)))
                continue
            self.heads.append(request)
            self.spans += read_protobuf(request.body)
            await visit.send(json_answer({}))

    async def has(self, spans: int) -> None:
        """Waits until so many spans are here."""
        async with asyncio.timeout(15):
            while len(self.spans) < spans:
                await asyncio.sleep(0.02)


async def test_a_request_is_exported_with_the_conventions_of_genai(stage: Stage, tmp_path: Path) -> None:
    collector = Collector(503)
    async with Upstream(collector) as elsewhere, stage.plays(both):
        more = FULL.format(url=f"http://127.0.0.1:{elsewhere.port}")
        with Gateway(tmp_path, config(stage, more=more), env={"OTLP_TOKEN": "t-1"}) as gateway:
            answer = await ask(gateway, chat(session_id="s1", metadata={"team": "red"}))
            failed = await ask(gateway, chat("nobody"))
            await collector.has(4)
            metrics = (await get(gateway, "/metrics")).body.decode()
    assert re.search(r'parley_trace_export{what="sent"} 2', metrics)
    (head, *_) = collector.heads
    assert head.headers["x-token"] == "t-1" and head.target == "/v1/traces"
    root, attempt = (one for one in collector.spans if one.attributes["parley.request_id"] == answer.id)
    assert (root.trace_id, attempt.trace_id) == (answer.id[4:36], answer.id[4:36])
    assert attempt.parent_id == root.span_id and root.name == "chat m" and (root.kind, attempt.kind) == (2, 3)
    said = root.attributes
    assert said["gen_ai.operation.name"] == "chat" and said["gen_ai.request.model"] == "m"
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == (7, 3)
    assert (said["gen_ai.conversation.id"], said["parley.metadata.team"]) == ("s1", "red")
    assert root.resource["service.name"] == "parley" and root.end >= root.start
    broken = [one for one in collector.spans if one.attributes["parley.request_id"] == failed.id]
    assert {one.code for one in broken} == {2} and all(one.message for one in broken)
    assert not any("Hello?" in str(one.attributes) for one in collector.spans)


async def test_callers_are_served_while_nobody_takes_the_export(stage: Stage, tmp_path: Path) -> None:
    more = '[tracing]\notlp_endpoint = "http://127.0.0.1:1/v1/traces"\n'
    async with stage.plays(both):
        with Gateway(tmp_path, config(stage, more=more)) as gateway:
            assert (await ask(gateway, chat())).status == 200
            assert gateway.stop() == 0


def test_an_endpoint_that_is_none_is_named(tmp_path: Path, stage: Stage) -> None:
    gateway = Gateway(tmp_path, config(stage, more='[tracing]\notlp_endpoint = "collector:4318"\n'))
    with pytest.raises(AssertionError, match="tracing"):
        gateway.start()
