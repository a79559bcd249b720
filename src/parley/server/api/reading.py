"""Reads a management request: its query, its body and its times, each mistake a 400 that names the field."""

import asyncio
import difflib
import math
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_origin, get_type_hints

import msgspec
from msgspec import Struct
from starlette.requests import Request

from parley.core.errors import BadRequest, NotFound, TooLarge

LARGEST = 1_000_000
"""Bytes of a management request's body; conversations do not come this way."""
ARRIVES = 30.0
"""Seconds in which a body has to be here."""
LAST = 253_402_300_799.0
"""The last second of the year 9999."""
AGO = re.compile(r"(\d{1,6})(s|m|h|d|w)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def read_query(kind: type[Struct], request: Request) -> Struct:
    """The query parameters as a `kind`. Raises BadRequest; a repeated parameter is only good where it is a list."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name in request.query_params:
        if name not in hints:
            raise BadRequest(unknown(name, kind.__struct_fields__, "a parameter"), param=name)
        given = request.query_params.getlist(name)
        if get_origin(hints[name]) is list:
            values[name] = [part for value in given for part in value.split(",") if part]
        elif len(given) > 1:
            raise BadRequest(f"`{name}` is given {len(given)} times.", param=name)
        else:
            values[name] = given[0]
        _no_nul(" ".join(given), name)
    return _convert(values, kind, strict=False)


async def read_body(kind: Any, request: Request) -> Any:
    """The JSON body as a `kind`. Raises BadRequest and TooLarge."""
    raw = await _bytes(request)
    if not raw.strip():
        raise BadRequest("The body is empty; send a JSON object.")
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as e:
        raise BadRequest(f"The body is not JSON: {e}.", code="invalid_json") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    if b"\\u0000" in raw:
        no_nul_inside(value)
    if isinstance(kind, type) and issubclass(kind, Struct):
        for name in value:
            if name not in kind.__struct_fields__:
                raise BadRequest(unknown(name, kind.__struct_fields__, "a field"), param=name)
        return _convert({k: v for k, v in value.items() if v is not None}, kind, strict=True)
    return value


def read_path(params: Mapping[str, Any]) -> dict[str, str]:
    """The path's parameters. Raises NotFound for what no name can be."""
    for value in params.values():
        if "\0" in str(value) or len(str(value)) > 1024:
            raise NotFound("There is no such thing.")
    return {name: str(value) for name, value in params.items()}


def time_of(value: str | float | None, name: str, now: float | None = None) -> float | None:
    """Epoch seconds of `2026-08-20`, `2026-08-20T10:00:00Z`, seconds, or `24h` ago; UTC where no zone is said."""
    if value is None:
        return None
    text = str(value).strip()
    if ago := AGO.fullmatch(text):
        return (time.time() if now is None else now) - int(ago[1]) * SECONDS[ago[2]]
    seconds = _seconds(text)
    if seconds is None or not math.isfinite(seconds) or not 0 <= seconds <= LAST:
        raise BadRequest(
            f"`{name}` is not a time. Write it as 2026-08-20, 2026-08-20T10:00:00Z, 24h (ago) or seconds since 1970.",
            param=name,
        )
    return seconds


def unknown(name: str, allowed: tuple[str, ...], what: str) -> str:
    """The sentence for a name that is not one of `allowed`."""
    near = difflib.get_close_matches(name, allowed, 1)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return f"`{name[:100]}` is not {what} here.{guess} Allowed are: {', '.join(allowed) or 'none'}."


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if re.search(r"T\S+ \d\d:", text) else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


async def _bytes(request: Request) -> bytes:
    found = bytearray()
    try:
        async with asyncio.timeout(ARRIVES):
            async for chunk in request.stream():
                found += chunk
                if len(found) > LARGEST:
                    raise TooLarge(f"The body is larger than {LARGEST:,} bytes, the most that /api takes.")
    except TimeoutError:
        raise BadRequest(f"The body did not arrive within {ARRIVES:.0f} seconds.") from None
    return bytes(found)


def _convert(values: dict[str, Any], kind: type[Struct], *, strict: bool) -> Struct:
    try:
        return msgspec.convert(values, kind, strict=strict)
    except msgspec.ValidationError as e:
        reason, _, place = str(e).partition(" - at `$.")
        missing = re.search(r"missing required field `(\w+)`", reason)
        name = missing[1] if missing else place.rstrip("`")
        reason = reason.replace("`", "").replace(" | null", "")
        sentence = f"`{name}` is missing." if missing else f"`{name}` is not right: {reason[:1].lower()}{reason[1:]}."
        raise BadRequest(sentence, param=name or None) from None


def _no_nul(text: str, name: str | None) -> None:
    if "\0" in text:
        raise BadRequest("A text can not hold the character U+0000.", param=name)


def no_nul_inside(value: Any) -> None:
    """Raises BadRequest where a text in this JSON holds U+0000, which not every database takes."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            _no_nul(item, None)
        elif isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
