"""Who may come in: keys in every place that clients put them, and every way in which a key is no good."""

import asyncio
import time
from collections.abc import Mapping

import pytest

from tests.flow.asking import Answer, ask, chat, get
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage

PATHS = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models", "/api/keys", "/nothing/here"]


def refused(given: Answer, status: int = 401) -> str:
    """The sentence of a refusal."""
    assert given.status == status, given.body
    assert given.headers["x-request-id"]
    error = given.json["error"]
    assert error["type"] == ("authentication_error" if status == 401 else "permission_error")
    if status == 401:
        assert given.headers["www-authenticate"] == "Bearer"
    return str(error["message"])


async def bare(gateway: Gateway, headers: Mapping[str, str], path: str = "/v1/chat/completions") -> Answer:
    """The answer to a request with these headers and no other credential."""
    return await ask(gateway, chat(), path, key="", headers=headers)


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_key_nothing_opens(gateway: Gateway, path: str) -> None:
    assert "parley keys create" in refused(await bare(gateway, {}, path))


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/openapi.json"])
async def test_probes_and_the_document_need_no_key(gateway: Gateway, path: str) -> None:
    assert (await ask(gateway, None, path, method="GET", key="")).status == 200


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Bearer "}, {"authorization": "Bearer"}, {"authorization": ""}, {"x-api-key": ""},
     {"authorization": "Bearer OPENAI_API_KEY"}, {"x-portkey-api-key": "OPENAI_API_KEY"},
     {"authorization": "Basic eDp5"}, {"authorization": "Bearer wrong"}, {"x-api-key": "wrong"},
     {"authorization": "Bearer \xff\xfe"}, {"authorization": "Bearer " + "x" * 20_000},
     {"authorization": "Digest a=b"}],
)  # fmt: skip
async def test_what_is_no_key_opens_nothing(gateway: Gateway, headers: dict[str, str]) -> None:
    said = refused(await bare(gateway, headers))
    assert "wrong" not in said


@pytest.mark.parametrize(
    "header", ["authorization", "Authorization", "x-api-key", "X-API-Key", "x-portkey-api-key", "X-Portkey-API-Key"]
)
async def test_a_key_is_found_in_every_header_that_clients_use(gateway: Gateway, stage: Stage, header: str) -> None:
    value = f"Bearer {gateway.key}" if header.lower() == "authorization" else gateway.key
    async with stage.says(WHOLE):
        assert (await bare(gateway, {header: value})).status == 200


async def test_the_literal_name_of_the_variable_gives_way_to_a_real_key(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        given = await bare(gateway, {"authorization": "Bearer OPENAI_API_KEY", "x-portkey-api-key": gateway.key})
    assert given.status == 200


async def test_bearer_may_be_written_in_any_case(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        assert (await bare(gateway, {"authorization": f"bEARER   {gateway.key} "})).status == 200


async def test_a_revoked_key_opens_nothing(gateway: Gateway, stage: Stage) -> None:
    made = (await ask(gateway, {"name": "soon gone", "scopes": ["inference"]}, "/api/keys")).json
    async with stage.says(WHOLE):
        assert (await ask(gateway, chat(), key=made["key"])).status == 200
        assert (await ask(gateway, None, f"/api/keys/{made['id']}", method="DELETE")).status == 200
        refused(await ask(gateway, chat(), key=made["key"]))


async def test_an_expired_key_opens_nothing_and_says_when_it_expired(gateway: Gateway, stage: Stage) -> None:
    body = {"name": "brief", "scopes": ["inference"], "expires_at": time.time() + 0.6}
    made = (await ask(gateway, body, "/api/keys")).json
    async with stage.says(WHOLE):
        assert (await ask(gateway, chat(), key=made["key"])).status == 200
        await asyncio.sleep(0.7)
        given = await ask(gateway, chat(), key=made["key"])
    assert "expired" in refused(given)
    assert given.json["error"]["code"] == "expired_api_key"


async def test_a_key_for_inference_manages_nothing(gateway: Gateway) -> None:
    made = (await ask(gateway, {"name": "app", "scopes": ["inference"]}, "/api/keys")).json
    for path in ("/api/keys", "/api/requests", "/api/usage"):
        assert "admin" in refused(await get(gateway, path, key=made["key"]), 403)
    assert (await get(gateway, "/v1/models", key=made["key"])).status == 200


async def test_the_record_names_key_and_account(gateway: Gateway, stage: Stage) -> None:
    made = (await ask(gateway, {"name": "app", "scopes": ["inference"], "account": "acme"}, "/api/keys")).json
    async with stage.says(WHOLE):
        given = await ask(gateway, chat(), key=made["key"])
    row = gateway.row(given.id)
    assert (row["account"], row["key_id"]) == ("acme", made["id"])
