"""What every path of the management API does: who may, which methods, which mistakes."""

import pytest

from parley.server.api.routes import operations
from tests.api.running import Client

PATHS = sorted({(o.method, o.path) for o in operations()})
DEEP = {(o.method, o.path.rpartition("{")[0]) for o in operations() if o.deep}
GUARDED = sorted({(o.method, o.path) for o in operations() if o.scope == "admin"})


def filled(path):
    return path.replace("{version}", "1").replace("{", "").replace("}", "")


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_key_for_inference_is_told_so(house, method, path):
    answer = Client(house.running.port, house.secrets["inference"])(method, filled(path), {})
    assert answer.status == 403 and "scope admin" in answer.error["message"]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_an_unknown_parameter_is_named(api, method, path):
    answer = api(method, filled(path) + "?limi=1", {})
    assert answer.status == 400 and answer.error["param"] == "limi" and "`limi`" in answer.error["message"]


@pytest.mark.parametrize("path", sorted({path for _, path in PATHS}))
def test_a_method_that_a_path_has_not_is_405(api, path):
    there = {method for method, known in PATHS if known == path}
    deeper = {method for method, start in DEEP if path.startswith(start)}  # a document may well be called `search`
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - there - deeper:
        answer = api(method, filled(path))
        assert answer.status == 405
        assert {name.strip() for name in answer.headers["allow"].split(",")} - {"HEAD"} == there


def test_head_is_get_without_its_body(api):
    answer = api("HEAD", "/api/keys")
    assert answer.status == 200 and answer.body == b""


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=", "limit=1&limit=2", "after=%00", "after=!"]
)
def test_paging_is_checked(api, query):
    answer = api("GET", f"/api/keys?{query}")
    assert answer.status == 400 and answer.error["param"] == query.partition("=")[0]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 10_000, b'{"a":' * 10_000, b'{"name": "\\u0000"}', b'{"name": 1e999}'],
)
def test_a_body_that_is_no_object_of_json_is_400(api, body):
    answer = api("POST", "/api/keys", body)
    assert answer.status == 400 and answer.error["message"].endswith(".")


def test_a_body_that_is_too_large_is_413(api):
    assert api("POST", "/api/keys", {"name": "x" * 1_100_000}).status == 413


@pytest.mark.parametrize("name", ["%00", "x" * 2000])
def test_names_that_no_name_can_be_are_not_found(api, name):
    for path in ("/api/keys/", "/api/requests/", "/api/applications/"):
        assert api("GET", path + name).status == 404
