"""Files that can not be read are refused in a sentence, and leave nothing behind."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.context.files import a_locked_pdf, a_pdf, a_picture_pdf, a_zip
from tests.flow.asking import Line, ask, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage
from tests.flow.test_context import CONFIG, find, put, rows_of


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that takes documents of 100 KB and 40 chunks."""
    with Gateway(tmp_path_factory.mktemp("refusals"), config(stage, more=CONFIG)) as made:
        yield made


NOTHING = {"documents": 0, "document_chunks": 0, "document_vectors": 0}
FORM = {"content-type": "multipart/form-data; boundary=x"}
FIELD = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
WRONG: dict[str, tuple[bytes, str, dict[str, str], int, str]] = {
    "a broken PDF": (b"%PDF-1.7\nbroken", "application/pdf", {}, 400, "broken"),
    "half a PDF": (a_pdf("text")[:400], "application/pdf", {}, 400, "broken"),
    "a locked PDF": (a_locked_pdf(), "application/pdf", {}, 400, "password"),
    "a PDF of pictures": (a_picture_pdf(), "application/octet-stream", {}, 400, "no text"),
    "a zip": (a_zip(), "text/plain", {}, 415, "zip archive"),
    "gzip": (b"\x1f\x8b\x08" + b"x" * 50, "text/plain", {}, 415, "gzip"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "", {}, 415, "picture"),
    "a program": (b"\x7fELF" + b"\0" * 50, "", {}, 415, "program"),
    "other bytes": (bytes(range(256)) * 10, "text/plain", {}, 400, "not text"),
    "bytes with zeros": (b"abc\0def", "text/plain", {}, 415, "binary"),
    "another type": (b"x", "application/msword", {}, 415, "no media type"),
    "an unknown charset": (b"x", "text/plain; charset=klingon", {}, 400, "charset"),
    "compressed on the way": (b"x", "text/plain", {"content-encoding": "gzip"}, 415, "content-encoding"),
    "nothing": (b"", "text/plain", {}, 400, "empty"),
    "white space": (b" \n \n", "text/plain", {}, 400, "no text"),
    "too many bytes": (b"word " * 30_000, "text/plain", {}, 413, "context.max_document"),
    "too many chunks": (b"word " * 15_000, "text/plain", {}, 413, "more than 40 chunks"),
    "no JSON": (b"{'a': 1}", "application/json", {}, 400, "not JSON"),
    "no CSV": (b'a,b\n"1', "text/csv", {}, 400, "not CSV"),
    "half a form": (FIELD % (b"file", b"text"), FORM["content-type"], {}, 400, "last boundary"),
    "a form without a file": (FIELD % (b"type", b"text") + b"--x--", FORM["content-type"], {}, 400, "one file"),
    "a strange field": (
        FIELD % (b"file", b"text") + FIELD % (b"color", b"red") + b"--x--",
        FORM["content-type"],
        {},
        400,
        "color",
    ),
}


@pytest.mark.parametrize(("data", "media", "headers", "status", "why"), WRONG.values(), ids=WRONG.keys())
async def test_a_file_that_can_not_be_read_leaves_nothing(
    gateway: Gateway, data: bytes, media: str, headers: dict[str, str], status: int, why: str
) -> None:
    answer = await put(gateway, "wrong", data, "wrong", media=media, **headers)
    assert (answer.status, why in answer.json["message"]) == (status, True), answer.body
    assert (await get(gateway, "/api/documents?application=wrong")).json["data"] == []
    assert rows_of(gateway.data) == NOTHING


def a_head(gateway: Gateway, length: str) -> bytes:
    """The head of an upload."""
    lines = ("PUT /api/documents/huge?application=wrong HTTP/1.1", "host: x", f"authorization: Bearer {gateway.key}")
    return "\r\n".join([*lines, length, "", ""]).encode()


async def test_a_hundred_megabytes_are_refused_before_they_are_read(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.send(a_head(gateway, "content-length: 104857600"))
        assert (await line.answer()).status == 413
    assert rows_of(gateway.data) == NOTHING


async def test_a_body_of_unknown_length_is_read_no_further_than_it_may_be(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.send(a_head(gateway, "transfer-encoding: chunked") + b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
        for _ in range(4):
            await line.send(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
        assert (await line.answer()).status == 413
    assert rows_of(gateway.data) == NOTHING


BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "no reference": ({"text": "a"}, "reference"),
    "an empty reference": ({"text": "a", "reference": " "}, "reference"),
    "a long reference": ({"text": "a", "reference": "x" * 600}, "reference"),
    "no text": ({"reference": "a"}, "text"),
    "an unknown type": ({"reference": "a", "text": "a", "type": "docx"}, "type"),
    "an unknown field": ({"reference": "a", "text": "a", "colour": 1}, "colour"),
    "metadata that is a list": ({"reference": "a", "text": "a", "metadata": [1]}, "metadata"),
}


@pytest.mark.parametrize(("body", "param"), BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_wrong_names_the_field(gateway: Gateway, body: dict[str, Any], param: str) -> None:
    answer = await ask(gateway, body, "/api/documents")
    assert (answer.status, answer.json["param"]) == (400, param), answer.body
    assert rows_of(gateway.data) == NOTHING


async def test_an_application_with_all_the_chunks_it_may_have_takes_no_more(gateway: Gateway) -> None:
    text = "Some words of a sentence. " * 900
    assert (await put(gateway, "first", text, "full")).status == 200
    before = rows_of(gateway.data)
    refused = await put(gateway, "second", text + "More.", "full")
    assert (refused.status, "context.max_chunks" in refused.json["message"]) == (409, True)
    assert rows_of(gateway.data) == before
    assert (await put(gateway, "first", text + "More.", "full")).status == 200
    assert (await ask(gateway, None, "/api/documents/first?application=full", method="DELETE")).status == 200
    assert rows_of(gateway.data) == NOTHING
    assert await find(gateway, "sentence", "full") == []
