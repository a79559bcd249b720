"""AWS signatures: the vectors that AWS published, and one of Bedrock's that botocore 1.44.5 made."""

from datetime import UTC, datetime

import pytest

from parley.providers.bedrock.signature import Credentials, Scope, sign

EXAMPLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SCOPE = Scope("us-east-1", "service")
THEN = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = {"Host": "example.amazonaws.com"}


@pytest.mark.parametrize(
    ("method", "path", "more", "signature"),
    [
        ("GET", "/", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "GET",
            "/",
            {"My-Header1": "value2,value2,value1"},
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            "GET",
            "/",
            {"My-Header1": "value1,value2,value3"},
            "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
        ),
        ("POST", "/", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ],
)
def test_the_published_vectors_are_signed_alike(method: str, path: str, more: dict[str, str], signature: str) -> None:
    added = sign(EXAMPLE, SCOPE, THEN, method=method, path=path, headers={**HOST, **more}, body=b"")
    assert added["authorization"].endswith(f"Signature={signature}")
    assert added["x-amz-date"] == "20150830T123600Z"


def test_a_session_and_a_model_that_is_an_arn_are_signed_as_botocore_does() -> None:
    session = Credentials("AKID", "sec/ret", "tok/=1")
    added = sign(
        session,
        Scope("eu-central-1", "bedrock"),
        THEN,
        method="POST",
        path="/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123%3Ainference-profile%2Fa.b%3A0/converse",
        headers={"content-type": "application/json", "host": "bedrock-runtime.eu-central-1.amazonaws.com"},
        body=b"{}",
    )
    assert added["x-amz-security-token"] == "tok/=1"
    assert added["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-central-1/bedrock/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        "Signature=dd8a8678ebbbb9ee2d3557420b602611bc5cae334b8892568070b6f1eedc2ff0"
    )


def test_nobody_reads_a_secret_from_a_repr() -> None:
    assert "sec" not in repr(Credentials("AKID", "sec/ret", "sectok"))
