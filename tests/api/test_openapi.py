"""The OpenAPI page."""

import re

import jsonschema_rs
import msgspec
import pytest

from parley.server.api.openapi import openapi_document
from parley.server.api.routes import operations

DOCUMENT = openapi_document(operations(), "0.1.0")


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_it_is_json_and_every_reference_leads_somewhere():
    assert msgspec.json.decode(msgspec.json.encode(DOCUMENT)) == DOCUMENT
    for reference in references(DOCUMENT):
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in DOCUMENT["components"]["schemas"], reference


def test_every_operation_has_its_own_name_and_every_path_parameter():
    names = []
    for path, methods in DOCUMENT["paths"].items():
        for page in methods.values():
            names.append(page["operationId"])
            there = {p["name"] for p in page["parameters"] if p["in"] == "path"}
            assert there == set(re.findall(r"{(\w+)}", path))
            assert page["summary"] and {"401", "403", "500", "503"} <= page["responses"].keys()
    assert len(names) == len(set(names)) == len(operations())


def test_every_schema_is_one_that_a_validator_takes():
    for name in DOCUMENT["components"]["schemas"]:
        schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        jsonschema_rs.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/keys", "GET"),
        ("/api/requests", "GET"),
        ("/api/requests/{id}", "GET"),
        ("/api/usage", "GET"),
        ("/api/models", "GET"),
        ("/api/applications", "GET"),
        ("/api/applications/{application}", "PUT"),
        ("/api/keys", "POST"),
    ],
)
def test_what_is_answered_is_what_is_promised(api, path, method):
    real = path.replace("{id}", "req_1").replace("{application}", "promised")
    answer = api(method, real, {} if method != "GET" else None)
    promised = DOCUMENT["paths"][path][method.lower()]["responses"][str(answer.status)]
    schema = {**promised["content"]["application/json"]["schema"], "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(schema).validate(answer.json)
