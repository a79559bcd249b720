"""What a configuration may say."""

import pytest

from parley.accounts.config import ALLOWED, plain, read_config
from parley.core.errors import BadRequest


def test_what_is_given_is_kept_as_it_is():
    given = {
        "model": "gpt-4o-mini",
        "temperature": 0.2,
        "fallback_config": {"model": "claude-haiku", "strategy": "timeout", "timeout": 2},
        "apply_corrections": True,
        "stop": ["END"],
        "sentinels": [{"name": "no promises", "directive": "The answer must not promise.", "future": {"x": [1]}}],
    }
    assert plain(read_config(given)) == given


def test_null_is_not_given():
    assert plain(read_config(dict.fromkeys(ALLOWED))) == {}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("temperature", 3, "of at most 2"),
        ("temperature", "hot", "expected"),
        ("top_p", -0.1, "of at least 0"),
        ("max_tokens", 0, "of at least 1"),
        ("max_tokens", True, "expected int"),
        ("model", "", "length"),
        ("model", 5, "expected str"),
        ("sentinels", {"name": "x"}, "expected array"),
        ("sentinels", ["x"], "expected object"),
        ("stop", ["a"] * 5, "length"),
        ("safe_mode", "yes", "expected bool"),
        ("fallback_config", "x", "expected object"),
    ],
)
def test_a_wrong_value_names_its_key_and_what_is_allowed(key, value, says):
    with pytest.raises(BadRequest) as refused:
        read_config({key: value})
    assert refused.value.param.startswith(key)
    assert f"`{key}" in refused.value.message and says in refused.value.message


def test_an_unknown_key_names_the_near_one_and_all_that_are_allowed():
    with pytest.raises(BadRequest) as refused:
        read_config({"temprature": 1})
    assert refused.value.param == "temprature"
    assert "Did you mean `temperature`?" in refused.value.message
    assert all(name in refused.value.message for name in ALLOWED)


@pytest.mark.parametrize("key", ["messages", "session_id", "stream", "user_id", "n_", "api_key"])
def test_what_belongs_to_one_request_is_not_a_default(key):
    with pytest.raises(BadRequest, match="not something that can be configured"):
        read_config({key: "x"})


def test_a_mistake_inside_a_table_has_its_place():
    with pytest.raises(BadRequest) as refused:
        read_config({"fallback_config": {"modle": "x"}})
    assert refused.value.param == "fallback_config.modle" and "Did you mean `model`?" in refused.value.message
    with pytest.raises(BadRequest) as refused:
        read_config({"fallback_config": {"strategy": "sometimes"}})
    assert refused.value.param == "fallback_config.strategy"


@pytest.mark.parametrize("flag", ["apply_corrections", "safe_mode"])
def test_mending_without_judging_is_a_contradiction(flag):
    with pytest.raises(BadRequest, match="needs evaluation") as refused:
        read_config({"evaluation_enabled": False, flag: True})
    assert refused.value.param == flag
