"""Defaults: merged and put where a request says nothing."""

from parley.accounts.config import IntentConfig, read_config
from parley.accounts.defaults import NONE, apply_defaults, merge
from parley.core.asks import Chat, Embed, FallbackConfig, TextCompletion

HELLO = [{"role": "user", "content": "hello"}]


def merged(*configs):
    return merge([read_config(config) for config in configs])


def chat(**fields):
    return Chat(messages=HELLO, **fields)


def test_without_defaults_the_very_same_request_comes_back():
    ask = chat()
    assert apply_defaults(ask, NONE) is ask
    assert merge([]) is merge([IntentConfig(), IntentConfig()]) is NONE


def test_a_request_that_says_everything_itself_comes_back_as_it_is():
    ask = chat(model="mine", temperature=0.0)
    assert apply_defaults(ask, merged({"model": "other", "temperature": 1})) is ask


def test_request_then_intent_then_application_then_server():
    defaults = merged(
        {"model": "intent"},
        {"model": "application", "temperature": 0.5},
        {"model": "server", "temperature": 0.9, "top_p": 0.1},
    )
    assert apply_defaults(chat(), defaults) == chat(model="intent", temperature=0.5, top_p=0.1)
    assert apply_defaults(chat(model="mine"), defaults).model == "mine"


def test_false_and_zero_of_a_request_count_as_said():
    defaults = merged({"apply_corrections": True, "temperature": 1, "instructions": "Be kind."})
    ask = apply_defaults(chat(apply_corrections=False, temperature=0.0, instructions=""), defaults)
    assert (ask.apply_corrections, ask.temperature, ask.instructions) == (False, 0.0, "")


def test_the_same_thing_under_another_name_counts_as_said():
    assert apply_defaults(chat(max_completion_tokens=5), merged({"max_tokens": 9})).max_tokens is None
    assert apply_defaults(chat(max_tokens=5), merged({"max_completion_tokens": 9})).max_completion_tokens is None
    ask = apply_defaults(
        chat(functions=[{"name": "f"}]), merged({"tools": [{"type": "function"}], "tool_choice": "auto"})
    )
    assert (ask.tools, ask.tool_choice) == (None, None)
    intent_over_application = apply_defaults(chat(), merged({"max_completion_tokens": 5}, {"max_tokens": 9}))
    assert (intent_over_application.max_completion_tokens, intent_over_application.max_tokens) == (5, None)


def test_a_fallback_is_filled_in_part_by_part():
    defaults = merged(
        {"fallback_config": {"timeout": 3}}, {"fallback_config": {"model": "b", "strategy": "timeout", "timeout": 9}}
    )
    assert apply_defaults(chat(), defaults).fallback_config == FallbackConfig("b", "timeout", 3)
    mine = apply_defaults(chat(fallback_config=FallbackConfig(strategy="reactive")), defaults)
    assert mine.fallback_config == FallbackConfig("b", "reactive", 3)


def test_a_requests_fallback_model_replaces_the_settled_one_and_keeps_its_timeout():
    ask = apply_defaults(chat(fallback_model="mine"), merged({"fallback_config": {"model": "b", "timeout": 9}}))
    assert (ask.fallback_model, ask.fallback_config) == ("mine", FallbackConfig(timeout=9))


def test_a_text_completion_gets_what_it_has_and_embeddings_no_chat_model():
    defaults = merged({"model": "chat", "temperature": 0.3, "tools": [{}], "log_prompt": False})
    text = apply_defaults(TextCompletion(prompt="Once"), defaults)
    assert (text.model, text.temperature, text.log_prompt) == ("chat", 0.3, False)
    embed = apply_defaults(Embed(input="text"), defaults)
    assert (embed.model, embed.log_prompt) == (None, False)


def test_sentinels_of_an_application_hold_for_its_intents_too_unless_the_intent_has_its_own_of_that_name():
    intent, application = {"name": "a"}, {"name": "b"}
    assert merged({"sentinels": [intent]}, {"sentinels": [application]}).sentinels == [intent, application]
    other = {"name": "a", "enabled": False}
    assert merged({"sentinels": [other]}, {"sentinels": [intent, application]}).sentinels == [other, application]
    assert merged({"sentinels": []}, {"sentinels": [application]}).sentinels == []
    assert merged({"model": "x"}, {"sentinels": [application]}).sentinels == [application]
    assert NONE.sentinels == []
