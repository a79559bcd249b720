"""Only whole, faultless answers are given again, and only to requests that leave nothing to chance."""

from typing import Any

import pytest

from parley.cache.keeping import answerable, keepable
from parley.cache.wish import Wish
from parley.core.asks import Chat, Embed, TextCompletion
from parley.core.reply import Choice, Reply, ToolCall

SAID = Choice(text="Good day.", finish="stop")
ACTS = Choice(tools=(ToolCall(id="1", name="pay", arguments="{}"),), finish="tool_calls")


def reply(*choices: Choice, **notes: Any) -> Reply:
    return Reply(id="x", model="m", created=1, choices=choices, notes=notes or None)


def test_a_whole_answer_is_kept() -> None:
    assert keepable(reply(SAID), Wish())
    assert keepable(reply(SAID, evaluation={"status": "PASS"}), Wish())


@pytest.mark.parametrize(
    "choice",
    [
        Choice(text="Good", finish="length"),
        Choice(text="Good", finish="content_filter"),
        Choice(text="Good"),
        Choice(text="", finish="stop"),
        Choice(refusal="I can not.", finish="stop"),
        Choice(text="Better.", finish="stop", corrected=True),
        ACTS,
    ],
)
def test_no_other_is(choice: Choice) -> None:
    assert not keepable(reply(choice), Wish())
    assert not keepable(reply(SAID, choice), Wish())


@pytest.mark.parametrize("status", ["FAULT", "ERROR", "PENDING"])
def test_an_answer_with_a_fault_or_without_a_verdict_is_not_kept(status: str) -> None:
    assert not keepable(reply(SAID, evaluation={"status": status}), Wish())


def test_tool_calls_are_kept_where_that_is_wished() -> None:
    assert keepable(reply(ACTS), Wish(tool_calls=True))


def test_chance_and_choice_are_not_answered_from_the_cache() -> None:
    messages = [{"role": "user", "content": "Hello?"}]
    assert answerable(Chat(messages=messages), Wish())
    assert answerable(Chat(messages=messages, temperature=1.0, n=1), Wish())
    assert not answerable(Chat(messages=messages, temperature=1.1), Wish())
    assert answerable(Chat(messages=messages, temperature=1.1), Wish(max_temperature=2.0))
    assert not answerable(Chat(messages=messages, n=2), Wish())
    assert not answerable(TextCompletion(prompt="Hello", best_of=3), Wish())
    assert not answerable(Embed(input="Hello"), Wish())
