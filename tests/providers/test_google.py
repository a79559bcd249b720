"""Google's two doors: keys, tokens, paths and vectors, over a socket."""

import asyncio
import base64
import json
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from parley.core.errors import UpstreamRefused, UpstreamTimedOut, UpstreamUnreachable
from parley.core.reply import Usage
from parley.providers.caller import Upstream
from parley.wire.http import HttpClient, RequestInvalid
from tests.providers.calls import chat, embedding, target
from tests.providers.doors import DOORS, PRIVATE_KEY, gemini, is_token, key_file, vertex
from tests.scripted import Script, Visit, answering, json_answer
from tests.scripted import Upstream as Stage

ANSWER = json_answer(DOORS[0].whole)
NAME = "gemini-2.5-flash"


def issuing(life: float = 3600, gate: asyncio.Event | None = None, status: int = 200) -> Script:
    """Gives `tok1`, `tok2`, ... to whoever asks for a token, and the answer to everyone else."""
    numbers = count(1)

    async def script(visit: Visit) -> None:
        while True:
            if not is_token(await visit.request()):
                await visit.send(ANSWER)
                continue
            if gate is not None:
                await gate.wait()
            told = {"access_token": f"tok{next(numbers)}", "expires_in": life}
            bad = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            await visit.send(json_answer(told if status == 200 else bad, status))

    return script


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def test_the_assertion_is_what_google_wants_and_signed_by_the_account() -> None:
    async with Stage(issuing()) as stage, HttpClient() as client:
        await Upstream(vertex(stage.url), client).ask(chat(), target(NAME))
        form = {name: values[0] for name, values in parse_qs(stage.requests[0].body.decode()).items()}
        assert stage.requests[0].target == "/token"
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        head, claims, signature = form["assertion"].split(".")
        assert decoded(head) == {"alg": "RS256", "typ": "JWT", "kid": "kid1"}
        told = decoded(claims)
        assert told["exp"] - told["iat"] == 3600
        assert (told["iss"], told["aud"]) == ("svc@p.iam.gserviceaccount.com", f"{stage.url}/token")
        assert told["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        PRIVATE_KEY.public_key().verify(raw, f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
        (asked,) = [seen for seen in stage.requests if not is_token(seen)]
        assert asked.headers["authorization"] == "Bearer tok1"
        assert "x-goog-api-key" not in asked.headers


async def test_many_calls_share_one_token() -> None:
    gate = asyncio.Event()
    async with Stage(issuing(gate=gate)) as stage, HttpClient() as client:
        upstream = Upstream(vertex(stage.url), client)
        waiting = [asyncio.create_task(upstream.ask(chat(), target(NAME))) for _ in range(20)]
        await asyncio.sleep(0.05)
        gate.set()
        await asyncio.gather(*waiting)
        await upstream.ask(chat(), target(NAME))
        asked = [seen.headers.get("authorization") for seen in stage.requests if not is_token(seen)]
        assert asked == ["Bearer tok1"] * 21
        assert len(stage.requests) == 22


async def test_a_token_that_ended_is_replaced() -> None:
    async with Stage(issuing(life=0.05)) as stage, HttpClient() as client:
        upstream = Upstream(vertex(stage.url), client)
        await upstream.ask(chat(), target(NAME))
        await asyncio.sleep(0.1)
        await upstream.ask(chat(), target(NAME))
        assert stage.requests[-1].headers["authorization"] == "Bearer tok2"


async def test_a_token_that_is_refused_is_told_without_the_key() -> None:
    async with Stage(issuing(status=400)) as stage, HttpClient() as client:
        with pytest.raises(UpstreamUnreachable) as caught:
            await Upstream(vertex(stage.url), client).ask(chat(), target(NAME))
        assert caught.value.message == "The provider `acme` gave no token."
        told = (
            "Google gave no token to svc@p.iam.gserviceaccount.com (status 400, invalid_grant: Invalid JWT Signature)."
        )
        assert caught.value.detail == told


async def test_nobody_waits_for_a_token_past_their_deadline() -> None:
    async with Stage(issuing(gate=asyncio.Event())) as stage, HttpClient() as client:
        async with asyncio.timeout(3):
            with pytest.raises(UpstreamTimedOut, match="token"):
                await Upstream(vertex(stage.url), client).ask(chat(within=0.1), target(NAME))


async def test_a_token_service_that_is_away_is_a_fault_of_the_upstream() -> None:
    async with Stage(issuing()) as stage, HttpClient() as client:
        with pytest.raises(UpstreamUnreachable, match="acme"):
            key = key_file("http://127.0.0.1:1/token")
            await Upstream(vertex(stage.url, key), client).ask(chat(), target(NAME))


async def test_a_key_file_may_be_named_and_an_api_key_is_sent_as_it_is(tmp_path: Path) -> None:
    async with Stage(issuing()) as stage, HttpClient() as client:
        file = tmp_path / "account.json"
        file.write_text(key_file(f"{stage.url}/token"))
        await Upstream(vertex(stage.url, str(file)), client).ask(chat(), target(NAME))
        assert stage.requests[-1].headers["authorization"] == "Bearer tok1"
        await Upstream(vertex(stage.url, "express"), client).ask(chat(), target(NAME))
        assert stage.requests[-1].headers["x-goog-api-key"] == "express"


@pytest.mark.parametrize("key", ["{}", '{"type":"service_account"}', "{broken", "/no/such/file.json"])
def test_a_key_file_that_is_none_is_refused_at_once(key: str) -> None:
    with pytest.raises(RequestInvalid, match="key file"):
        vertex("http://127.0.0.1:1", key)


def test_a_secret_key_is_in_no_repr() -> None:
    provider = vertex("http://127.0.0.1:1")
    assert repr(provider._account) == "ServiceAccount(svc@p.iam.gserviceaccount.com)"


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-x", "publishers/google/models/gemini-x"),
        ("google/gemini-x", "publishers/google/models/gemini-x"),
        ("endpoints/123", "endpoints/123"),
        ("a?b/c#d", "publishers/a%3Fb/models/c%23d"),
    ],
)
def test_vertex_finds_models_of_publishers_and_of_the_project(model: str, path: str) -> None:
    assert vertex("http://127.0.0.1:1").place(model) == path


@pytest.mark.parametrize(
    ("model", "path"),
    [("gemini-x", "models/gemini-x"), ("models/a", "models/a"), ("tunedModels/a?", "tunedModels/a%3F")],
)
def test_gemini_finds_its_models(model: str, path: str) -> None:
    assert gemini("http://127.0.0.1:1").place(model) == path


async def test_the_api_key_goes_into_its_header_and_never_into_the_address() -> None:
    async with Stage(answering(ANSWER)) as stage, HttpClient() as client:
        await Upstream(gemini(stage.url), client).ask(chat(), target(NAME))
        (seen,) = stage.requests
        assert seen.headers["x-goog-api-key"] == "k1"
        assert "k1" not in seen.target


async def test_texts_become_vectors() -> None:
    body = {"embeddings": [{"values": [1, 2]}, {"values": [3, 4]}], "usageMetadata": {"promptTokenCount": 5}}
    async with Stage(answering(json_answer(body))) as stage, HttpClient() as client:
        reply = await Upstream(gemini(stage.url), client).ask(embedding(), target("gemini-embedding-001"))
        assert (reply.vectors, reply.usage, reply.model) == (([1.0, 2.0], [3.0, 4.0]), Usage(prompt_tokens=5), "m")
        (seen,) = stage.requests
        assert seen.target == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
        assert seen.json["requests"][0]["model"] == "models/gemini-embedding-001"


async def test_vertex_asks_its_older_models_for_predictions() -> None:
    body = {"predictions": [{"embeddings": {"values": [1], "statistics": {"token_count": 2}}}] * 2}
    async with Stage(answering(json_answer(body))) as stage, HttpClient() as client:
        upstream = Upstream(vertex(stage.url, "express"), client)
        reply = await upstream.ask(embedding(), target("text-embedding-005"))
        assert (reply.vectors, reply.usage) == (([1.0], [1.0]), Usage(prompt_tokens=4))
        assert stage.requests[0].target.endswith("/publishers/google/models/text-embedding-005:predict")
        await upstream.ask(embedding(), target("gemini-embedding-2"))
        assert stage.requests[1].target.endswith("/gemini-embedding-2:batchEmbedContents")
        assert "model" not in stage.requests[1].json["requests"][0]


async def test_a_header_wins_over_what_the_body_says_of_coming_back() -> None:
    error = {"error": {"code": 429, "message": "m", "details": []}}
    async with Stage(answering(json_answer(error, 429, retry_after="3"))) as stage, HttpClient() as client:
        with pytest.raises(UpstreamRefused) as caught:
            await Upstream(gemini(stage.url), client).ask(chat(), target(NAME))
        assert caught.value.retry_after == "3"
