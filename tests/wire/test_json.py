"""JSON is read and written, and what is none is refused in a sentence."""

import math

import msgspec
import pytest

from parley.wire.errors import JsonError
from parley.wire.json import decode, decode_fields, decode_with, encode


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "The JSON is empty."),
        (b'{"a": 1', "The JSON ends too early (byte 7)."),
        (b'{"a" 1}', "JSON is malformed: expected ':' (byte 5)."),
        (b"[NaN]", "JSON is malformed: invalid character (byte 1)."),
        (b"Infinity", "JSON is malformed: invalid character (byte 0)."),
        (b"1e999", "The JSON does not fit: Number out of range."),
        (b'"\xff"', "The JSON holds a byte that is not UTF-8 (byte 0 of its text)."),
    ],
)
def test_a_text_that_is_no_json_is_refused_in_a_sentence(text: bytes, sentence: str) -> None:
    with pytest.raises(JsonError) as caught:
        decode(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("depth", [1_000, 10_000, 1_000_000])
@pytest.mark.parametrize("read", [decode, decode_fields])
def test_deep_nesting_is_refused_without_a_crash(depth: int, read: object) -> None:
    assert callable(read)
    with pytest.raises(JsonError, match="too deeply"):
        read(b'{"a":' + b"[" * depth + b"]" * depth + b"}")


def test_a_value_nested_too_deeply_can_not_be_written() -> None:
    value: list[object] = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(JsonError, match="too deeply"):
        encode(value)


def test_an_ordinary_depth_passes_both_ways() -> None:
    text = b"[" * 200 + b"]" * 200
    assert encode(decode(text)) == text


def test_of_a_key_that_stands_twice_the_last_value_counts() -> None:
    assert decode(b'{"a":1,"a":2}') == {"a": 2}


def test_numbers_that_json_does_not_know_are_written_as_null() -> None:
    assert encode([math.nan, math.inf]) == b"[null,null]"


def test_what_json_can_not_say_is_refused() -> None:
    with pytest.raises(JsonError, match="can not be written"):
        encode({"a": object()})


def test_fields_stay_json_until_they_are_looked_at() -> None:
    fields = decode_fields(b'{"a": {"b":  1}, "c": 1.50}')
    assert bytes(fields["a"]) == b'{"b":  1}'
    assert encode(fields) == b'{"a":{"b":  1},"c":1.50}'
    with pytest.raises(JsonError, match="Expected `object`"):
        decode_fields(b"[]")


def test_a_decoder_of_its_own_type_says_what_does_not_fit() -> None:
    with pytest.raises(JsonError, match=r"Expected `int`, got `str`"):
        decode_with(msgspec.json.Decoder(list[int]), b'["a"]')
