"""Reading sentinels: what is taken, and how each mistake is told."""

import pytest

from parley.core.errors import BadRequest
from parley.evaluation.expect import Expect
from parley.evaluation.panels import EMPTY, Panels
from parley.evaluation.sentinel import KINDS, read_sentinels


def test_every_key_is_read():
    (found,) = read_sentinels(
        [
            {
                "name": "no promises",
                "kind": "llm",
                "severity": "fatal",
                "qualification": "The user asks for money.",
                "directive": "It must not promise.",
                "examples": [{"answer": "I promise.", "status": "FAULT", "input": "?", "reason": "It promises."}],
                "correction": "Say what the terms say.",
                "include": ["system", "context", "input", "tool_calls", "schema"],
                "enabled": False,
                "sample": 0.5,
                "judge": "strict",
            }
        ]
    )
    assert (found.name, found.kind, found.severity, found.enabled, found.sample) == (
        "no promises", "llm", "fatal", False, 0.5,
    )  # fmt: skip
    assert (found.asking.judge, found.asking.qualification) == ("strict", "The user asks for money.")
    assert (found.directive, found.correction) == ("It must not promise.", "Say what the terms say.")
    assert found.examples[0].status == "FAULT"


def test_a_sentinel_is_of_the_kind_llm_unless_it_says_otherwise_and_grave_as_an_error():
    (found,) = read_sentinels([{"name": "x", "directive": "d", "judge": None}])
    assert (found.kind, found.severity, found.enabled, found.sample) == ("llm", "error", True, 1.0)
    assert (found.instrument, found.asking.judge) == (None, None)


OWN_KEYS = {
    "excludes": {"words": ["x"]},
    "contains": {"words": ["x"]},
    "matches": {"pattern": "x"},
    "never_matches": {"pattern": "x"},
    "length": {"max": 3},
    "language": {"allow": ["en"]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_instrument_and_takes_a_directive(kind):
    (found,) = read_sentinels([{"name": "x", "kind": kind, "directive": "d", **OWN_KEYS.get(kind, {})}])
    assert found.instrument is not None
    assert found.asking is None


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        ({}, ".name", "is required"),
        ({"name": ""}, ".name", "1 item"),
        ({"name": 5}, ".name", "a string"),
        ({"name": "x"}, ".directive", "is required: it says what the judge looks for"),
        ({"name": "x", "kind": "nope"}, ".kind", "'nope'; there is: llm, excludes"),
        ({"name": "x", "kind": 5}, ".kind", "there is: llm"),
        ({"name": "x", "directive": "d", "severity": "bad"}, ".severity", "There is: debug, info, warning, error"),
        ({"name": "x", "directive": "d", "sample": 2}, ".sample", "at most 1"),
        ({"name": "x", "directive": "d", "sample": -1}, ".sample", "at least 0"),
        ({"name": "x", "directive": "d", "include": ["all"]}, ".include[0]", "There is: system, context"),
        ({"name": "x", "directive": "d", "examples": [{"answer": "a", "status": "OK"}]}, ".examples[0].status", "PASS"),
        ({"name": "x", "directive": "d", "examples": [{"status": "PASS"}]}, ".examples[0].answer", "is required"),
        ({"name": "x", "directive": "d", "words": ["a"]}, ".words", "is no key of a sentinel of the kind llm"),
        ({"name": "x", "directive": "d", "judge": "ghost"}, ".judge", "the model 'ghost', which does not exist"),
        ({"name": "x", "kind": "json", "judge": "strict"}, ".judge", "is no key of a sentinel of the kind json"),
        ({"name": "x", "kind": "excludes"}, ".words", "is required"),
        ({"name": "x", "kind": "excludes", "words": []}, ".words", "at least 1 item"),
        ({"name": "x", "kind": "excludes", "words": "a"}, ".words", "a list"),
        ({"name": "x", "kind": "excludes", "words": ["a", ""]}, ".words[1]", "of at least 1 item"),
        ({"name": "x", "kind": "excludes", "words": ["a"], "wrods": ["b"]}, ".wrods", "did you mean `words`?"),
        ({"name": "x", "kind": "matches", "pattern": "(a"}, ".pattern", "not a pattern that RE2 takes: missing ): (a"),
        ({"name": "x", "kind": "matches", "pattern": r"(a)\1"}, ".pattern", "invalid escape sequence"),
        ({"name": "x", "kind": "matches", "pattern": "(?=a)"}, ".pattern", "is not a pattern that RE2 takes"),
        ({"name": "x", "kind": "json_schema", "schema": {"type": "strin"}}, ".schema", "is not a valid JSON Schema"),
        ({"name": "x", "kind": "json_schema", "schema": [1]}, ".schema", "must be a JSON Schema: an object"),
        ({"name": "x", "kind": "json_schema", "schema": {"pattern": r"(a)\1"}}, ".schema", "not a valid JSON Schema"),
        ({"name": "x", "kind": "length"}, ".max", "is missing: give `min`, `max` or both"),
        ({"name": "x", "kind": "length", "min": 5, "max": 4}, ".min", "is more than `max`"),
        ({"name": "x", "kind": "length", "max": 4, "unit": "lines"}, ".unit", "There is: characters, words, tokens"),
        ({"name": "x", "kind": "language", "allow": ["xx"]}, ".allow", "names 'xx', which can not be told; known are"),
        ({"name": "x", "kind": "personal_data", "kinds": ["dna"]}, ".kinds[0]", "There is: email, phone, iban"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_place_and_what_is_allowed(raw, place, words):
    fine = {"name": "fine", "kind": "json"}
    with pytest.raises(BadRequest) as caught:
        read_sentinels([fine, raw], lambda model: model == "strict")
    assert caught.value.param == f"sentinels[1]{place}"
    assert caught.value.message.startswith(f"`sentinels[1]{place}` ")
    assert words in caught.value.message


@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/schema.json", "file:///etc/passwd", "other.json"])
def test_a_schema_is_never_fetched(reference):
    with pytest.raises(BadRequest) as caught:
        read_sentinels([{"name": "x", "kind": "json_schema", "schema": {"$ref": reference}}])
    assert caught.value.param == "sentinels[0].schema"


@pytest.mark.parametrize("raw", ["x", 5, ["a"], None])
def test_a_sentinel_is_an_object(raw):
    with pytest.raises(BadRequest, match="must be an object"):
        read_sentinels([raw])


def test_names_are_not_given_twice():
    with pytest.raises(BadRequest, match=r"`sentinels\[1\].name` is the name of another sentinel"):
        read_sentinels([{"name": "x", "kind": "json"}, {"name": "x", "kind": "json"}])


def test_the_judge_of_an_application_is_a_model_too():
    expect = Expect(lambda model: model == "strict")
    expect([{"name": "x", "directive": "d"}], "strict")
    with pytest.raises(BadRequest) as caught:
        expect([], "ghost")
    assert caught.value.param == "judge"


def test_a_panel_is_made_once_and_again_when_the_configuration_is_another_one():
    panels, raw = Panels(), [{"name": "x", "kind": "json"}]
    assert panels.of(None) is EMPTY
    assert panels.of([]) is EMPTY
    first = panels.of(raw)
    assert panels.of(raw) is first
    assert panels.of(list(raw)) is not first
    assert panels.of(raw, "strict") is not first


def test_sentinels_that_are_not_understood_judge_nothing_and_are_logged(caplog):
    assert Panels().of([{"name": "x", "kind": "from the future"}]) is EMPTY
    assert "from the future" in caplog.text
