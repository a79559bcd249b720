"""`/api/keys`."""

import time

import pytest

from tests.api.running import Client


def test_a_key_is_shown_once_and_opens_at_once(api, house):
    made = api("POST", "/api/keys", {"name": "app", "account": "acme"})
    assert made.status == 201 and made.headers["cache-control"] == "no-store"
    assert {"id", "key"} <= made.json.keys() and made.json["scopes"] == ["inference"]
    assert Client(house.running.port, made.json["key"])("GET", "/api/keys").status == 403
    shown = api("GET", f"/api/keys/{made.json['id']}")
    assert shown.status == 200 and "key" not in shown.json and "hash" not in shown.json
    assert made.json["key"] not in api("GET", "/api/keys").body.decode()


@pytest.mark.parametrize(("method", "below"), [("DELETE", ""), ("POST", "/revoke")])
def test_a_revoked_key_opens_nothing_and_stays_in_the_list(api, house, method, below):
    made = api("POST", "/api/keys", {"scopes": ["admin", "inference"]}).json
    own = Client(house.running.port, made["key"])
    assert own("GET", "/api/keys").status == 200
    gone = api(method, f"/api/keys/{made['id']}{below}")
    assert gone.status == 200 and gone.json["revoked_at"] == pytest.approx(time.time(), abs=60)
    assert own("GET", "/api/keys").status == 401
    assert made["id"] in [key["id"] for key in api("GET", "/api/keys?limit=1000").json["data"]]


@pytest.mark.parametrize("expires", ["2099-01-01", "2099-01-01T00:00:00Z", 4070908800, "4070908800"])
def test_an_expiry_is_a_date_or_seconds(api, expires):
    assert api("POST", "/api/keys", {"expires_at": expires}).json["expires_at"] == 4070908800


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"nam": "x"}, "nam"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes[0]"),
        ({"scopes": "admin"}, "scopes"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": 1}, "expires_at"),
        ({"expires_at": []}, "expires_at"),
    ],
)
def test_a_wrong_field_is_named(api, body, param):
    answer = api("POST", "/api/keys", body)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert answer.error["message"].endswith(".")


def test_a_key_that_is_not_there_is_404(api):
    assert [api("GET", "/api/keys/none").status, api("DELETE", "/api/keys/none").status] == [404, 404]


def test_the_admin_key_is_not_revoked_by_a_call(api, house):
    (admin,) = (id for id in house.keyring.standing if house.keyring.find(house.secrets["admin"].encode()).key_id == id)
    assert api("DELETE", f"/api/keys/{admin}").status == 409


def test_pages_hold_every_key_once_newest_first(api):
    made = [api("POST", "/api/keys", {"name": f"k{n}"}).json["id"] for n in range(5)]
    seen, after = [], ""
    while after is not None:
        page = api("GET", f"/api/keys?limit=2{after and '&after=' + after}").json
        seen += [key["id"] for key in page["data"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) and [id for id in seen if id in made] == made[::-1]
