"""Tool calls: forced ones always fit their function, marked ones are found in free text, deltas join to the whole."""

import json
import time
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from parley.engine.process.calls import ForcedCalls, Scanner, TaggedCalls
from tests.engine import ggufs
from tests.engine.conftest import CHAT, ask, asking, events, refused

WEATHER = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/city"}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["city", "days"],
    "additionalProperties": False,
    "$defs": {"city": {"type": "string", "maxLength": 8}},
}
CLOCK = {
    "type": "object",
    "properties": {"zone": {"enum": ["utc", "cet"]}},
    "required": ["zone"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, Any] = {"weather": WEATHER, "clock": CLOCK}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in SCHEMAS.items()]


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def check(calls: list[dict[str, Any]]) -> None:
    """Every call is OpenAI's shape and fits its function."""
    for call in calls:
        assert call["type"] == "function" and call["id"].startswith("call_")
        jsonschema_rs.validate(SCHEMAS[call["function"]["name"]], json.loads(call["function"]["arguments"]))


def joined(found: list[Any]) -> list[dict[str, Any]]:
    """The calls that a stream's deltas make."""
    calls: list[dict[str, Any]] = []
    for event in found[:-1]:
        for delta in event["choices"][0]["delta"].get("tool_calls", []):
            if "id" in delta:
                calls.append(delta)
            else:
                calls[delta["index"]]["function"]["arguments"] += delta["function"]["arguments"]
    return calls


@pytest.mark.parametrize("choice", ["required", named("weather"), named("clock")])
async def test_a_forced_call_fits_its_function(client: httpx2.AsyncClient, choice: Any) -> None:
    fields = {"model": "wild", "temperature": 1, "n": 6, "max_tokens": 200, "tools": TOOLS, "tool_choice": choice}
    for given in (await ask(client, "go", **fields))["choices"]:
        assert given["finish_reason"] == "tool_calls"
        assert given["message"]["content"] is None
        check(given["message"]["tool_calls"])
        assert len(given["message"]["tool_calls"]) == 1
        if choice != "required":
            assert given["message"]["tool_calls"][0]["function"]["name"] == choice["function"]["name"]


async def test_parallel_calls_are_a_list_of_calls(client: httpx2.AsyncClient) -> None:
    fields = {"temperature": 1, "n": 6, "tools": TOOLS, "tool_choice": "required", "parallel_tool_calls": True}
    answer = await ask(client, "go", max_tokens=1500, **fields)
    for given in answer["choices"]:
        assert given["finish_reason"] == "tool_calls"
        check(given["message"]["tool_calls"])


async def test_a_streamed_call_is_the_same_as_a_whole_one(client: httpx2.AsyncClient) -> None:
    fields = {"temperature": 1, "seed": 4, "max_tokens": 200, "tools": TOOLS, "tool_choice": named("weather")}
    whole = (await ask(client, "go", **fields))["choices"][0]["message"]["tool_calls"]
    found = await events(client, "go", **fields)
    calls = joined(found)
    check(calls)
    assert calls[0]["function"] == whole[0]["function"]
    assert found[-2]["choices"][0]["finish_reason"] == "tool_calls"


async def test_free_choice_and_none_leave_the_text(client: httpx2.AsyncClient) -> None:
    plain = (await ask(client, "go"))["choices"][0]["message"]["content"]
    for choice in ("auto", "none"):
        answer = await ask(client, "go", tools=TOOLS, tool_choice=choice)
        assert answer["choices"][0]["message"]["content"] == plain


LIKELY = {str(len(ggufs.vocabulary()[0])): 6}  # the opening tag
FREE = {"temperature": 1, "max_tokens": 300, "n": 8, "tools": TOOLS, "tool_choice": "auto", "logit_bias": LIKELY}


@pytest.mark.parametrize("model", ["tagged", "marked"])
@pytest.mark.parametrize("parallel", [None, False])
async def test_a_call_that_the_model_opens_fits_its_function(
    client: httpx2.AsyncClient, model: str, parallel: bool | None
) -> None:
    answer = await ask(client, "go", model=model, seed=1, parallel_tool_calls=parallel, **FREE)
    counts = []
    for given in answer["choices"]:
        calls = given["message"].get("tool_calls", [])
        counts.append(len(calls))
        assert "tool_call>" not in (given["message"]["content"] or "")
        if given["finish_reason"] == "tool_calls":
            check(calls)
        else:
            check(calls[:-1])
    assert max(counts) == 1 if parallel is False else max(counts) > 1


@pytest.mark.parametrize("model", ["tagged", "marked"])
async def test_tags_spelled_in_letters_are_calls_too(client: httpx2.AsyncClient, model: str) -> None:
    opening = "<tool_call>"
    stiff = {"temperature": 0, "n": 1, "logit_bias": {str(ord(letter) - 33): 4.0 for letter in opening}}
    answer = await ask(client, "go", model=model, **{**FREE, **stiff})
    text = answer["choices"][0]["message"]["content"] or ""
    assert opening not in text


async def test_a_streamed_free_call_is_the_same_as_a_whole_one(client: httpx2.AsyncClient) -> None:
    fields = {**FREE, "n": 1, "seed": 2, "parallel_tool_calls": False}
    whole = (await ask(client, "go", model="tagged", **fields))["choices"][0]["message"]
    found = await events(client, "go", model="tagged", **fields)
    calls = joined(found)
    check(calls)
    assert [call["function"] for call in calls] == [call["function"] for call in whole["tool_calls"]]
    pieces = [event["choices"][0]["delta"] for event in found[:-1]]
    assert sum("tool_calls" in piece for piece in pieces) > 2  # arguments come bit by bit
    assert "".join(piece.get("content", "") for piece in pieces) == (whole["content"] or "")
    assert found[-2]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("bias", [LIKELY, {}])
async def test_beside_calls_a_response_format_binds_the_text(client: httpx2.AsyncClient, bias: dict[str, int]) -> None:
    form = {"type": "json_object", "schema": CLOCK}
    answer = await ask(client, "go", model="tagged", response_format=form, **{**FREE, "logit_bias": bias})
    for given in answer["choices"]:
        if calls := given["message"].get("tool_calls"):
            check(calls if given["finish_reason"] == "tool_calls" else calls[:-1])
        else:
            jsonschema_rs.validate(CLOCK, json.loads(given["message"]["content"]))


async def test_none_means_none_though_the_model_would(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, "go", model="tagged", **{**FREE, "tool_choice": "none", "max_tokens": 40})
    assert all("tool_calls" not in given["message"] for given in answer["choices"])


async def test_a_wrong_response_format_is_a_400_beside_a_forced_call_too(client: httpx2.AsyncClient) -> None:
    fields = {"tools": TOOLS, "tool_choice": "required", "response_format": {"type": "xml"}}
    status, error = await refused(client, CHAT, asking("go", **fields))
    assert (status, error["param"]) == (400, "response_format")


async def test_functions_that_are_too_much_together_are_refused_at_once(client: httpx2.AsyncClient) -> None:
    big = {"type": "object", "properties": {"x": {"type": "array", "maxItems": 9000, "items": {"type": "integer"}}}}
    tools = [{"type": "function", "function": {"name": f"f{at}", "parameters": big}} for at in range(100)]
    began = time.monotonic()
    status, error = await refused(client, CHAT, asking("go", tools=tools))
    assert (status, error["param"]) == (400, "tools") and "maxItems" in error["message"]
    assert time.monotonic() - began < 2


async def test_a_history_of_calls_and_results_is_read(client: httpx2.AsyncClient) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "clock", "arguments": '{"zone":"utc"}'}}
    messages = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "noon"},
    ]
    assert (await ask(client, "", messages=messages))["usage"]["prompt_tokens"] > 20


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": named("nobody")}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": "sometimes"}, "tool_choice"),
        ({"tools": [{"type": "search"}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "a", "parameters": 5}}]}, None),
        ({"tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "array"}}}]}, None),
        ({"tools": [{"type": "function", "function": {"name": "a", "parameters": {"not": {}}}}]}, None),
    ],
)
async def test_wrong_tools_are_a_400(client: httpx2.AsyncClient, fields: dict[str, Any], param: str | None) -> None:
    status, error = await refused(client, CHAT, asking("go", **fields))
    assert (status, error["param"]) == (400, param or "tools[0].function.parameters")


FORCED = '[{"name":"a","arguments":{"x":"}]\\"{","y":[{}]}},{"name":"b\\"","arguments":{}}]'
TAGGED = (
    'Well <b> <tool_call>\n{"name": "a", "arguments": {"x": {"y": "}</tool_call>"}}}\n</tool_call>\n'
    '<tool_call>\n{"name": "z", "arguments": {}}\n</tool_call> and'
)


def scan(scanner: Scanner, pieces: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """The text and the calls (name and arguments) that a scanner finds."""
    text, calls = "", list[tuple[str, str]]()
    for piece in [found for given in pieces for found in scanner.feed(given)] + scanner.flush():
        if isinstance(piece, str):
            text += piece
        elif "id" in piece:
            calls.append((piece["function"]["name"], piece["function"]["arguments"]))
        else:
            name, arguments = calls[piece["index"]]
            calls[piece["index"]] = (name, arguments + piece["function"]["arguments"])
    return text, calls


def test_forced_calls_are_found_however_the_text_is_cut() -> None:
    expected = ("", [("a", '{"x":"}]\\"{","y":[{}]}'), ('b"', "{}")])
    assert scan(ForcedCalls(), list(FORCED)) == expected
    for cut in range(len(FORCED)):
        assert scan(ForcedCalls(), [FORCED[:cut], FORCED[cut:]]) == expected


def test_tagged_calls_are_found_however_the_text_is_cut() -> None:
    expected = ("Well <b>  and", [("a", '{"x": {"y": "}</tool_call>"}}'), ("z", "{}")])
    assert scan(TaggedCalls(), list(TAGGED)) == expected
    for cut in range(len(TAGGED)):
        assert scan(TaggedCalls(), [TAGGED[:cut], TAGGED[cut:]]) == expected


def test_a_cut_call_is_told_as_far_as_it_came_and_half_a_tag_is_text() -> None:
    for text, expected in (
        ('<tool_call>\n{"name": "a", "arguments": {"x', ("", [("a", '{"x')])),
        ('<tool_call>\n{"na', ("", [])),
        ("x <tool_c", ("x <tool_c", [])),
    ):
        scanner = TaggedCalls()
        assert scan(scanner, [text]) == expected
        assert scanner.whole == ("<tool_call>" not in text)
