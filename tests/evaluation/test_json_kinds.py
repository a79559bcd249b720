"""The kinds json, json_schema and tool_call, and how JSON is mended."""

import json

import pytest
from msgspec import structs

from parley.core.asks import Chat
from parley.core.reply import ToolCall

from .subjects import judged, mended, panel, subject

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "string"}},
        "level": {"enum": ["low", "high"]},
        "home": {"$ref": "#/$defs/place"},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
    "$defs": {"place": {"type": "object", "properties": {"zip": {"type": "string"}, "no": {"type": "number"}}}},
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    },
}


def call(arguments, name="weather"):
    return ToolCall(id="c1", name=name, arguments=arguments)


@pytest.mark.parametrize("text", ['{"a": 1}', " [1]\n", '"x"', "0"])
def test_json_is_json(text):
    assert judged({"kind": "json"}, text).status == "PASS"


@pytest.mark.parametrize("text", ["", "prose", "{'a': 1}", '{"a": 1', 'Sure: {"a": 1}', "[" * 100_000])
def test_what_is_not_json_says_why(text):
    verdict = judged({"kind": "json"}, text)
    assert (verdict.status, verdict.description[:23]) == ("FAULT", "The answer is not JSON:")


def test_an_answer_that_is_only_a_tool_call_needs_no_json():
    assert judged({"kind": "json"}, "", tools=[call("{}")]).status == "NA"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('Sure! Here it is:\n```json\n{"a": [1, 2]}\n```\nAnything else?', {"a": [1, 2]}),
        ('Here: {"a": 1}. Done.', {"a": 1}),
        ("{'a': 'x', b: [1, 2,],}", {"a": "x", "b": [1, 2]}),
        ('{"a": {"b": [1, 2', {"a": {"b": [1, 2]}}),
        ('```\n{"a": 1,\n```', {"a": 1}),
    ],
)
def test_json_that_is_almost_right_is_put_right(text, meant):
    assert json.loads(mended({"kind": "json"}, text)) == meant


@pytest.mark.parametrize(
    "text", ["prose", "See [1] and {name}.", "[secret] of a kind", "", "{" * 2000, '{"a": "' + "x" * 40_000]
)
def test_prose_is_not_made_into_json(text):
    assert mended({"kind": "json"}, text) is None


def test_an_answer_follows_its_schema_or_is_told_where_it_does_not():
    sentinel = {"kind": "json_schema", "schema": SCHEMA}
    assert judged(sentinel, '{"name": "A", "age": 3}').status == "PASS"
    verdict = judged(sentinel, '{"name": 1, "tags": [2]}')
    assert verdict.status == "FAULT"
    for part in ('"age" is a required property', "(at /name)", "(at /tags/0)"):
        assert part in verdict.description


def test_values_are_fitted_to_the_schema_where_their_meaning_is_plain():
    text = '{"NAME": 5, "age": "42", "tags": "x", "level": "HIGH", "extra": 1, "home": {"zip": 12345, "no": "7"}}'
    fitted = json.loads(mended({"kind": "json_schema", "schema": SCHEMA}, text))
    assert fitted == {"name": "5", "age": 42, "tags": ["x"], "level": "high", "home": {"zip": "12345", "no": 7}}


@pytest.mark.parametrize("text", ['{"name": "A"}', '{"name": "A", "age": "old"}', '{"name": "A", "age": -1}'])
def test_what_the_schema_wants_is_never_made_up(text):
    assert mended({"kind": "json_schema", "schema": SCHEMA}, text) is None


def test_without_a_schema_of_its_own_that_of_the_request_counts():
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    assert judged({"kind": "json_schema"}, "{}", response_format=wanted).status == "FAULT"
    assert judged({"kind": "json_schema"}, '{"name": "A", "age": 1}', response_format=wanted).status == "PASS"
    assert judged({"kind": "json_schema"}, "{}").status == "NA"


def test_a_requests_schema_that_is_none_is_an_error_and_not_a_pass():
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "strange"}}}
    verdict = judged({"kind": "json_schema"}, "{}", response_format=wanted)
    assert (verdict.status, verdict.confidence) == ("ERROR", 0.0)


@pytest.mark.parametrize(
    ("tool", "status", "words"),
    [
        (call('{"city": "Ulm"}'), "PASS", "Every call can be carried out."),
        (call('{"city": 5}'), "FAULT", "do not follow its schema"),
        (call('{"city": '), "FAULT", "are not JSON"),
        (call("[]"), "FAULT", "are no JSON object"),
        (call("{}", "whether"), "FAULT", "There is no tool `whether`; offered are weather."),
    ],
)
def test_a_tool_call_can_be_carried_out_or_is_told_why_not(tool, status, words):
    verdict = _judged_call(tool)
    assert verdict.status == status
    assert words in verdict.description


def _about(*tools):
    return structs.replace(
        subject("", tools=tools), chat=Chat(messages=[{"role": "user", "content": "?"}], tools=[WEATHER])
    )


def _judged_call(*tools, **options):
    return panel({"kind": "tool_call", **options}).fast(_about(*tools))[0]


def test_a_call_may_be_required_and_tools_may_be_forbidden():
    assert _judged_call().status == "NA"
    assert _judged_call(required=True).status == "FAULT"
    assert _judged_call(call('{"city": "Ulm"}'), allow=["other"]).status == "FAULT"


def test_the_arguments_of_a_call_are_put_right():
    jury = panel({"kind": "tool_call"})
    about = _about(call("{'city': 'Ulm', 'days': '3'"))
    found = jury.mend(about, jury.fast(about))
    assert [json.loads(tool.arguments) for tool in found.tools] == [{"city": "Ulm", "days": 3}]
    assert (found.tools[0].id, found.by) == ("c1", ("s0",))
