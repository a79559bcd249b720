"""Requests that want the same have the same key, whoever asks however; nothing else has."""

from typing import Any

import msgspec
import pytest

from parley.cache.key import Question, question_of
from parley.core.call import Caching, Call, Caller, Source, Trace, Whose
from parley.dialects.openai_chat import read_chat

HELLO = [{"role": "user", "content": "Hello?"}]


def question(
    body: dict[str, Any] | None = None,
    *,
    mark: str = "",
    sentinels: Any = None,
    caching: Caching | None = None,
    **whose: Any,
) -> Question:
    ask, fields = read_chat(msgspec.json.encode({"model": "m", "messages": HELLO, **(body or {})}))
    call = Call(
        id="req_1",
        received=0.0,
        deadline=1.0,
        caller=Caller(key_id="k", account="a", scopes=frozenset()),
        whose=Whose(**{"account": "a", "application": "app", "intent": "i", "session_id": "s", **whose}),
        trace=Trace(trace_id="t"),
        ask=ask,
        source=Source(dialect="openai_chat", fields=fields, asked=ask),
        caching=caching,
    )
    found = question_of(call, mark, sentinels)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "body",
    [
        {"stream": True},
        {"stream_options": {"include_usage": True}, "stream": True},
        {"user": "u"},
        {"session_id": "x", "reference_id": "y", "user_id": "z"},
        {"n": 1, "presence_penalty": 0, "logprobs": False},
        {"temperature": None},
        {"messages": [{"content": "Hello?", "role": "user"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello?"}]}]},
        {"log_prompt": True},
    ],
)
def test_what_can_not_change_the_answer_is_not_in_the_key(body: dict[str, Any]) -> None:
    assert question(body).key == question().key


@pytest.mark.parametrize(
    "body",
    [
        {"model": "other"},
        {"temperature": 0.1},
        {"seed": 4},
        {"messages": [{"role": "user", "content": "Hello!"}]},
        {"messages": [{"role": "system", "content": "Be kind."}, *HELLO]},
        {"messages": [{"role": "user", "content": "Hello?", "name": "Eve"}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"something_new": [1, 2]},
        {"evaluation_enabled": False},
        {"chat_template": "x"},
    ],
)
def test_what_can_change_the_answer_is(body: dict[str, Any]) -> None:
    assert question(body).key != question().key


@pytest.mark.parametrize("whose", [{"account": "b"}, {"application": "b"}, {"intent": "b"}, {"metadata": {"t": 1}}])
def test_whose_it_is_is_in_every_key(whose: dict[str, Any]) -> None:
    named = Caching(namespace="n")
    assert question(**whose).key != question().key
    assert (question(caching=named, **whose).key != question(caching=named).key) == ("metadata" not in whose)


def test_targets_and_checks_are_in_the_key() -> None:
    assert len({question().key, question(mark="x").key, question(sentinels=[{"name": "s"}]).key}) == 3


def test_a_namespace_is_no_metadata() -> None:
    assert question(caching=Caching(namespace="n")).key != question(metadata={"0": "n"}).key


def test_the_scope_leaves_out_only_the_last_user_turn() -> None:
    one, other = (question({"messages": [{"role": "user", "content": text}]}) for text in ("Hello?", "Good day?"))
    assert one.scope == other.scope is not None
    assert one.key != other.key
    assert (one.text, other.text) == ("Hello?", "Good day?")
    after = question({"messages": [*HELLO, {"role": "assistant", "content": "Hi"}, *HELLO]})
    assert after.scope != one.scope


@pytest.mark.parametrize(
    "last",
    [
        {"role": "assistant", "content": "Hello"},
        {"role": "tool", "tool_call_id": "1", "content": "3"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}]},
    ],
)
def test_what_is_no_question_in_words_has_no_scope(last: dict[str, Any]) -> None:
    calling = {
        "role": "assistant",
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    turns = [*HELLO, calling, last] if last["role"] == "tool" else [*HELLO, last]
    assert question({"messages": turns}).scope is None


def test_names_that_the_store_can_not_index_have_no_question() -> None:
    with pytest.raises(AssertionError):
        question(application="x" * 101)
    with pytest.raises(AssertionError):
        question(user_id="x\0")
