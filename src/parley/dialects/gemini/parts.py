"""Content parts in Gemini's words: texts, and media either inline or by address.

What may be inline or fetched, and how large, is the model's affair (ai.google.dev/gemini-api/docs/file-input-methods,
2026-11: base64, uploaded files, `gs://`, and public https addresses).
"""

import re
from mimetypes import guess_type

from parley.core.asks import Json
from parley.core.errors import BadRequest

AUDIO = {"wav": "audio/wav", "mp3": "audio/mp3"}
"""OpenAI's audio formats; any other goes as `audio/<format>`."""

ADDRESSES = ("https://", "gs://")

_DATA_URL = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)(?:;[\w=.+-]+)*?;base64,(?P<data>.*)", re.DOTALL | re.IGNORECASE
)

Part = dict[str, Json]


def parts(content: Json, at: str, provider: str) -> list[Part]:
    """The parts of a message's content. Raises BadRequest naming the one that can not be said."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    said = [_part(part, f"{at}[{index}]", provider) for index, part in enumerate(content)]
    return [part for part in said if part.get("text") != ""]


def _part(part: Part, at: str, provider: str) -> Part:
    kind = part["type"]
    if kind in ("text", "refusal"):
        return {"text": part.get(kind) or ""}
    inner = part.get(kind)
    if (
        kind in ("image_url", "video_url", "audio_url")
        and isinstance(inner, dict)
        and isinstance(inner.get("url"), str)
    ):
        return _media(inner["url"], f"{at}.{kind}.url")
    if kind == "input_audio" and isinstance(inner, dict) and isinstance(inner.get("data"), str):
        form = str(inner.get("format") or "wav")
        return {"inlineData": {"mimeType": AUDIO.get(form, f"audio/{form}"), "data": inner["data"]}}
    if kind == "file" and isinstance(inner, dict):
        for name in ("file_data", "file_id"):
            if isinstance(inner.get(name), str):
                return _media(inner[name], f"{at}.file.{name}")
    raise BadRequest(
        f"`{at}` of the type `{kind}` is not supported by the provider `{provider}`.",
        param=at,
        code="unsupported_parameter",
    )


def _media(url: str, at: str) -> Part:
    if found := _DATA_URL.fullmatch(url):
        return {"inlineData": {"mimeType": found["type"].lower(), "data": found["data"]}}
    if url.lower().startswith(ADDRESSES):
        guessed, _ = guess_type(url.partition("?")[0])
        return {"fileData": {"mimeType": guessed, "fileUri": url} if guessed else {"fileUri": url}}
    raise BadRequest(
        f"`{at}` must be a data URL in base64, or an https:// or gs:// address.", param=at, code="invalid_value"
    )
