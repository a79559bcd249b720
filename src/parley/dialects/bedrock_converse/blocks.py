"""Content parts in Converse's words: texts, images, documents, audio and video, as bytes or in S3; never by URL."""

import re

from parley.core.asks import Json
from parley.core.errors import BadRequest
from parley.dialects.bedrock_converse.tools import CACHE_POINT

FORMATS = {
    "image/png": ("image", "png"),
    "image/jpeg": ("image", "jpeg"),
    "image/jpg": ("image", "jpeg"),
    "image/gif": ("image", "gif"),
    "image/webp": ("image", "webp"),
    "application/pdf": ("document", "pdf"),
    "text/csv": ("document", "csv"),
    "application/msword": ("document", "doc"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("document", "docx"),
    "application/vnd.ms-excel": ("document", "xls"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("document", "xlsx"),
    "text/html": ("document", "html"),
    "text/plain": ("document", "txt"),
    "text/markdown": ("document", "md"),
    "video/mp4": ("video", "mp4"),
    "video/webm": ("video", "webm"),
    "video/quicktime": ("video", "mov"),
    "video/x-matroska": ("video", "mkv"),
    "audio/mpeg": ("audio", "mp3"),
    "audio/mp3": ("audio", "mp3"),
    "audio/wav": ("audio", "wav"),
    "audio/flac": ("audio", "flac"),
    "audio/ogg": ("audio", "ogg"),
}
"""MIME types as Converse's kinds and formats (botocore 1.44.5, 2026-11)."""

SUFFIXES = {form: (kind, form) for kind, form in FORMATS.values()} | {"jpg": ("image", "jpeg")}

_DATA_URL = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)(?:;[\w=.+-]+)*?;base64,(?P<data>.*)", re.DOTALL | re.IGNORECASE
)
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9()\[\]-]+")

Block = dict[str, Json]


def blocks(content: Json, at: str, provider: str) -> list[Block]:
    """The blocks of a message's content. Raises BadRequest naming the part that can not be said."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    said: list[Block] = []
    for index, part in enumerate(content):
        block = _block(part, f"{at}[{index}]", provider)
        if block.get("text") != "":
            said.append(block)
            if part.get("cache_control") is not None:
                said.append(CACHE_POINT)
    return said


def _block(part: Block, at: str, provider: str) -> Block:
    kind = part["type"]
    inner = part.get(kind)
    if kind in ("text", "refusal"):
        return {"text": inner or ""}
    if (
        kind in ("image_url", "video_url", "audio_url")
        and isinstance(inner, dict)
        and isinstance(inner.get("url"), str)
    ):
        return _media(inner["url"], f"{at}.{kind}.url", None, provider)
    if kind == "input_audio" and isinstance(inner, dict) and isinstance(inner.get("data"), str):
        return {"audio": {"format": str(inner.get("format") or "wav"), "source": {"bytes": inner["data"]}}}
    if kind == "file" and isinstance(inner, dict):
        for name in ("file_data", "file_id"):
            if isinstance(inner.get(name), str):
                return _media(inner[name], f"{at}.file.{name}", inner.get("filename"), provider)
    raise BadRequest(
        f"`{at}` of the type `{kind}` is not supported by the provider `{provider}`.",
        param=at,
        code="unsupported_parameter",
    )


def _media(url: str, at: str, name: Json, provider: str) -> Block:
    if found := _DATA_URL.fullmatch(url):
        known = FORMATS.get(found["type"].lower())
        source: Json = {"bytes": found["data"]}
    elif url.startswith("s3://"):
        known = SUFFIXES.get(url.rpartition(".")[2].lower())
        source = {"s3Location": {"uri": url}}
    else:
        raise BadRequest(
            f"`{at}` must be a data URL in base64 or an s3:// address with the provider `{provider}`.",
            param=at,
            code="unsupported_parameter",
        )
    if known is None:
        raise BadRequest(f"`{at}` is of a type that the provider `{provider}` does not take.", param=at)
    kind, form = known
    block: Block = {"format": form, "source": source}
    if kind == "document":
        block["name"] = _name(name)
    return {kind: block}


def _name(given: Json) -> str:
    """A document must have a name, of few characters; single spaces are among them."""
    stem = given.rpartition(".")[0] or given if isinstance(given, str) else ""
    return _NOT_IN_NAMES.sub(" ", stem).strip()[:200] or "document"
