"""The window of a conversation: what a model gets to see of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from parley.core.tokens import message_tokens
from parley.memory.system import with_instructions, with_note
from parley.memory.window import closed, last_k, split, token_budget

SYSTEM = {"role": "system", "content": "Be brief."}


def says(role: str, text: str = "x", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": text, **more}


def calls(*ids: str) -> dict[str, Any]:
    made = [{"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id in ids]
    return {"role": "assistant", "content": None, "tool_calls": made}


def result(id: str) -> dict[str, Any]:
    return says("tool", "42", tool_call_id=id)


TALK = [SYSTEM, says("user", "one"), says("assistant", "two"), says("user", "three"), says("assistant", "four")]
TOOLS = [SYSTEM, says("user"), calls("a", "b"), result("a"), result("b"), says("assistant"), says("user", "last")]


def test_the_last_k_stay_and_so_does_the_system_message() -> None:
    assert last_k(TALK, 2) == [SYSTEM, *TALK[3:]]
    assert last_k(TALK, 4) is TALK
    assert last_k(TALK, 99) is TALK


def test_a_system_message_amid_the_talk_stays_at_its_place() -> None:
    amid = [*TALK[1:3], SYSTEM, *TALK[3:]]
    assert last_k(amid, 1) == [SYSTEM, TALK[4]]


def test_a_window_that_would_tear_a_call_from_its_results_keeps_both() -> None:
    for k in (3, 4, 5):
        assert last_k(TOOLS, k) == [SYSTEM, *TOOLS[2:]]
    assert last_k(TOOLS, 2) == [SYSTEM, *TOOLS[5:]]


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for number, kind in enumerate(
        draw(st.lists(st.sampled_from(["user", "assistant", "tools", "system"]), min_size=1))
    ):
        if kind == "tools":
            ids = [f"{number}-{n}" for n in range(draw(st.integers(1, 3)))]
            made += [calls(*ids), *map(result, ids)]
        else:
            made.append(says(kind, f"{number}" * draw(st.integers(1, 40))))
    return made


def untorn(messages: list[dict[str, Any]]) -> bool:
    made = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    return made == [message["tool_call_id"] for message in messages if message["role"] == "tool"]


@given(conversations(), st.integers(1, 12))
def test_no_window_tears_a_pair_or_loses_a_system_message(messages: list[dict[str, Any]], size: int) -> None:
    standing = [message for message in messages if message["role"] == "system"]
    for cut in (last_k(messages, size), token_budget(messages, size * 10)):
        assert untorn(cut)
        assert [message for message in cut if message["role"] == "system"] == standing
        assert cut[-1:] == messages[-1:] or messages[-1]["role"] == "system"
    kept, old, new = split(messages, size)
    assert kept == standing and untorn(old) and untorn(new)
    assert [*old, *new] == [message for message in messages if message["role"] != "system"]


def test_a_token_budget_takes_the_newest_that_fit() -> None:
    talk = [SYSTEM, *(says("user", "w" * 40) for _ in range(10))]
    each, head = message_tokens(talk[1]), message_tokens(SYSTEM)
    assert token_budget(talk, head + 3 * each) == [SYSTEM, *talk[-3:]]
    assert token_budget(talk, head + 3 * each - 1) == [SYSTEM, *talk[-2:]]
    assert token_budget(talk, 10_000) == talk


def test_the_last_message_stays_however_small_the_budget() -> None:
    assert token_budget(TALK, 1) == [SYSTEM, TALK[-1]]


def test_a_call_that_nobody_answered_leaves_the_history() -> None:
    talk = [says("user"), calls("a"), says("user", "and?")]
    assert [message.get("tool_calls") for message in closed(talk)] == [None, None, None]
    assert all(message["content"] for message in closed(talk))
    assert closed(TOOLS) == TOOLS


def test_instructions_become_the_system_message() -> None:
    assert with_instructions(TALK[1:], "Rhyme.")[0] == says("system", "Rhyme.")
    assert with_instructions(TALK, "Rhyme.") == [says("system", "Rhyme.\n\nBe brief."), *TALK[1:]]
    parts = [{"role": "developer", "content": [{"type": "text", "text": "Be brief."}]}]
    joined = with_instructions(parts, "Rhyme.")[0]
    assert joined["role"] == "developer"
    assert [part["text"] for part in joined["content"]] == ["Rhyme.", "Be brief."]


def test_a_note_stands_last_in_the_system_message() -> None:
    assert with_note(TALK, "Known: 1.")[0] == says("system", "Be brief.\n\nKnown: 1.")
    assert with_note(TALK[1:], "Known: 1.")[0] == says("system", "Known: 1.")
