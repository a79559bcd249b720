"""JSON answers: they parse and fit their schema, also from a model that talks nonsense; or the schema is refused."""

import json
import time
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from tests.engine.conftest import CHAT, ask, asking, events, refused, said

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 0, "maximum": 130},
        "kind": {"enum": ["cat", "dog", None]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 3},
        "when": {"type": "string", "format": "date"},
        "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}$"},
    },
    "required": ["name", "age", "kind", "tags", "when", "code"],
    "additionalProperties": False,
}


def schema_format(schema: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "it", "schema": schema, **fields}}


@pytest.mark.parametrize("model", ["tiny", "wild"])
@pytest.mark.parametrize("strict", [True, False])
async def test_nonsense_fits_its_schema(client: httpx2.AsyncClient, model: str, strict: bool) -> None:
    form = schema_format(PERSON, strict=strict)
    answer = await ask(client, "go", model=model, temperature=1, n=8, seed=3, max_tokens=400, response_format=form)
    for choice in answer["choices"]:
        assert choice["finish_reason"] == "stop"
        jsonschema_rs.validate(PERSON, json.loads(choice["message"]["content"]))


EVERY_KEYWORD = [
    {
        "type": "object",
        "properties": {
            "multiple": {"type": "integer", "multipleOf": 7, "exclusiveMinimum": 10, "exclusiveMaximum": 100},
            "one": {"oneOf": [{"const": 1}, {"const": "x"}]},
            "first": {"type": "array", "prefixItems": [{"const": 1}], "items": {"type": "boolean"}, "maxItems": 3},
            "all": {"allOf": [{"type": "integer", "minimum": 1}, {"maximum": 5}]},
            "id": {"type": "string", "format": "uuid"},
            "mail": {"type": "string", "format": "email", "maxLength": 30},
        },
        "required": ["multiple", "one", "first", "all", "id", "mail"],
        "additionalProperties": False,
    },
    {
        "type": "object",
        "patternProperties": {"^x[0-9]$": {"type": "integer", "minimum": 0, "maximum": 9}},
        "additionalProperties": False,
    },
]


@pytest.mark.parametrize("schema", EVERY_KEYWORD)
async def test_every_keyword_that_is_taken_holds(client: httpx2.AsyncClient, schema: dict[str, Any]) -> None:
    fields = {"temperature": 1, "n": 4, "seed": 3, "max_tokens": 700, "response_format": schema_format(schema)}
    for choice in (await ask(client, "go", model="wild", **fields))["choices"]:
        assert choice["finish_reason"] == "stop"
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        validator.validate(json.loads(choice["message"]["content"]))


async def test_what_is_cut_says_so(client: httpx2.AsyncClient) -> None:
    form = schema_format({"type": "string", "minLength": 100})
    choice = (await ask(client, "go", temperature=1, max_tokens=20, response_format=form))["choices"][0]
    assert choice["finish_reason"] == "length"


async def test_a_streamed_answer_fits_too(client: httpx2.AsyncClient) -> None:
    fields = {"model": "wild", "temperature": 1, "max_tokens": 400, "response_format": schema_format(PERSON)}
    found = await events(client, "go", **fields)
    text = "".join(event["choices"][0]["delta"].get("content", "") for event in found[:-1])
    jsonschema_rs.validate(PERSON, json.loads(text))


async def test_json_object_takes_a_schema_or_none(client: httpx2.AsyncClient) -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": False}
    assert await said(client, "go", response_format={"type": "json_object", "schema": schema}) == '{"a":1}'
    assert (await said(client, "go", response_format={"type": "json_object"})).startswith("{")


async def test_text_is_free(client: httpx2.AsyncClient) -> None:
    assert await said(client, "go", response_format={"type": "text"}) == await said(client, "go")


async def test_a_recursive_schema_is_followed(client: httpx2.AsyncClient) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}, "additionalProperties": False}
    schema = {"$defs": {"node": node}, "$ref": "#/$defs/node"}
    text = await said(client, "go", temperature=1, seed=1, response_format=schema_format(schema))
    assert text.startswith("{")


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"not": {"type": "string"}}, "`not`"),
        ({"type": "object", "properties": {"a": {"if": {}, "then": {}}}}, "#/properties/a"),
        ({"type": "array", "uniqueItems": True}, "`uniqueItems`"),
        ({"type": "array", "contains": {}}, "`contains`"),
        ({"type": "object", "minProperties": 2}, "`minProperties`"),
        ({"type": "string", "format": "regex"}, "`format`"),
        ({"type": "string", "pattern": "(?=a)"}, "`pattern`"),
        ({"type": "string", "pattern": "((a{1000}){1000}){1000}"}, "`pattern`"),
        ({"$ref": "http://elsewhere/schema"}, "`$ref`"),
        ({"type": "array", "maxItems": 10**9}, "`maxItems`"),
        ({"type": "array", "minItems": 10**30}, "`maxItems`"),
        ({"type": "string", "maxLength": 10**9}, "`maxLength`"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "can not enforce"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "can not enforce"),
        ({"$ref": "#"}, ""),
        ({"$ref": "#/nowhere"}, ""),
        ({"type": "nonsense"}, "not valid"),
        ({"maxItems": "many"}, "`maxItems`"),
        ({"enum": ["x" * 1_000_000]}, "larger than"),
        ("text", "JSON object"),
    ],
)
async def test_a_schema_that_can_not_be_enforced_is_refused_at_once(
    client: httpx2.AsyncClient, schema: Any, named: str
) -> None:
    began = time.monotonic()
    status, error = await refused(client, CHAT, asking("go", response_format=schema_format(schema)))
    assert (status, error["param"]) == (400, "response_format")
    assert named in error["message"], error["message"]
    assert time.monotonic() - began < 2


async def test_a_deep_schema_is_refused(client: httpx2.AsyncClient) -> None:
    schema: dict[str, Any] = {}
    for _ in range(60):
        schema = {"type": "array", "items": schema}
    status, error = await refused(client, CHAT, asking("go", response_format=schema_format(schema)))
    assert status == 400 and "deeper" in error["message"]


@pytest.mark.parametrize(
    "form", [{}, {"type": "xml"}, {"type": "json_schema"}, {"type": "json_schema", "json_schema": 1}]
)
async def test_a_wrong_response_format_is_a_400(client: httpx2.AsyncClient, form: dict[str, Any]) -> None:
    status, error = await refused(client, CHAT, asking("go", response_format=form))
    assert (status, error["param"]) == (400, "response_format")
