"""Records wait on disk: whole, bounded, for one Parley and one key; one that Parley refuses stands in nobody's way."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from parley_client import AsyncParley, Evaluation
from parley_client.outbox import Outbox, outbox_folder
from tests.flow.stage import Stage, said
from tests.scripted import Visit, json_answer

HELLO: Any = [{"role": "user", "content": "Hello?"}]
SETTLES = 10.0


def test_records_come_back_oldest_first_and_whole(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "box")
    assert outbox.waiting() == []
    for id in ("req_2", "req_1"):
        assert outbox.keep(id, {"id": id, "text": "ü"})
    assert outbox.waiting() == ["req_1", "req_2"]
    assert outbox.read("req_1") == {"id": "req_1", "text": "ü"}
    outbox.forget("req_1")
    outbox.forget("req_1")
    assert outbox.waiting() == ["req_2"]
    assert outbox.read("req_1") is None


def test_what_does_not_fit_is_dropped_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox(tmp_path, limit=100)
    assert outbox.keep("req_1", {"text": "x" * 50})
    with caplog.at_level(logging.ERROR, "parley_client"):
        assert not outbox.keep("req_2", {"text": "x" * 50})
    assert "req_2" in caplog.text
    assert outbox.waiting() == ["req_1"]


def test_a_folder_is_for_one_parley_and_one_key(tmp_path: Path) -> None:
    places = {outbox_folder(tmp_path, url, key) for url in ("http://a/v1/", "http://b/v1/") for key in ("sk-1", "sk-2")}
    assert len(places) == 4
    assert not any("sk-" in str(place.relative_to(tmp_path)) for place in places)


async def test_what_parley_refuses_or_nobody_can_read_is_dropped_and_the_rest_is_sent(
    stage: Stage, tmp_path: Path
) -> None:
    taken: list[str] = []
    heard: asyncio.Queue[Evaluation] = asyncio.Queue()

    async def parley_and_provider(visit: Visit) -> None:
        while True:
            seen = await visit.request()
            if seen.target.startswith("/v1/intent"):
                await visit.send(json_answer({"config": {"model": "m"}}))
            elif seen.target == "/v1/submissions" and seen.json.get("old") == "wrong":
                await visit.send(json_answer({"error": {"message": "Wrong."}}, 400))
            elif seen.target == "/v1/submissions":
                taken.append(seen.json["id"])
                await visit.send(json_answer({"id": seen.json["id"]}))
            elif seen.target.startswith("/api/evaluations"):
                await visit.send(json_answer({"status": "PASS"}))
            else:
                await visit.send(json_answer(said()))

    folder = outbox_folder(tmp_path, stage.url + "/", "k")
    left = Outbox(folder)
    left.keep("req_1", {"id": "req_1", "old": "wrong"})
    left.keep("req_2", {"id": "req_2"})
    (folder / "req_0.json").write_text("{")
    async with (
        stage.plays(parley_and_provider),
        AsyncParley(
            base_url=stage.url, api_key="k", provider_base_url=stage.url, provider_api_key="p", outbox=tmp_path
        ) as client,
    ):
        answer = await client.chat.completions.create(messages=HELLO, server_side_inference=False, callback=heard.put)
        async with asyncio.timeout(SETTLES):
            assert (await heard.get()).status == "PASS"
            while client.undelivered:
                await asyncio.sleep(0.02)
    assert sorted(taken) == sorted(["req_2", str(answer.request_id)])


async def test_a_disk_that_takes_nothing_does_not_harm_the_call(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    submitted = asyncio.Event()

    async def parley_and_provider(visit: Visit) -> None:
        while True:
            seen = await visit.request()
            if seen.target == "/v1/submissions":
                assert json.loads(seen.body)["provider"] == "127.0.0.1"
                submitted.set()
                await visit.send(json_answer({"id": seen.json["id"]}))
            else:
                await visit.send(json_answer(said(config={})))

    async with (
        stage.plays(parley_and_provider),
        AsyncParley(
            base_url=stage.url,
            api_key="k",
            provider_base_url=stage.url,
            provider_api_key="p",
            outbox=tmp_path / "file" / "box",
        ) as client,
    ):
        answer = await client.chat.completions.create(model="m", messages=HELLO, server_side_inference=False)
        async with asyncio.timeout(SETTLES):
            await submitted.wait()
    assert answer.text == "Good day."
    assert "could not be written" in caplog.text
