"""A file is read in a thread or in a child process that can be killed; what can not be read is refused."""

import pytest

from parley.context.reader import Reader
from parley.context.sniff import charset_of, text_of, type_of
from parley.core.errors import CallerError
from tests.context.files import a_locked_pdf, a_pdf, a_zip

READER = Reader(most=1000)


async def test_a_large_text_is_read_by_a_child_as_a_small_one_is_here() -> None:
    text = "\n\n".join(f"# Part {n}\n\n{'Some words of it. ' * 60}" for n in range(60)).encode()
    assert len(text) > 32 * 1024
    chunks = await READER.read(text, "markdown", None)
    assert {chunk.path for chunk in chunks} == {(f"Part {n}",) for n in range(60)}
    assert (await READER.read(b"# A\n\nb", "markdown", None))[0].path == ("A",)


async def test_a_pdf_is_read() -> None:
    (chunk,) = await READER.read(a_pdf("Refunds take 30 days."), "pdf", None)
    assert (chunk.path, chunk.text) == (("Page 1",), "Refunds take 30 days.")


@pytest.mark.parametrize(
    ("data", "type", "status", "why"),
    [
        (a_locked_pdf(), "pdf", 400, "password"),
        (b"%PDF-1.7 broken", "pdf", 400, "broken"),
        (b"word " * 400_000, "text", 413, "more than 1,000 chunks"),
        (b'{"a": ' * 20_000, "json", 400, "not JSON"),
        (b"\xff\xfe\xfa" * 20_000 + b"x", "text", 400, "not text"),
        (b"   \n\n", "text", 400, "no text"),
    ],
)
async def test_what_can_not_be_read_is_refused(data: bytes, type: str, status: int, why: str) -> None:
    with pytest.raises(CallerError, match=why) as refused:
        await READER.read(data, type, None)
    assert refused.value.status == status


async def test_a_child_that_takes_too_long_or_too_much_memory_is_ended() -> None:
    text = b"word " * 2_000_000
    with pytest.raises(CallerError, match="longer than 1 seconds"):
        await Reader(most=10**6, seconds=1).read(text, "text", None)
    with pytest.raises(CallerError, match="memory"):
        await Reader(most=10**6, memory=120 * 1024**2).read(text * 3, "text", None)


@pytest.mark.parametrize(
    ("media", "name", "data", "type"),
    [
        ("text/markdown; charset=utf-8", "x", b"# a", "markdown"),
        ("", "guide.HTML", b"<p>", "html"),
        ("application/octet-stream", "notes", b"text", "text"),
        ("text/plain", "table.csv", b"a,b", "csv"),
        ("application/octet-stream", "scan", b"\n%PDF-1.4", "pdf"),
    ],
)
def test_a_type_is_what_is_said_or_what_it_looks_like(media: str, name: str, data: bytes, type: str) -> None:
    assert type_of(None, media, name, data) == type


@pytest.mark.parametrize(
    ("given", "media", "data", "status"),
    [
        ("word", "", b"x", 400),
        (None, "image/png", b"x", 415),
        (None, "text/plain", a_zip(), 415),
        ("text", "", b"\x89PNG\r\n", 415),
        (None, "application/msword", b"x", 415),
    ],
)
def test_other_types_are_refused(given: str | None, media: str, data: bytes, status: int) -> None:
    with pytest.raises(CallerError) as refused:
        type_of(given, media, "", data)
    assert refused.value.status == status


def test_texts_in_other_encodings() -> None:
    assert text_of("é\r\n".encode("latin-1"), charset_of('text/plain; charset="latin-1"')) == "é\n"
    assert text_of("é".encode("utf-16"), None) == "é"
    assert text_of("\ufeffé".encode(), None) == "é"
    for data, charset in ((b"\xe9", None), (b"a", "klingon"), (b"a\0b", None)):
        with pytest.raises(CallerError):
            text_of(data, charset)
