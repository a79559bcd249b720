"""Reads a request's body: JSON bytes into a typed ask and its fields as they came, every mistake in plain words."""

import re
from typing import TypeVar

import msgspec
from msgspec import DecodeError, Raw, ValidationError

from parley.core.errors import BadRequest

T = TypeVar("T")

_FIELDS = msgspec.json.Decoder(dict[str, Raw])

SURELY_SHALLOW = 200
"""A body with no more brackets than this can not be nested too deeply."""

SPARE_FRAMES = 150
"""Deep bodies are read with this much of the stack used up, so that whoever writes them again has room to."""

TYPES = {
    "float": "a number",
    "int": "a whole number",
    "str": "a string",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}

_COMPLAINT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_EXPECTED = re.compile(
    r"^Expected `(?P<types>[^`]+)`(?P<length> of length)?(?: (?P<sign>[<>]=?) (?P<bound>\S+))?"
    r"(?:, got `(?P<got>\w+)`)?$"
)
_MISSING = re.compile(r"^Object missing required field `(?P<name>\w+)`$")
_BOUNDS = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below"}


def read_body(decoder: msgspec.json.Decoder[T], body: bytes) -> tuple[T, dict[str, Raw]]:
    """The ask that `decoder` reads from `body`, and each top-level field's own bytes in the order they came.

    Raises BadRequest, with `param` where one field is to blame.
    """
    try:
        if body.count(b"[") + body.count(b"{") > SURELY_SHALLOW:
            return _deeper(SPARE_FRAMES, decoder, body)
        return _read(decoder, body)
    except ValidationError as error:
        raise complaint(str(error)) from None
    except (DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not valid JSON: {_told(error, body)}.", code="invalid_json") from None
    except RecursionError:
        raise BadRequest("The body is not valid JSON: it is nested too deeply.", code="invalid_json") from None


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> tuple[T, dict[str, Raw]]:
    if not body.isascii():
        str(body, "utf-8")  # fields that nobody decodes here would go upstream unchecked
    return decoder.decode(body), _FIELDS.decode(body)


def _deeper(frames: int, decoder: msgspec.json.Decoder[T], body: bytes) -> tuple[T, dict[str, Raw]]:
    return _deeper(frames - 1, decoder, body) if frames else _read(decoder, body)


def _told(error: Exception, body: bytes) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    text = str(error).removeprefix("JSON is malformed: ")
    if text != "Input data was truncated":
        return text
    # msgspec says the same of a lone surrogate, which can not be written as UTF-8
    return (
        "it ends too early, or a \\ud... escape lacks its second half"
        if b"\\ud" in body.lower()
        else "it ends too early"
    )


def complaint(text: str) -> BadRequest:
    """What msgspec says of a wrong value, as a sentence with the field's name.

    "Expected `float` <= 2.0 - at `$.temperature`" becomes "`temperature` must be a number of at most 2."
    """
    found = _COMPLAINT.match(text)
    what, path = (found["what"], found["path"] or "") if found else (text, "")
    if missing := _MISSING.match(what):
        name = f"{path}.{missing['name']}" if path else missing["name"]
        return BadRequest(f"`{name}` is required.", param=name, code="missing_required_parameter")
    path = path.removesuffix("[...]")
    subject = f"`{path}`" if path else "The body"
    expected = _EXPECTED.match(what)
    said = f"{subject} must be {_kind(expected)}." if expected else f"{subject} is wrong: {what.lower()}."
    return BadRequest(said, param=path or None, code="invalid_value" if path else "invalid_json")


def _kind(expected: re.Match[str]) -> str:
    names = [name for name in expected["types"].split(" | ") if name != "null"] or ["null"]
    kind = " or ".join(TYPES.get(name, name) for name in names)
    if expected["sign"]:
        bound = expected["bound"].removesuffix(".0")
        items = (" item" if bound == "1" else " items") if expected["length"] else ""
        return f"{kind} {_BOUNDS[expected['sign']]} {bound}{items}"
    if (kind, expected["got"]) == (TYPES["int"], "float"):
        return f"{kind}, without a decimal point"
    return f"{kind}, not {TYPES.get(expected['got'], expected['got'])}" if expected["got"] else kind
