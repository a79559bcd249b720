"""Words are compared without their endings, accents and case; scripts without spaces by pairs of letters."""

import pytest

from parley.context.index import unpack
from parley.context.terms import hashed, pack, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("retries", "retry"),
        ("caching", "caches"),
        ("stopped", "stopping"),
        ("evaluate", "evaluation"),
        ("Café", "CAFE"),
        ("ﬁle", "files"),
        ("users'", "user"),
    ],
)
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert list(terms(one)) == list(terms(other))


@pytest.mark.parametrize(("one", "other"), [("status", "stat"), ("not", "note"), ("class", "clas"), ("bus", "bu")])
def test_different_words_are_not(one: str, other: str) -> None:
    assert list(terms(one)) != list(terms(other))


def test_a_name_with_underscores_is_found_whole_and_by_its_parts() -> None:
    assert list(terms("server.max_body")) == ["server", "max_body", "max", "bodi"]


def test_stop_words_are_no_terms() -> None:
    assert list(terms("What is it that you do?")) == []


def test_chinese_is_compared_by_pairs_beside_words_of_latin_letters() -> None:
    assert list(terms("退款期限30天api")) == ["退款", "款期", "期限", "30", "天", "api"]


def test_packing_counts_each_term() -> None:
    packed, length = pack("refund refunds policy")
    hashes, counts = unpack(packed)
    assert dict(zip(hashes.tolist(), counts.tolist(), strict=True)) == {hashed("refund"): 2, hashed("polici"): 1}
    assert length == 3
