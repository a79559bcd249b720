"""`parley receipts`: one that is fetched and checked offline, and an audit that finds what was changed behind it."""

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import parley
from tests.flow.asking import ask, chat, request
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage

Done = subprocess.CompletedProcess[str]


def run(gateway: Gateway, *arguments: str) -> Done:
    """A command against this gateway."""
    env = {"PARLEY_URL": f"http://127.0.0.1:{gateway.port}", "PARLEY_ADMIN_KEY": gateway.key}
    return parley("receipts", *arguments, cwd=gateway.home, env=env)


async def answered(gateway: Gateway, stage: Stage) -> tuple[str, bytes]:
    """A request's id and its answer's body."""
    async with stage.says(WHOLE):
        answer = await ask(gateway, chat())
    return answer.id, answer.body


@pytest.fixture
def stage() -> Any:
    """Where upstreams play."""
    made = Stage()
    yield made
    made.close()


async def test_a_receipt_is_good_without_any_gateway(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path / "home", config(stage)) as gateway:
        id, body = await answered(gateway, stage)
        shown = run(gateway, "show", id)
        assert run(gateway, "show", id, "--out", "kept.json").returncode == 0
        assert json.loads((gateway.home / "kept.json").read_text()) == json.loads(shown.stdout)
        asked = request(gateway, chat()).partition(b"\r\n\r\n")[2]
    (tmp_path / "receipt.json").write_text(shown.stdout)
    (tmp_path / "request").write_bytes(asked)
    (tmp_path / "response").write_bytes(body)
    both = ("--request", "request", "--response", "response")
    good = parley("receipts", "verify", "receipt.json", *both, cwd=tmp_path)
    assert good.returncode == 0 and good.stdout.count("good: ") == 2
    one = json.loads(shown.stdout)["signatures"][0]
    (tmp_path / "one.json").write_text(json.dumps(one))
    assert parley("receipts", "verify", "one.json", "--address", one["signing_address"], cwd=tmp_path).returncode == 0


async def test_what_is_not_proven_is_one_sentence(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path / "home", config(stage)) as gateway:
        id, _ = await answered(gateway, stage)
        shown = json.loads(run(gateway, "show", id).stdout)
        missing = run(gateway, "show", "nothing")
    one = shown["signatures"][0]
    (tmp_path / "good.json").write_text(json.dumps(one))
    (tmp_path / "forged.json").write_text(json.dumps({**one, "text": "00" * 32 + one["text"][64:]}))
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "other").write_text("{}")
    cases = {
        ("forged.json",): "not good",
        ("good.json", "--request", "other"): "is not the request",
        ("good.json", "--address", "0x" + "00" * 20): "no signature is by",
        ("empty.json",): "no receipt",
        ("nowhere.json",): "can not be read",
    }
    for arguments, words in cases.items():
        done = parley("receipts", "verify", *arguments, cwd=tmp_path)
        assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1
    assert missing.returncode == 1 and "not found" in missing.stderr


async def test_an_audit_finds_what_was_changed_behind_its_back(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path / "home", config(stage)) as gateway:
        ids = [(await answered(gateway, stage))[0] for _ in range(4)]
        assert run(gateway, "audit").stdout == "4 receipts in 1 chains, 0 breaks\n"
        ledger = sqlite3.connect(gateway.data / "parley.db", timeout=10)
        with ledger:
            ledger.execute("update requests set cost_usd = 0.5 where id = ?", (ids[1],))
            ledger.execute("delete from requests where id = ?", (ids[2],))
        ledger.close()
        found = run(gateway, "audit", "--json")
    assert found.returncode == 1
    told = {one["request_id"]: one["what"] for one in json.loads(found.stdout)["breaks"]}
    assert told == {ids[1]: "it or its record was changed", ids[2]: "its record is gone"}
