"""`/api/applications` and their intents."""

import pytest

APP = "/api/applications/shop"
INTENT = APP + "/intents/ORDER"


@pytest.mark.parametrize("path", [APP, INTENT])
def test_put_replaces_patch_merges_and_each_is_a_version(api, path):
    first = api("PUT", path, {"model": "a", "temperature": 0.2})
    assert (first.status, first.json["config"]) == (200, {"model": "a", "temperature": 0.2})
    start = first.json["version"]
    second = api("PATCH", path, {"temperature": None, "top_p": 0.5})
    assert second.json["config"] == {"model": "a", "top_p": 0.5} and second.json["version"] == start + 1
    third = api("PUT", path, {"seed": 1})
    assert third.json["config"] == {"seed": 1} and api("GET", path).json == third.json
    restored = api("POST", f"{path}/versions/{start}/restore")
    assert restored.json["config"] == first.json["config"] and restored.json["version"] == start + 3
    assert api("GET", f"{path}/versions/{start}").json["config"] == first.json["config"]
    versions = api("GET", f"{path}/versions?limit=2").json
    assert [v["version"] for v in versions["data"]] == [start + 3, start + 2] and versions["next"]


def test_a_change_counts_at_once_and_names_its_author(api, house):
    made = api("PUT", "/api/applications/now/intents/X", {"model": "b"})
    assert made.json["author"] == house.keyring.find(house.secrets["admin"].encode()).key_id
    assert house.registry.defaults("now", "X").config.model == "b"


def test_a_change_to_an_old_version_is_409(api):
    path = "/api/applications/racing"
    tag = api("PUT", path, {"seed": 1}).headers["etag"]
    assert api("PUT", path, {"seed": 2}, {"if-match": tag}).status == 200
    for late in (api("PUT", path, {"seed": 3}, {"if-match": tag}), api("PATCH", path + "?version=1", {"seed": 3})):
        assert late.status == 409 and "changed" in late.error["message"]
    assert api("GET", path).json["config"] == {"seed": 2}
    assert api("PUT", path, {}, {"if-match": "soon"}).status == 400
    assert api("PUT", path, {"seed": 4}, {"if-match": "*"}).status == 200


@pytest.mark.parametrize(("body", "param"), [({"temprature": 1}, "temprature"), ({"temperature": 9}, "temperature")])
def test_a_wrong_configuration_is_named_and_changes_nothing(api, body, param):
    before = api("PUT", APP + "2", {"seed": 1}).json
    for method in ("PUT", "PATCH"):
        answer = api(method, APP + "2", body)
        assert (answer.status, answer.error["param"]) == (400, param)
    assert api("GET", APP + "2").json == before


def test_lists_name_applications_and_their_intents(api, house):
    house.running.run(house.store.applications.touch("met", "ASKED", 5.0))
    listed = api("GET", "/api/applications?limit=1000").json["data"]
    assert {"application": "met", "intent": None, "created": 5.0, "version": 0} in listed
    assert all(one["intent"] is None for one in listed)
    intents = api("GET", "/api/applications/met/intents").json
    assert [one["intent"] for one in intents["data"]] == ["ASKED"]
    assert api("GET", "/api/applications/met/intents/ASKED").json["config"] == {}


def test_what_is_deleted_is_gone(api):
    api("PUT", "/api/applications/old/intents/X", {"seed": 1})
    assert api("DELETE", "/api/applications/old/intents/X").json == {"deleted": True}
    assert api("DELETE", "/api/applications/old/intents/X").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/intents"),
        ("GET", "/versions"),
        ("GET", "/versions/1"),
        ("POST", "/versions/1/restore"),
    ],
)
def test_what_is_not_there_is_404(api, method, path):
    assert api(method, "/api/applications/nowhere" + path, {}).status == 404


@pytest.mark.parametrize("version", ["0", "x", "-1", "1.5", "99999999999999999999", "%D9%A1"])
def test_a_version_is_a_number(api, version):
    api("PUT", APP + "3", {"seed": 1})
    assert api("GET", f"{APP}3/versions/{version}").status == 400


def test_names_may_hold_any_letters(api):
    path = "/api/applications/caf%C3%A9%20%26%20bar/intents/r%C3%BCck%3Fgabe"
    assert api("PUT", path, {"seed": 1}).json["application"] == "café & bar"
    assert api("GET", path).json["intent"] == "rück?gabe"
