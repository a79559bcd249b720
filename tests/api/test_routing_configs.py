"""`/api/configs`: routing configs saved, refused with the place of what is wrong, restored and deleted."""

from typing import Any

import pytest

from tests.api.running import Client

GOOD = {"strategy": {"mode": "fallback"}, "targets": [{"model": "demo"}, {"provider": "engine"}]}


def test_a_config_is_saved_read_and_restored_version_by_version(api: Client) -> None:
    assert api("PUT", "/api/configs/one", GOOD).json["version"] == 1
    assert api("PUT", "/api/configs/one", {"model": "demo"}).json["version"] == 2
    assert api("GET", "/api/configs/one").json["config"] == {"model": "demo"}
    assert [one["version"] for one in api("GET", "/api/configs/one/versions").json["data"]] == [2, 1]
    assert api("GET", "/api/configs/one/versions/1").json["config"] == GOOD
    restored = api("POST", "/api/configs/one/versions/1/restore")
    assert (restored.json["version"], restored.json["config"]) == (3, GOOD)
    assert restored.headers["etag"] == '"3"'
    names = [one["name"] for one in api("GET", "/api/configs").json["data"]]
    assert names == sorted(names)
    assert {"one", "filed"} <= set(names)


WRONG: dict[str, tuple[Any, str]] = {
    "unknown key": ({"retries": 2}, "retries"),
    "unknown target": ({**GOOD, "targets": [{"model": "demo"}, {"provider": "nobody"}]}, "targets[1].provider"),
    "zero weights": ({"strategy": {"mode": "loadbalance"}, "targets": [{"model": "demo", "weight": 0}]}, "strategy"),
    "itself": ({"config": "wrong"}, "refers to itself"),
    "a key": ({"provider": "engine", "api_key": "sk-1"}, "api_key"),
}


@pytest.mark.parametrize(("config", "place"), WRONG.values(), ids=WRONG.keys())
def test_a_config_that_is_wrong_is_refused_with_its_place(api: Client, config: Any, place: str) -> None:
    answer = api("PUT", "/api/configs/wrong", config)
    assert answer.status == 400
    assert place in answer.error["message"]
    assert api("GET", "/api/configs/wrong").status == 404


def test_a_circle_of_two_configs_is_refused(api: Client) -> None:
    assert api("PUT", "/api/configs/near", {"model": "demo"}).status == 200
    assert api("PUT", "/api/configs/far", {"config": "near"}).status == 200
    answer = api("PUT", "/api/configs/near", {"config": "far"})
    assert answer.status == 400
    assert "refers to itself" in answer.error["message"]
    assert api("DELETE", "/api/configs/near").status == 409, "another one refers to it"
    assert api("DELETE", "/api/configs/far").status == 200
    assert api("DELETE", "/api/configs/near").status == 200
    assert api("DELETE", "/api/configs/near").status == 404


def test_a_change_to_an_old_version_is_a_conflict(api: Client) -> None:
    assert api("PUT", "/api/configs/held", GOOD).status == 200
    assert api("PUT", "/api/configs/held?version=1", GOOD).status == 200
    assert api("PUT", "/api/configs/held?version=1", GOOD).status == 409
    assert api("PUT", "/api/configs/held", GOOD, {"if-match": '"2"'}).json["version"] == 3


def test_what_the_file_says_and_what_a_model_is_called_are_not_taken(api: Client) -> None:
    for name in ("filed", "demo"):
        assert api("PUT", f"/api/configs/{name}", GOOD).status == 409
    assert api("PUT", "/api/configs/b%20d", GOOD).status == 400
    assert api("GET", "/api/configs/filed").json["author"] == "file"
