"""`parley sentinels test`: scores of sentinels on labelled answers, alone and with a judge behind a gateway."""

import asyncio
import json

import pytest

from tests.cli.running import parley
from tests.flow.conftest import config
from tests.flow.gateway import ADMIN, Gateway
from tests.flow.judges import Bench
from tests.flow.stage import Stage

WORDS = """
[[applications.support.intents.REFUND.sentinels]]
name = "no promises"
kind = "excludes"
words = ["promise"]
"""
KIND = """
[[applications.support.intents.REFUND.sentinels]]
name = "polite"
directive = "The answer must be polite."
judge = "gpt-4o"
"""
ANSWERS = (
    {"answer": "I promise it.", "status": "FAULT"},
    {"answer": "We assure you.", "status": "FAULT"},
    {"answer": "We will see.", "status": "PASS"},
    {"answer": "No promise, but we will see.", "status": "PASS"},
)


def write(folder, text, answers=ANSWERS):
    (folder / "parley.toml").write_text(text)
    (folder / "answers.jsonl").write_text("\n".join(json.dumps(answer) for answer in answers))


def test_kinds_that_need_no_model_are_scored_without_a_gateway(tmp_path):
    write(tmp_path, WORDS)
    done = parley("sentinels", "test", "answers.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    head, row, _, *rest = done.stdout.splitlines()
    assert head.split()[2:8] == ["answers", "found", "missed", "false", "alarms", "errors"]
    assert head.split()[8:] == ["precision", "recall", "ms", "usd"]
    assert row.split()[:10] == ["no", "promises", "excludes", "4", "1", "1", "1", "0", "0.50", "0.50"]
    assert rest[0] == "no promises: PASS, labelled FAULT. None of the words occurs."
    assert "No promise, but we will see." in done.stdout


def test_programs_get_json_with_every_verdict(tmp_path):
    write(tmp_path, WORDS + KIND)
    done = parley("sentinels", "test", "answers.jsonl", "--only", "no promises", "--json", cwd=tmp_path)
    (found,) = json.loads(done.stdout)
    assert (found["sentinel"], found["precision"], found["recall"], found["errors"]) == ("no promises", 0.5, 0.5, 0)
    assert [verdict["status"] for verdict in found["verdicts"]] == ["FAULT", "PASS", "PASS", "FAULT"]


async def test_a_judge_is_asked_through_the_running_gateway(tmp_path):
    stage = Stage()
    try:
        with Gateway(tmp_path / "gateway", config(stage)) as gateway:
            bench = Bench(judge=lambda shown: "FAULT" if "assure" in shown or "I promise" in shown else "PASS")
            async with stage.plays(bench):
                write(tmp_path, KIND)
                env = {"PARLEY_URL": f"http://127.0.0.1:{gateway.port}", "PARLEY_ADMIN_KEY": ADMIN}
                arguments = ("sentinels", "test", "answers.jsonl", "--model", "m", "--json")
                done = await asyncio.to_thread(parley, *arguments, cwd=tmp_path, env=env)
        (found,) = json.loads(done.stdout)
        assert (found["found"], found["missed"], found["false_alarms"], found["errors"]) == (2, 0, 0, 0)
        assert (found["precision"], found["recall"]) == (1.0, 1.0)
        assert len(bench.judged) == len(ANSWERS)
        assert all(verdict["usage"]["prompt_tokens"] for verdict in found["verdicts"])
    finally:
        stage.close()


def test_a_judge_that_can_not_be_asked_is_an_error_with_its_reason(tmp_path):
    write(tmp_path, KIND)
    env = {"PARLEY_URL": "http://127.0.0.1:1", "PARLEY_ADMIN_KEY": ADMIN}
    done = parley("sentinels", "test", "answers.jsonl", "--show", "1", cwd=tmp_path, env=env)
    assert done.returncode == 0
    assert "polite: ERROR, labelled FAULT. The judge gpt-4o could not be asked: there is no gateway" in done.stdout
    assert "3 more verdicts differ from their labels; --show 4 shows all." in done.stdout


@pytest.mark.parametrize(
    ("text", "answers", "arguments", "words"),
    [
        ("", ANSWERS, (), "say with --application whose sentinels"),
        (WORDS, ANSWERS, ("--application", "ghost"), "say with --application whose sentinels"),
        (WORDS, ANSWERS, ("--intent", "GHOST"), "there is no intent GHOST; support has: REFUND"),
        (WORDS, ANSWERS, ("--only", "ghost"), "there is no sentinel 'ghost'; there is: no promises"),
        (WORDS, (), (), "answers.jsonl holds no answers"),
        (WORDS, ({"answer": "x"},), (), "line 1: `status` is required"),
        (WORDS, ({"answer": "x", "status": "PASS", "sentinel": "ghost"},), (), "names the sentinel 'ghost'"),
        (WORDS.replace("words", "wrods"), ANSWERS, (), "`sentinels[0].wrods` is no key"),
        ("[", ANSWERS, (), "is not TOML"),
        ("[applications.a]\ndefaults = { temperature = 1 }", ANSWERS, (), "has no sentinels there"),
    ],
)
def test_trouble_is_one_sentence(tmp_path, text, answers, arguments, words):
    write(tmp_path, text, answers)
    done = parley("sentinels", "test", "answers.jsonl", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("parley: ") and done.stderr.count("\n") == 1
    assert words in done.stderr


def test_sentinels_may_stand_in_a_json_file_of_their_own(tmp_path):
    write(tmp_path, "")
    (tmp_path / "mine.json").write_text('[{"name": "short", "kind": "length", "max": 5}]')
    done = parley("sentinels", "test", "answers.jsonl", "--config", "mine.json", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)[0]["sentinel"] == "short"


def test_intents_that_differ_in_a_sentinel_have_to_be_told_apart(tmp_path):
    other = WORDS.replace("REFUND", "ORDER").replace('"promise"', '"guarantee"')
    write(tmp_path, WORDS + other)
    done = parley("sentinels", "test", "answers.jsonl", cwd=tmp_path)
    assert "differ in 'no promises'; choose one with --intent" in done.stderr
    done = parley("sentinels", "test", "answers.jsonl", "--intent", "ORDER", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)[0]["found"] == 0
