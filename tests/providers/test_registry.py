"""The registry's rows are facts that fit together, and an upstream's own names for fields are what it is sent."""

import json
import re

import pytest

from parley.core.asks import Chat, Embed
from parley.providers.openai_compatible import in_their_words
from parley.providers.registry import BY_NAME, ENGINE_ROW, ROWS, Row
from parley.wire.http import Url


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_where_and_when_it_was_checked(row: Row) -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d|unconfirmed", row.checked)
    assert "." in row.docs
    assert "://" not in row.docs


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_has_an_address_unless_every_customer_has_another(row: Row) -> None:
    if row.base_url:
        Url.parse(row.base_url)
        assert not row.base_url.endswith("/")
        assert row.base_url.startswith("http://127.0.0.1:" if row.local else "https://")
    else:
        assert row.deployments


def test_no_two_rows_have_one_name() -> None:
    assert len(BY_NAME) == len(ROWS)


def test_rows_speak_of_fields_that_there_are() -> None:
    known = {*Chat.__struct_fields__, *Embed.__struct_fields__}
    for row in (*ROWS, ENGINE_ROW):
        assert row.beyond <= known, row.name
        assert set(row.renames) <= known, row.name
        assert row.lacks <= known, row.name
        assert not set(row.renames) & row.lacks, row.name


def test_mistral_is_asked_in_its_own_words() -> None:
    asked = {"seed": 7, "max_completion_tokens": 5, "stream_options": {"include_usage": True}, "user": "u", "n": 1}
    assert said("mistral", asked) == {"random_seed": 7, "max_tokens": 5, "n": 1}


def test_a_limit_reaches_an_upstream_that_knows_only_its_older_name() -> None:
    assert said("deepseek", {"max_completion_tokens": 5}) == {"max_tokens": 5}


def test_a_field_given_under_both_names_keeps_what_stands_under_the_upstreams_own() -> None:
    assert said("deepseek", {"max_completion_tokens": 5, "max_tokens": 9}) == {"max_tokens": 9}


def test_llamacpp_calls_the_penalty_of_repetition_otherwise() -> None:
    assert said("llamacpp", {"repetition_penalty": 1.1, "min_p": 0.1}) == {"repeat_penalty": 1.1, "min_p": 0.1}


def test_what_an_upstream_calls_as_we_do_keeps_its_bytes() -> None:
    body = b'{"odd":  {"deep":[1.50]},"seed":3}'
    assert b'"odd":{"deep":[1.50]}' in in_their_words(body, BY_NAME["mistral"]).replace(b" ", b"")


def said(provider: str, fields: dict[str, object]) -> object:
    """What `provider` is sent for these fields."""
    return json.loads(in_their_words(json.dumps(fields).encode(), BY_NAME[provider]))
