"""Upstreams with a language of their own, scripted in the shapes that were recorded of them.

Each door says one answer and one stream with a text and two tool calls, in the provider's words; the contract asks the
same of all of them.
"""

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Struct

from parley.providers.bedrock import Bedrock
from parley.providers.google import Gemini, Vertex
from parley.providers.provider import Provider
from parley.wire.http import Url
from tests.providers.calls import ROW, TIMEOUTS
from tests.scripted import Seen, chunk, head, json_answer
from tests.wire.event_frames import event

TEXT = "Grüß Gott"

PRIVATE_KEY = generate_private_key(65537, 2048)


def key_file(token_uri: str) -> str:
    """A service account's key file."""
    pem = PRIVATE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "p",
            "private_key_id": "kid1",
            "private_key": pem,
            "client_email": "svc@p.iam.gserviceaccount.com",
            "token_uri": token_uri,
        }
    )


class Door(Struct, frozen=True):
    """One provider: how it is made, what its upstream says, and where in a request things stand."""

    name: str
    make: Callable[[str], Provider]
    model: str
    whole: dict[str, Any]
    pieces: list[bytes]
    type: str
    paths: tuple[str, str]  # of a whole answer and of a stream
    error: Callable[[int], bytes]
    said: Callable[[Any], list[Any]]  # the texts, images, calls and results of a request's body, in order
    system: Callable[[Any], str]
    stops: Callable[[Any], Any]
    schema: Callable[[Any], Any]

    def stream(self, count: int | None = None) -> bytes:
        """A whole stream, or its first `count` pieces without an end."""
        pieces = self.pieces if count is None else self.pieces[:count]
        body = b"".join([chunk(piece) for piece in pieces])
        return head(chunked=True, content_type=self.type) + body + (chunk(b"") if count is None else b"")


# ---- Gemini, at both of Google's doors


def _gemini_response(parts: list[Any], finish: str | None = None, usage: Any = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    told: dict[str, Any] = {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1"}
    if finish:
        candidate["finishReason"] = finish
    if usage:
        told["usageMetadata"] = usage
    return told


def _sse(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\r\n\r\n"


def _gemini_said(body: Any) -> list[Any]:
    told: list[Any] = []
    for part in [part for content in body["contents"] for part in content["parts"]]:
        if "text" in part:
            told.append(part["text"])
        elif "inlineData" in part:
            told.append(("image", part["inlineData"]["mimeType"], part["inlineData"]["data"]))
        elif "functionCall" in part:
            told.append(("call", part["functionCall"]["name"], part["functionCall"]["args"]))
        else:
            told.append(("result", part["functionResponse"]["name"], part["functionResponse"]["response"]))
    return told


_PARTS = [
    {"text": TEXT},
    {"functionCall": {"name": "f", "args": {"a": 1}, "id": "t1"}, "thoughtSignature": "c2ln"},
    {"functionCall": {"name": "g", "args": {}, "id": "t2"}},
]
_COUNTED = {"promptTokenCount": 10, "candidatesTokenCount": 4, "thoughtsTokenCount": 3, "cachedContentTokenCount": 5}
_GEMINI_WHOLE = _gemini_response(_PARTS, "STOP", _COUNTED)
_GEMINI_PIECES = [
    _sse(_gemini_response([{"text": "Grüß "}])),
    _sse(_gemini_response([{"text": "Gott"}])),
    _sse(_gemini_response(_PARTS[1:])),
    _sse(_gemini_response([{"text": ""}], "STOP", _COUNTED)),
]


def _gemini_error(status: int) -> bytes:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "6.5s"}
    told = {"code": status, "message": "Upstream words.", "status": "X", "details": [detail]}
    return json_answer({"error": told}, status)


def _google(name: str, make: Callable[[str], Provider], paths: tuple[str, str]) -> Door:
    return Door(
        name=name,
        make=make,
        model="gemini-2.5-flash",
        whole=_GEMINI_WHOLE,
        pieces=_GEMINI_PIECES,
        type="text/event-stream",
        paths=paths,
        error=_gemini_error,
        said=_gemini_said,
        system=lambda body: body["systemInstruction"]["parts"][0]["text"],
        stops=lambda body: body["generationConfig"]["stopSequences"],
        schema=lambda body: body["generationConfig"]["responseJsonSchema"],
    )


def gemini(url: str) -> Gemini:
    """The API-key service at `url`."""
    return Gemini("acme", ROW, url=Url.parse(f"{url}/v1beta"), key="k1", timeouts=TIMEOUTS, headers={})


def vertex(url: str, key: str | None = None) -> Vertex:
    """Vertex at `url`, with an account whose tokens come from there too."""
    place = f"{url}/v1/projects/p/locations/l"
    key = key or key_file(f"{url}/token")
    return Vertex("acme", ROW, url=Url.parse(place), key=key, timeouts=TIMEOUTS, headers={})


# ---- Bedrock


def _bedrock_delta(index: int, **fields: Any) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": index, "delta": fields})


def _bedrock_tool(index: int, name: str, *pieces: str) -> list[bytes]:
    named = {"toolUse": {"toolUseId": f"t{index}", "name": name}}
    return [
        event("contentBlockStart", {"contentBlockIndex": index, "start": named}),
        *[_bedrock_delta(index, toolUse={"input": piece}) for piece in pieces],
        event("contentBlockStop", {"contentBlockIndex": index}),
    ]


_BEDROCK_USAGE = {"inputTokens": 5, "outputTokens": 7, "totalTokens": 17, "cacheReadInputTokens": 5}
_BEDROCK_WHOLE = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"text": TEXT},
                {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}},
                {"toolUse": {"toolUseId": "t2", "name": "g", "input": {}}},
            ],
        }
    },
    "stopReason": "tool_use",
    "usage": _BEDROCK_USAGE,
    "metrics": {"latencyMs": 1},
}
_BEDROCK_PIECES = [
    event("messageStart", {"role": "assistant"}),
    _bedrock_delta(0, text="Grüß "),
    _bedrock_delta(0, text="Gott"),
    event("contentBlockStop", {"contentBlockIndex": 0}),
    *_bedrock_tool(1, "f", '{"a"', ": 1}"),
    *_bedrock_tool(2, "g"),
    event("messageStop", {"stopReason": "tool_use"}),
    event("metadata", {"usage": _BEDROCK_USAGE, "metrics": {"latencyMs": 1}}),
]


def _bedrock_said(body: Any) -> list[Any]:
    told: list[Any] = []
    for block in [block for message in body["messages"] for block in message["content"]]:
        if "text" in block:
            told.append(block["text"])
        elif "image" in block:
            told.append(("image", f"image/{block['image']['format']}", block["image"]["source"]["bytes"]))
        elif "toolUse" in block:
            told.append(("call", block["toolUse"]["name"], block["toolUse"]["input"]))
        else:
            told.append(("result", "f", json.loads(block["toolResult"]["content"][0]["text"])))
    return told


def bedrock(url: str, key: str | None = "AKID:secret:session", **env: str) -> Bedrock:
    """Bedrock at `url`."""
    env.setdefault("AWS_REGION", "eu-central-1")
    return Bedrock("acme", ROW, url=Url.parse(url), key=key, timeouts=TIMEOUTS, headers={}, env=env)


CLAUDE = "eu.anthropic.claude-x-v1:0"
_PLACE = "/model/eu.anthropic.claude-x-v1%3A0"

DOORS = [
    _google(
        "gemini",
        gemini,
        (
            "/v1beta/models/gemini-2.5-flash:generateContent",
            "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        ),
    ),
    _google(
        "vertex",
        vertex,
        (
            "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent",
            "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        ),
    ),
    Door(
        name="bedrock",
        make=bedrock,
        model=CLAUDE,
        whole=_BEDROCK_WHOLE,
        pieces=_BEDROCK_PIECES,
        type="application/vnd.amazon.eventstream",
        paths=(f"{_PLACE}/converse", f"{_PLACE}/converse-stream"),
        error=lambda status: json_answer(
            {"message": "Upstream words."}, status, retry_after="7", x_amzn_errortype="ThrottlingException"
        ),
        said=_bedrock_said,
        system=lambda body: body["system"][0]["text"],
        stops=lambda body: body["inferenceConfig"]["stopSequences"],
        schema=lambda body: json.loads(body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]),
    ),
]


def is_token(seen: Seen) -> bool:
    """Whether a request asks for a token, and not for an answer."""
    return seen.target == "/token"
