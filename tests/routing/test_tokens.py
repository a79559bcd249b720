"""Estimated tokens, kinds of content, and contexts that are too small."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.asks import Chat, Embed, TextCompletion
from parley.core.tokens import text_tokens
from parley.routing.tokens import fits, kinds_of, prompt_tokens


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("The quick brown fox jumps over the lazy dog. It was not amused, and said so at length.", 20),
        ("Schöne Grüße aus München, wo die Straßenbahn heute wieder einmal nicht fährt.", 22),
        ("我今天去了图书馆,借了三本关于人工智能的书。", 22),
    ],
)
def test_prose_is_estimated_within_the_documented_error(text: str, real: int) -> None:
    assert 0.7 * real <= text_tokens(text) <= 1.35 * real


def test_messages_parts_and_tools_all_count() -> None:
    parts = [{"type": "text", "text": "x" * 400}, {"type": "image_url", "image_url": {"url": "data:..."}}]
    plain = prompt_tokens(Chat(messages=[{"role": "user", "content": "x" * 400}]))
    assert plain == 104
    assert prompt_tokens(Chat(messages=[{"role": "user", "content": parts}])) == 904
    tools = [{"type": "function", "function": {"name": "f" * 400}}]
    assert prompt_tokens(Chat(messages=[{"role": "user", "content": "x" * 400}], tools=tools)) > 200


def test_prompts_and_inputs_are_texts_or_tokens() -> None:
    assert prompt_tokens(TextCompletion(prompt="x" * 40)) == 10
    assert prompt_tokens(Embed(input=["x" * 40, "y" * 40])) == 20
    assert prompt_tokens(Embed(input=[[1, 2, 3], [4]])) == 4


def test_the_kinds_of_content_are_told() -> None:
    parts = [{"type": "image_url"}, {"type": "input_audio"}, {"type": "file"}]
    assert kinds_of(Chat(messages=[{"role": "user", "content": parts}])) == {"image", "audio", "file"}
    chat = Chat(messages=[{"role": "user", "content": "hi"}], tools=[{"type": "function"}])
    assert kinds_of(chat) == {"text", "tools"}
    assert kinds_of(Embed(input="x")) == {"text"}


def test_a_context_is_too_small_only_when_it_surely_is() -> None:
    assert fits(None, 10**9, 0)
    assert fits(1000, 1300, 0)
    assert not fits(1000, 1400, 0)
    assert not fits(1000, 800, 500)


@given(st.text())
def test_any_text_has_an_estimate(text: str) -> None:
    assert 0 <= text_tokens(text) <= 2 * len(text) + 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5) | st.integers(-5, 5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("type", "text", "x")), inner),
    )
)
def test_no_content_is_a_crash(content: object) -> None:
    chat = Chat(messages=[{"role": "user", "content": content, "tool_calls": content}])
    assert prompt_tokens(chat) >= 4
    assert kinds_of(chat) is not None
