"""What a provider is asked from here: the request's words, then the portal's; and what a stream amounts to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import NOT_GIVEN, omit

from parley_client import Chunk
from parley_client.asked import Asked, read
from parley_client.direct import arguments, folded
from tests.flow.stage import piece

HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Hello?"}]


def told(config: dict[str, Any], **params: Any) -> dict[str, Any]:
    """What the provider is told."""
    asked = read(None, {"messages": HELLO, **params})
    return arguments(asked.openais, asked.ours, config)


def test_the_request_wins_and_the_portal_fills_the_rest() -> None:
    found = told({"model": "a", "temperature": 0.1, "top_p": 0.2, "seed": 7}, model="b", top_p=0.9)
    assert found == {"messages": HELLO, "model": "b", "temperature": 0.1, "top_p": 0.9, "seed": 7, "extra_body": {}}


@pytest.mark.parametrize(
    ("said", "settled"),
    [
        ({"max_completion_tokens": 5}, {"max_tokens": 9}),
        ({"max_tokens": 5}, {"max_completion_tokens": 9}),
        ({"functions": [{"name": "f"}]}, {"tools": [{"type": "function"}], "tool_choice": "auto"}),
        ({"function_call": "none"}, {"tool_choice": "auto"}),
    ],
)
def test_a_default_does_not_contradict_its_older_or_newer_name(said: dict[str, Any], settled: dict[str, Any]) -> None:
    assert told({"model": "m", **settled}, **said) == {"messages": HELLO, "model": "m", "extra_body": {}, **said}


def test_what_openais_client_does_not_know_goes_beside_it() -> None:
    found = told({"model": "m", "top_k": 4, "min_p": 0.1}, min_p=0.2, extra_body={"odd": 1})
    assert found["extra_body"] == {"top_k": 4, "min_p": 0.2, "odd": 1}


def test_what_only_parley_understands_stays_away_from_the_provider() -> None:
    config = {
        "model": "m",
        "evaluation_enabled": True,
        "apply_corrections": True,
        "fallback_model": "x",
        "assistant": True,
    }
    found = told(config, session_id="s", metadata={"a": 1}, evaluation_enabled=True, log_prompt=False)
    assert found == {"messages": HELLO, "model": "m", "extra_body": {}}


def test_instructions_are_the_first_message() -> None:
    first = {"role": "system", "content": "Be brief."}
    assert told({"model": "m", "instructions": "Be brief."})["messages"] == [first, *HELLO]
    assert told({"model": "m", "instructions": "Be long."}, instructions="Be brief.")["messages"] == [first, *HELLO]


def test_what_is_not_given_is_not_there_in_whichever_way_it_is_said() -> None:
    asked = read(None, {"messages": HELLO, "model": omit, "seed": NOT_GIVEN, "intent": None, "callback": None})
    assert asked == Asked({"messages": HELLO}, {}, None, False)
    assert asked.to_parley == {"model": omit, "messages": HELLO, "extra_body": None}


@given(st.lists(st.tuples(st.integers(0, 3), st.text(max_size=5)), max_size=30))
def test_a_folded_stream_says_what_its_pieces_said(said: list[tuple[int, str]]) -> None:
    chunks = [Chunk.construct(**chunk_of(index, text)) for index, text in said]
    whole: Any = folded(chunks)
    texts = {choice["index"]: choice["message"]["content"] for choice in whole["choices"]}
    wanted = {index: "".join(text for at, text in said if at == index) for index, _ in said}
    assert {index: text or "" for index, text in texts.items()} == (wanted or {0: ""})


def test_tool_calls_of_a_stream_are_put_together_by_their_index() -> None:
    pieces = [(5, "c5", "g", ""), (2, "c2", "f", '{"a"'), (5, None, None, "{}"), (2, None, None, ":1}")]
    chunks = [
        Chunk.construct(
            **piece({"tool_calls": [{"index": at, "id": id, "function": {"name": name, "arguments": text}}]})
        )
        for at, id, name, text in pieces
    ]
    whole: Any = folded(chunks)
    calls = [(call["id"], call["function"]) for call in whole["choices"][0]["message"]["tool_calls"]]
    assert calls == [("c2", {"name": "f", "arguments": '{"a":1}'}), ("c5", {"name": "g", "arguments": "{}"})]


def chunk_of(index: int, text: str) -> dict[str, Any]:
    """A chunk with a piece of one choice."""
    made = piece({"content": text})
    made["choices"][0]["index"] = index
    return made
