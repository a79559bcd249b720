"""The kinds excludes, contains, matches and never_matches."""

import pytest

from parley.core.reply import ToolCall

from .subjects import judged, mended


@pytest.mark.parametrize(
    ("options", "text", "status"),
    [
        ({"words": ["guarantee"]}, "We Guarantee it.", "FAULT"),
        ({"words": ["guarantee"]}, "It is guaranteed.", "FAULT"),
        ({"words": ["guarantee"], "case_sensitive": True}, "We Guarantee it.", "PASS"),
        ({"words": ["promise"], "whole_words": True}, "A compromise.", "PASS"),
        ({"words": ["promise"], "whole_words": True}, "A compromise. I promise.", "FAULT"),
        ({"words": ["STRASSE"]}, "Die Straße", "FAULT"),
        ({"words": ["a.b"]}, "axb", "PASS"),
        ({"words": ["x", "y"]}, "", "PASS"),
    ],
)
def test_forbidden_words_are_found_as_the_options_say(options, text, status):
    assert judged({"kind": "excludes", **options}, text).status == status


def test_a_forbidden_word_is_named_and_redacted_wherever_it_stands():
    sentinel = {"kind": "excludes", "words": ["guarantee", "promise"]}
    text = "We guarantee, no, PROMISE a refund. I guarantee it."
    verdict = judged(sentinel, text)
    assert verdict.description == "The answer holds 'guarantee', 'promise'."
    assert mended(sentinel, text) == "We [redacted], no, [redacted] a refund. I [redacted] it."


def test_places_that_overlap_are_redacted_once():
    sentinel = {"kind": "excludes", "words": ["one two", "two three"]}
    assert mended(sentinel, "zero one two three four") == "zero [redacted] four"


def test_with_a_correction_of_its_own_a_fault_is_left_to_the_model():
    sentinel = {"kind": "excludes", "words": ["promise"], "correction": "Say it without a promise."}
    assert mended(sentinel, "I promise.") is None


@pytest.mark.parametrize(
    ("options", "text", "status"),
    [
        ({"words": ["Acme", "terms"]}, "acme's Terms apply.", "PASS"),
        ({"words": ["Acme", "terms"]}, "Our terms apply.", "FAULT"),
        ({"words": ["Acme", "terms"], "any": True}, "Our terms apply.", "PASS"),
        ({"words": ["Acme", "terms"], "any": True}, "Nothing applies.", "FAULT"),
        ({"words": ["term"], "whole_words": True}, "Our terms apply.", "FAULT"),
    ],
)
def test_words_that_must_occur_are_missed(options, text, status):
    verdict = judged({"kind": "contains", **options}, text)
    assert verdict.status == status
    assert mended({"kind": "contains", **options}, text) is None


@pytest.mark.parametrize(
    ("kind", "text", "status"),
    [
        ("matches", "Ticket 4711 is open.", "PASS"),
        ("matches", "No ticket.", "FAULT"),
        ("never_matches", "Ticket 4711 is open.", "FAULT"),
        ("never_matches", "No ticket.", "PASS"),
    ],
)
def test_a_pattern_is_searched_anywhere(kind, text, status):
    assert judged({"kind": kind, "pattern": r"\bTicket \d+\b"}, text).status == status


def test_what_a_forbidden_pattern_matched_is_redacted_at_its_place_in_characters():
    sentinel = {"kind": "never_matches", "pattern": "ünf+", "ignore_case": True}
    assert mended(sentinel, "Zwölf, fÜnff und fünf.") == "Zwölf, f[redacted] und f[redacted]."


def test_a_pattern_that_backtracking_would_hang_on_takes_no_time():
    text = "a" * 50_000 + "!"
    assert judged({"kind": "never_matches", "pattern": "(a*)*(a*)*b"}, text).status == "PASS"


def test_the_arguments_of_tool_calls_are_looked_at_where_they_are_included():
    call = ToolCall(id="c", name="send", arguments='{"text": "I promise"}')
    sentinel = {"kind": "excludes", "words": ["promise"]}
    assert judged(sentinel, "Fine.", tools=[call]).status == "PASS"
    assert judged({**sentinel, "include": ["tool_calls"]}, "Fine.", tools=[call]).status == "FAULT"
