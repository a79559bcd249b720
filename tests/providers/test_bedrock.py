"""Bedrock's signatures on the wire, its regions, and every place where its credentials come from."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from parley.core.errors import BadRequest, UpstreamUnreachable
from parley.providers.bedrock.provider import region_of
from parley.providers.bedrock.signature import Credentials, Scope, sign
from parley.providers.caller import Upstream
from parley.wire.http import HttpClient, RequestInvalid, Url
from tests.providers.calls import chat, embedding, target
from tests.providers.doors import CLAUDE, DOORS, bedrock
from tests.scripted import Script, Seen, Visit, answer, json_answer
from tests.scripted import Upstream as Stage

ANSWER = json_answer(DOORS[2].whole)
SESSION = {
    "Code": "Success",
    "AccessKeyId": "ASIA1",
    "SecretAccessKey": "s1",
    "Token": "t1",
    "Expiration": "2999-01-01T00:00:00Z",
}
STS = """<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s1</SecretAccessKey><SessionToken>t&amp;1</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""


def serving(places: dict[str, bytes]) -> Script:
    """An answer for each `METHOD path`; everything else is Bedrock."""

    async def script(visit: Visit) -> None:
        while True:
            seen = await visit.request()
            await visit.send(places.get(f"{seen.method} {seen.target}", ANSWER))

    return script


async def asked(places: dict[str, bytes], key: str | None, **env: str) -> list[Seen]:
    """The requests of one call; `{url}` in `env` is the server's address."""
    async with Stage(serving(places)) as stage, HttpClient() as client:
        env = {name: value.replace("{url}", stage.url) for name, value in env.items()}
        await Upstream(bedrock(stage.url, key, **env), client).ask(chat(), target(CLAUDE))
        return stage.requests


@contextmanager
def lacking(detail: str) -> Iterator[None]:
    """There are no credentials; the operator is told why, the caller only that."""
    with pytest.raises(UpstreamUnreachable) as caught:
        yield
    assert caught.value.message == "The provider `acme` has no credentials."
    assert re.search(detail, caught.value.detail or "")


def signed_by(seen: Seen, credentials: Credentials, region: str = "eu-central-1") -> bool:
    """Whether the request has the signature that these credentials give."""
    when = datetime.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    signed = {name: seen.headers[name] for name in ("host", "content-type")}
    expected = sign(
        credentials,
        Scope(region, "bedrock"),
        when,
        method=seen.method,
        path=seen.target,
        headers=signed,
        body=seen.body,
    )
    return all(seen.headers[name] == value for name, value in expected.items())


async def test_given_keys_sign_each_request() -> None:
    (seen,) = await asked({}, "AKID:secret")
    assert signed_by(seen, Credentials("AKID", "secret"))
    assert "x-amz-security-token" not in seen.headers
    (seen,) = await asked({}, "AKID:secret:session")
    assert signed_by(seen, Credentials("AKID", "secret", "session"))


async def test_a_bedrock_key_is_a_bearer_token() -> None:
    (seen,) = await asked({}, "bedrock-api-key-abc")
    assert seen.headers["authorization"] == "Bearer bedrock-api-key-abc"
    assert "x-amz-date" not in seen.headers


@pytest.mark.parametrize("key", [None, "aws:environment"])
async def test_the_environment_has_keys(key: str | None) -> None:
    env = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T"}
    (seen,) = await asked({}, key, **env)
    assert signed_by(seen, Credentials("A", "S", "T"))


async def test_the_shared_files_have_profiles(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[default]\nregion = x\n[profile work]\naws_access_key_id = OLD\naws_secret_access_key = W%2\n"
    )
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = D\naws_secret_access_key = DS\n[work]\naws_access_key_id = W\n"
    )
    home = str(tmp_path)
    (seen,) = await asked({}, None, HOME=home)
    assert signed_by(seen, Credentials("D", "DS"))
    for key, env in (("aws:profile/work", {}), ("aws:profile", {"AWS_PROFILE": "work"})):
        (seen,) = await asked({}, key, HOME=home, **env)
        assert signed_by(seen, Credentials("W", "W%2"))


async def test_nothing_at_all_says_where_was_looked(tmp_path: Path) -> None:
    with lacking(r"AWS_ACCESS_KEY_ID.*profile `default`"):
        await asked({}, None, HOME=str(tmp_path))
    (tmp_path / "broken").write_text("no section\n")
    with lacking("can not be read"):
        await asked({}, "aws:profile", AWS_CONFIG_FILE=str(tmp_path / "broken"))


async def test_a_container_asks_its_endpoint(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret-of-the-pod\n")
    places = {"GET /v1/credentials?x=1": json_answer(SESSION)}
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v1/credentials?x=1"}
    first, second = await asked(places, "aws:container", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file), **env)
    assert first.headers["authorization"] == "secret-of-the-pod"
    assert signed_by(second, Credentials("ASIA1", "s1", "t1"))


async def test_a_container_asks_nobody_in_the_clear_who_is_not_near() -> None:
    with lacking("without https"):
        await asked({}, "aws:container", AWS_CONTAINER_CREDENTIALS_FULL_URI="http://203.0.113.1/x")
    with lacking("no container"):
        await asked({}, "aws:container")


ROLES = "/latest/meta-data/iam/security-credentials/"


async def test_an_instance_asks_its_metadata_service_with_a_session() -> None:
    places = {
        "PUT /latest/api/token": answer(b"session1"),
        f"GET {ROLES}": answer(b"role a\n"),
        f"GET {ROLES}role%20a": json_answer(SESSION),
    }
    *steps, seen = await asked(places, "aws:instance", AWS_EC2_METADATA_SERVICE_ENDPOINT="{url}")
    assert [step.headers.get("x-aws-ec2-metadata-token") for step in steps] == [None, "session1", "session1"]
    assert steps[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "300"
    assert signed_by(seen, Credentials("ASIA1", "s1", "t1"))


@pytest.mark.parametrize(
    "places",
    [
        {"PUT /latest/api/token": answer(b"", 403)},
        {"PUT /latest/api/token": answer(b"t"), f"GET {ROLES}": answer(b"none", 404)},
        {"PUT /latest/api/token": answer(b"t"), f"GET {ROLES}": answer(b"r"), f"GET {ROLES}r": json_answer({})},
    ],
)
async def test_an_instance_without_a_role_is_told(places: dict[str, bytes]) -> None:
    with lacking("no AWS credentials"):
        await asked(places, "aws:instance", AWS_EC2_METADATA_SERVICE_ENDPOINT="{url}")


async def test_a_web_identity_is_exchanged(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("jwt\n")
    role = "arn:aws:iam::123:role/r"
    env = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
        "AWS_ROLE_ARN": role,
        "AWS_ENDPOINT_URL_STS": "{url}",
        "AWS_ROLE_SESSION_NAME": "s",
    }
    first, seen = await asked({"POST /": answer(STS.encode())}, "aws:web-identity", **env)
    form = {name: values[0] for name, values in parse_qs(first.body.decode()).items()}
    assert form == {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role,
        "RoleSessionName": "s",
        "WebIdentityToken": "jwt",
    }
    assert signed_by(seen, Credentials("ASIA1", "s1", "t&1"))
    refused = answer(b"<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>", 400)
    with lacking("InvalidIdentityToken"):
        await asked({"POST /": refused}, "aws:web-identity", **env)


async def test_credentials_are_asked_for_once() -> None:
    places = {"GET /c": json_answer(SESSION)}
    async with Stage(serving(places)) as stage, HttpClient() as client:
        env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{stage.url}/c"}
        upstream = Upstream(bedrock(stage.url, "aws:container", **env), client)
        for _ in range(3):
            await upstream.ask(chat(), target(CLAUDE))
        assert [seen.target for seen in stage.requests].count("/c") == 1


def test_a_source_that_there_is_not_is_refused_at_once() -> None:
    with pytest.raises(RequestInvalid, match="`aws:instance`"):
        bedrock("http://127.0.0.1:1", "aws:magic")


@pytest.mark.parametrize(
    ("url", "env", "region"),
    [
        ("https://bedrock-runtime.us-east-1.amazonaws.com", {"AWS_REGION": "x"}, "us-east-1"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", {}, "us-gov-west-1"),
        ("https://vpce-1a.bedrock-runtime.ap-northeast-2.vpce.amazonaws.com", {}, "ap-northeast-2"),
        ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn", {}, "cn-north-1"),
        ("https://proxy.example.com", {"AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
    ],
)
def test_the_region_is_that_of_the_address_or_of_the_environment(url: str, env: dict[str, str], region: str) -> None:
    assert region_of(Url.parse(url), env) == region


def test_a_region_that_nobody_names_is_asked_for() -> None:
    with pytest.raises(RequestInvalid, match="AWS_REGION"):
        region_of(Url.parse("https://proxy.example.com"), {})


async def test_an_arn_is_one_segment_of_the_path() -> None:
    arn = f"arn:aws:bedrock:eu-central-1:123456789012:inference-profile/{CLAUDE}"
    async with Stage(serving({})) as stage, HttpClient() as client:
        await Upstream(bedrock(stage.url), client).ask(chat(), target(arn))
        (seen,) = stage.requests
        assert seen.target.startswith("/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2F")
        assert signed_by(seen, Credentials("AKID", "secret", "session"))


async def test_it_answers_chats_only() -> None:
    async with Stage(serving({})) as stage, HttpClient() as client:
        with pytest.raises(BadRequest, match="chats only"):
            await Upstream(bedrock(stage.url), client).ask(embedding(), target(CLAUDE))
