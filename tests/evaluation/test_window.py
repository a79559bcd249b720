"""The window of a stream: what goes out, when, and what becomes of a fault; with its input cut everywhere."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.evaluation.window import LONGEST_HELD, Window

from .subjects import judged as judged_whole
from .subjects import panel, subject

WORDS = {"kind": "excludes", "words": ["promise a refund"]}
FINE = 'Hello there! It is 3.5 kg, isn\'t it?! "Yes." Done…\n\n- one\n- two\n她说：“好。”然后走了。 End without a mark'
FAULTY = "Hello. We can look at it. We promise a refund today. And more follows. Bye."


def windowed(pieces, *raw):
    """What comes out of a window, piece by piece, and its last release."""
    window = Window(panel(*(raw or (WORDS,))), subject())
    out = []
    for piece in pieces:
        release = window.feed(piece)
        out.append(release.text)
        if release.faults:
            return window, out, release
    release = window.flush()
    return window, [*out, release.text], release


@pytest.mark.parametrize("cut", range(len(FINE)))
def test_a_fine_text_comes_out_as_it_went_in_wherever_it_is_cut(cut):
    _, out, release = windowed([FINE[:cut], FINE[cut:]])
    assert "".join(out) == FINE
    assert release.faults == ()


@pytest.mark.parametrize("cut", range(len(FAULTY)))
def test_a_fault_is_met_at_the_same_place_wherever_the_text_is_cut(cut):
    window, out, release = windowed([FAULTY[:cut], FAULTY[cut:]])
    assert "".join(out) == window.sent == "Hello. We can look at it."
    assert release.held.startswith(" We promise a refund today.")
    assert [fault.sentinel for fault in release.faults] == ["s0"]
    assert release.mended == release.held.replace("promise a refund", "[redacted]")


def test_letter_by_letter_nothing_waits_longer_than_its_sentence():
    window = Window(panel(WORDS), subject())
    for place, letter in enumerate(FINE):
        window.feed(letter)
        held = FINE[len(window.sent) : place + 1]
        assert len(held.split(". ")) <= 2
        assert held.count("\n") <= 2


def test_after_a_fault_nothing_comes_out_until_the_held_text_is_replaced():
    window, _, release = windowed(["One. I promise a refund. Two."])
    assert window.feed(" Three. ").text == ""
    assert window.flush().text == ""
    going_on = window.replace(release.mended)
    assert going_on.text == " I [redacted]."
    assert window.feed(" Three. Four").text == " Two. Three."
    assert window.flush().text == " Four"
    assert window.sent == "One. I [redacted]. Two. Three. Four"


def test_what_takes_the_place_of_a_fault_is_judged_as_well():
    window, _, _ = windowed(["One. I promise a refund. Two."])
    again = window.replace(" Well, I promise a refund. ")
    assert (again.text, bool(again.faults)) == ("", True)


def test_a_fault_across_two_sentences_is_found_though_the_first_one_is_out():
    sentinel = {"kind": "never_matches", "pattern": r"it\. Again"}
    _, out, release = windowed(["They said it. Again", " and again."], sentinel)
    assert "".join(out) == "They said it."
    assert (release.held, release.mended) == (" Again and again.", None)


def test_a_text_without_sentences_is_let_out_at_a_space():
    text = "word " * 1000
    window = Window(panel(WORDS), subject())
    for start in range(0, len(text), 7):
        window.feed(text[start : start + 7])
        assert len(text[: start + 7]) - len(window.sent) <= LONGEST_HELD
    window.flush()
    assert window.sent == text
    assert Window(panel(WORDS), subject()).feed("x" * 1500).text == "x" * 1200


def test_kinds_that_need_the_whole_answer_hold_nothing_back():
    raw = [{"kind": "json"}, {"kind": "contains", "words": ["x"]}, {"kind": "truncated"}, {"kind": "length", "min": 99}]
    jury = panel(*raw)
    assert not jury.watches_streams
    window = Window(jury, subject())
    assert window.feed("Hello. ").text == "Hello."
    assert window.flush().text == " "


@pytest.mark.parametrize(
    ("sentinel", "text", "before"),
    [
        ({"kind": "secrets"}, "Here. Key AKIAIOSFODNN7EXAMPLE. Bye. ", "Here."),
        ({"kind": "personal_data"}, "Here. Write bob@example.com now. Bye. ", "Here."),
        ({"kind": "grounded"}, "Here. It costs 99 euros. Bye. ", "Here."),
        ({"kind": "refusal"}, "I'm sorry, but I can't help with that. Bye. ", ""),
        ({"kind": "length", "max": 3, "unit": "words"}, "One two. Three four. Five. ", "One two."),
        ({"kind": "repetition"}, "Again it is the same thing. " * 9, "Again it is the same thing."),
    ],
)  # fmt: skip
def test_kinds_that_see_a_growing_text_stop_it(sentinel, text, before):
    window, out, release = windowed(list(text), sentinel)
    assert release.faults
    assert "".join(out).startswith(before)
    if sentinel["kind"] != "repetition":
        assert window.sent == before


def test_a_greeting_in_another_language_stops_no_stream():
    sentinel = {"kind": "language", "allow": ["en"]}
    text = "Hola, ¿qué tal? "
    assert judged_whole(sentinel, text).status == "FAULT"
    assert windowed([text + "We will look into it and tell you. "], sentinel)[2].faults == ()


def test_length_counts_all_of_a_long_stream():
    text = "One two three. " * 2000
    window, _, release = windowed([text], {"kind": "length", "max": 20_000})
    assert release.faults
    assert 19_900 < len(window.sent) <= 20_000


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab .!?\n"。…', max_size=80), st.lists(st.integers(0, 80), max_size=6))
def test_where_sentences_end_does_not_depend_on_the_cuts(text, cuts):
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    sentinel = {"kind": "never_matches", "pattern": "a.?b"}
    whole_window, whole_out, whole = windowed([text], sentinel)
    window, out, last = windowed(pieces, sentinel)
    assert "".join(out) == "".join(whole_out)
    assert window.sent == whole_window.sent
    assert bool(last.faults) == bool(whole.faults)
