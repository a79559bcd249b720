"""`parley chat`, through a pipe and in a terminal."""

import pytest

from tests.cli.running import Terminal, parley
from tests.cli.scripted import Scripted


@pytest.fixture
def gateway():
    with Scripted() as scripted:
        yield scripted


def talk(gateway, tmp_path, text, *options):
    return parley("chat", "--url", gateway.url, "--key", "k", *options, cwd=tmp_path, given=text)


def test_a_pipe_gets_its_answers_and_nothing_else(gateway, tmp_path):
    done = talk(gateway, tmp_path, "hello\nagain\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "You said hello[31m.\nYou said again[31m.\n"


def test_the_conversation_is_kept_and_the_first_model_that_chats_is_asked(gateway, tmp_path):
    talk(gateway, tmp_path, "hello\nagain\n", "--system", "Be kind.")
    last = gateway.asked[-1]
    assert last["model"] == "demo"
    assert [m["role"] for m in last["messages"]] == ["system", "user", "assistant", "user"]
    assert last["messages"][1:3] == [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "You said hello\x1b[31m."},
    ]


def test_the_slash_commands(gateway, tmp_path):
    done = talk(gateway, tmp_path, "hello\n/reset\n/model other\nagain\n/models\n/nonsense\n/help\n/exit\nnever\n")
    assert gateway.asked[-1]["model"] == "other"
    assert gateway.asked[-1]["messages"] == [{"role": "user", "content": "again"}]
    assert "* other\n" in done.stdout and "There is no command /nonsense." in done.stdout


def test_whole_answers_without_streaming(gateway, tmp_path):
    done = talk(gateway, tmp_path, "hello\n", "--no-stream")
    assert done.stdout == "You said hello.\n" and gateway.asked[0]["stream"] is False


def test_texts_of_many_lines(gateway, tmp_path):
    talk(gateway, tmp_path, 'one\\\ntwo\n"""three\n\nfour"""\n"""five"""\n"""\nsix\n"""\n')
    assert [asked["messages"][-1]["content"] for asked in gateway.asked] == ["one\ntwo", "three\n\nfour", "five", "six"]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("refuse", "Too many questions."),
        ("break", "The upstream was cut."),
        ("cut", "the answer was cut before its end."),
    ],
)
def test_an_error_is_a_sentence_and_the_talk_goes_on(gateway, tmp_path, question, says):
    done = talk(gateway, tmp_path, f"{question}\nhello\n")
    assert done.returncode == 0 and done.stderr == says + "\n"
    assert "You said hello" in done.stdout


def test_without_a_gateway_it_says_how_to_start_one(tmp_path):
    done = parley("chat", "--url", "http://127.0.0.1:1", "--key", "k", cwd=tmp_path, given="hello\n")
    assert done.returncode == 1 and "parley serve" in done.stderr and done.stderr.count("\n") == 1


def test_without_a_model_it_says_so(gateway, tmp_path):
    gateway.models = ["text-embedding-3-small"]
    done = talk(gateway, tmp_path, "hello\n")
    assert done.returncode == 1 and "--model" in done.stderr


def test_ctrl_c_stops_the_answer_and_not_the_program(gateway, tmp_path):
    with Terminal("chat", "--url", gateway.url, "--key", "k", cwd=tmp_path) as terminal:
        terminal.wait_for("> ")
        terminal.type("forever\n")
        terminal.wait_for("word word")
        terminal.interrupt()
        terminal.wait_for("[stopped]")
        assert gateway.left.wait(10)
        terminal.wait_for("> ")
        terminal.type("hello\n")
        terminal.wait_for("said hello")
        terminal.wait_for("> ")
        terminal.type("/exit\n")
        assert terminal.ended() == 0
    assert "word" in gateway.asked[-1]["messages"][1]["content"]


def test_ctrl_c_at_the_prompt_warns_once_and_then_leaves(gateway, tmp_path):
    with Terminal("chat", "--url", gateway.url, "--key", "k", cwd=tmp_path) as terminal:
        terminal.wait_for("> ")
        terminal.interrupt()
        terminal.wait_for("Ctrl-C again leaves")
        terminal.wait_for("> ")
        terminal.interrupt()
        assert terminal.ended() == 0


def test_ctrl_d_leaves(gateway, tmp_path):
    with Terminal("chat", "--url", gateway.url, "--key", "k", cwd=tmp_path) as terminal:
        terminal.wait_for("> ")
        terminal.type("\x04")
        assert terminal.ended() == 0
