"""Content parts in Anthropic's words: texts, images, documents; Anthropic's own blocks go as they are."""

import re

from parley.core.asks import Json
from parley.core.errors import BadRequest

OWN = frozenset({"image", "document", "search_result", "thinking", "redacted_thinking", "container_upload"})
"""Blocks that a client may already have written in Anthropic's shape."""

_DATA_URL = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)(?:;[\w=.+-]+)*?;base64,(?P<data>.*)", re.DOTALL | re.IGNORECASE
)

Block = dict[str, Json]


def blocks(content: Json, at: str, provider: str) -> list[Block]:
    """The blocks of a message's content. Raises BadRequest naming the part that can not be said."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    said = [_block(part, f"{at}[{index}]", provider) for index, part in enumerate(content)]
    return [block for block in said if block.get("text") != ""]


def _block(part: Block, at: str, provider: str) -> Block:
    kind = part["type"]
    if kind in OWN:
        return part
    if kind in ("text", "refusal"):
        block: Block = {"type": "text", "text": part.get(kind) or ""}
        if part.get("citations"):
            block["citations"] = part["citations"]
    elif kind == "image_url":
        block = {"type": "image", "source": _source(part["image_url"]["url"], f"{at}.image_url.url")}
    elif kind == "file" and isinstance(part.get("file"), dict) and isinstance(part["file"].get("file_data"), str):
        block = {"type": "document", "source": _source(part["file"]["file_data"], f"{at}.file.file_data")}
        if part["file"].get("filename"):
            block["title"] = part["file"]["filename"]
    else:
        raise BadRequest(
            f"`{at}` of the type `{kind}` is not supported by the provider `{provider}`.",
            param=at,
            code="unsupported_parameter",
        )
    if part.get("cache_control") is not None:
        block["cache_control"] = part["cache_control"]
    return block


def _source(url: str, at: str) -> Block:
    if found := _DATA_URL.fullmatch(url):
        return {"type": "base64", "media_type": found["type"].lower(), "data": found["data"]}
    if url[:8].lower() == "https://":
        return {"type": "url", "url": url}
    raise BadRequest(f"`{at}` must be an https URL or a data URL in base64.", param=at, code="invalid_value")
