"""The guide to quality takes a newcomer to a corrected answer: its commands run, as they stand there."""

import hashlib
import hmac
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.gateway import ADMIN, Gateway

GUIDE = Path(__file__).parents[2] / "docs/guide/quality.md"
BLOCK = re.compile(r"^( *)```(bash|python)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PATIENCE = 120
MARK = "---- next ----"


def blocks(kind: str) -> list[str]:
    """The guide's blocks of this kind, without their indentation."""
    found = BLOCK.findall(GUIDE.read_text())
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, which, text in found if which == kind]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway without any configuration: the demonstration model answers."""
    home = tmp_path_factory.mktemp("newcomer")
    with Gateway(home, "") as gateway:
        (home / "parley-data").mkdir()
        (home / "parley-data/admin.key").write_text(ADMIN)
        yield gateway


@pytest.fixture(scope="module")
def said(newcomer: Gateway) -> list[str]:
    """What the commands print, block by block."""
    marked = f"\necho {MARK}\n".join(blocks("bash"))
    script = "set -e\n" + marked.replace("http://127.0.0.1:8700", f"http://127.0.0.1:{newcomer.port}")
    ran = subprocess.run(["bash", "-c", script], cwd=newcomer.home, capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.split(f"{MARK}\n")


def values(text: str) -> list[Any]:
    """The JSON values that stand one after another in `text`."""
    found, at, text = [], 0, text.strip()
    while at < len(text):
        value, at = json.JSONDecoder().raw_decode(text, at)
        found.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def test_by_default_the_answer_goes_out_and_its_fault_is_found(said: list[str]) -> None:
    answer, evaluation = values(said[1])
    assert len(answer["choices"][0]["message"]["content"].split()) > 30 and "evaluation" not in answer
    assert evaluation["status"] == "FAULT" and evaluation["correction_applied"] is False
    assert {one["name"]: one["status"] for one in evaluation["results"]} == {"short": "FAULT", "no money": "PASS"}


def test_with_corrections_the_answer_is_short(said: list[str]) -> None:
    (answer,) = values(said[2])
    assert answer["choices"][0]["message"]["content"].endswith(".")
    assert len(answer["choices"][0]["message"]["content"].split()) <= 30
    assert answer["correction_applied"] is True and answer["choices"][0]["is_correction"] is True
    assert answer["evaluation"]["delivered"] == "PASS"


def test_what_is_at_fault_never_leaves_in_a_stream(said: list[str]) -> None:
    frames = [line.removeprefix("data: ") for line in said[3].splitlines() if line.startswith("data: ")]
    assert frames[-1] == "[DONE]"
    chunks = [json.loads(frame) for frame in frames[:-1]]
    text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert "[redacted]" in text and " free" not in text
    assert chunks[-1]["evaluation"]["status"] == "FAULT" and chunks[-1]["correction_applied"] is True


def test_the_rest_of_the_guide_does_what_it_says(said: list[str]) -> None:
    (hook,) = values(said[4])
    assert hook["secret"].startswith("whsec_") and hook["application"] == "shop"
    given, listed = values(said[5])
    assert listed["data"][0]["id"] == given["id"] and given["text"] == "Too long."
    (tried,) = values(said[6])
    scores = {one["sentinel"]: one for one in tried["scores"]}
    assert (scores["no money"]["found"], scores["no money"]["false_alarms"]) == (1, 1)


def test_the_receivers_check_is_right() -> None:
    space: dict[str, Any] = {}
    exec(blocks("python")[0], space)  # the guide's own words
    assert space["genuine"]("secret", "t=1700000000,v1=00", b"{}") is False
    good = hmac.new(b"secret", b"1700000000.{}", hashlib.sha256).hexdigest()
    assert space["genuine"]("secret", f"t=1700000000,v1={good}", b"{}") is True
