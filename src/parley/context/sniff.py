"""Tells what a file is, from what its sender says, its name and its first bytes, and refuses what holds no text."""

from pathlib import PurePosixPath

from parley.core.errors import BadRequest

TYPES = ("text", "markdown", "html", "pdf", "json", "csv")
BY_MEDIA = {
    "text/plain": "text",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/json": "json",
    "application/jsonl": "json",
    "application/x-ndjson": "json",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
}
SILENT = frozenset({"", "application/octet-stream", "application/x-www-form-urlencoded"})
"""What clients send who do not say what it is (the last is curl's for `--data-binary`)."""
BY_ENDING = {
    "txt": "text", "text": "text", "log": "text", "md": "markdown", "markdown": "markdown", "mdx": "markdown",
    "html": "html", "htm": "html", "xhtml": "html", "pdf": "pdf", "json": "json", "jsonl": "json", "ndjson": "json",
    "csv": "csv", "tsv": "csv",
}  # fmt: skip
MAGIC = {
    b"PK\x03\x04": "a zip archive (or a document that is one, as .docx and .xlsx are)",
    b"PK\x05\x06": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x28\xb5\x2f\xfd": "a zstandard archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"SQLite format 3": "a database",
    b"GGUF": "a model",
}
SAYS = "Documents are text, Markdown, HTML, PDF, JSON or CSV."


def type_of(given: str | None, media: str, name: str, data: bytes) -> str:
    """One of `TYPES`. `given` is what the sender calls it, `media` the media type, `name` the file's name.

    Raises BadRequest for a type that there is none of, and for archives, pictures and programs.
    """
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            raise BadRequest(f"This file is {what}. {SAYS}", param="content", code="unsupported_document", status=415)
    if given is not None:
        if given not in TYPES:
            raise BadRequest(f"`type` is one of {', '.join(TYPES)}; not `{given[:50]}`.", param="type")
        return given
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    media = media.partition(";")[0].strip().lower()
    ending = PurePosixPath(name).suffix.lstrip(".").lower()
    if media in BY_MEDIA and not (media == "text/plain" and ending in BY_ENDING):
        return BY_MEDIA[media]
    if media in SILENT or media == "text/plain":
        return BY_ENDING.get(ending, "text")
    raise BadRequest(
        f"`{media[:80]}` is no media type of a document. {SAYS}",
        param="content-type",
        code="unsupported_document",
        status=415,
    )


def charset_of(media: str) -> str | None:
    """The `charset` of a media type, as it was given."""
    for parameter in media.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"')
    return None


def text_of(data: bytes, charset: str | None) -> str:
    """The file's text, with `\\n` for every end of line. Raises BadRequest where it is none."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            charset = encoding
    try:
        text = data.decode(charset or "utf-8")
    except LookupError:
        raise BadRequest(f"There is no charset `{(charset or '')[:50]}`.", param="content-type") from None
    except (UnicodeDecodeError, UnicodeError):
        raise BadRequest(
            f"This file is not text in {charset or 'UTF-8'}. Name its charset in the content type, or send UTF-8.",
            param="content",
            code="unsupported_document",
        ) from None
    if "\0" in text:
        raise BadRequest(f"This file is binary. {SAYS}", param="content", code="unsupported_document", status=415)
    return text.replace("\r\n", "\n").replace("\r", "\n")
