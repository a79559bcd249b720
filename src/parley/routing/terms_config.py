"""Reads what a config says of how its targets are asked: retries, time, cache, host, parameters.

`request_timeout` is in milliseconds and `cache.max_age` in seconds, as Portkey documents them (docs, 2026-08).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct, structs

from parley.core.asks import Json
from parley.routing.mistakes import Mistakes, clipped, guess, under
from parley.routing.plan import CacheWish, Retry, Terms

MOST_ATTEMPTS = 5
"""Retries of one target; what Portkey documents (2026-08)."""
LONGEST_TIMEOUT = 24 * 3600 * 1000
MAX_AGES = (60, 7_776_000)
"""Seconds an answer may be kept; Portkey's bounds (branch 2.0.0, 2026-03)."""

RefuseHost = Callable[[str], str | None]
"""A sentence that says why a request may not name this URL as its upstream, or `None`."""


class TermsReader(Struct, frozen=True, kw_only=True):
    """Reads terms and notes what is wrong with them."""

    mistakes: Mistakes
    refuse_host: RefuseHost

    def read(self, config: Mapping[str, Json], place: str, outer: Terms) -> Terms:
        """What `config` says, upon what the config around it said."""
        found: dict[str, Any] = {}
        for key, (name, reader) in READERS.items():
            if config.get(key) is not None:
                value = reader(self, config[key], under(place, key))
                if value is not None:
                    found[name] = value
        if "override_params" in found:
            found["override_params"] = outer.override_params | found["override_params"]
        return structs.replace(outer, **found) if found else outer

    def codes(self, given: Json, place: str) -> frozenset[int] | None:
        """A list of HTTP statuses."""
        if not isinstance(given, list) or not all(_whole(code, 400, 599) for code in given):
            more = " 246 is what a failed guardrail answers; Parley has sentinels." if _has(given, 246) else ""
            self.mistakes.add(
                place, f"it must be a list of statuses from 400 to 599, but it is {clipped(given)}.{more}"
            )
            return None
        return frozenset(given)

    def retry(self, given: Json, place: str) -> Retry | None:
        """`{"attempts": 2, "on_status_codes": [...], "use_retry_after_header": true}`."""
        if not self.table(given, place, ("attempts", *RETRY_KEYS)):
            return None
        attempts = given.get("attempts")
        if not _whole(attempts, 0, MOST_ATTEMPTS):
            self.mistakes.add(under(place, "attempts"), f"it must be a whole number from 0 to {MOST_ATTEMPTS}.")
            return None
        codes = given.get("on_status_codes")
        honour = [self.flag(given[key], under(place, key)) for key in RETRY_KEYS[1:] if given.get(key) is not None]
        return Retry(
            attempts=attempts,
            on_status_codes=None if codes is None else self.codes(codes, under(place, "on_status_codes")),
            honour_retry_after=False not in honour,
        )

    def cache(self, given: Json, place: str) -> CacheWish | None:
        """`{"mode": "simple", "max_age": 3600}`."""
        if not self.table(given, place, ("mode", "max_age")):
            return None
        modes: tuple[Literal["simple"], Literal["semantic"]] = ("simple", "semantic")
        mode = next((one for one in modes if one == given.get("mode")), None)
        if mode is None:
            self.mistakes.add(under(place, "mode"), f"it must be simple or semantic, not {clipped(given.get('mode'))}.")
            return None
        age = given.get("max_age")
        if age is not None and not _whole(age, *MAX_AGES):
            self.mistakes.add(under(place, "max_age"), f"it must be {MAX_AGES[0]} to {MAX_AGES[1]} seconds.")
            return None
        return CacheWish(mode=mode, max_age=age)

    def timeout(self, given: Json, place: str) -> float | None:
        """Milliseconds in, seconds out."""
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= LONGEST_TIMEOUT:
            self.mistakes.add(place, f"it must be milliseconds, more than 0, but it is {clipped(given)}.")
            return None
        return given / 1000

    def host(self, given: Json, place: str) -> str | None:
        """An address of the request's own."""
        try:
            parts = urlsplit(given) if isinstance(given, str) else None
            good = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            self.mistakes.add(place, f"it must be an http or https URL, but it is {clipped(given)}.")
            return None
        refusal = self.refuse_host(given)
        if refusal is not None:
            self.mistakes.add(place, refusal)
            return None
        return str(given)

    def params(self, given: Json, place: str) -> dict[str, Json] | None:
        """Fields of the body that are set whatever the request says."""
        if not isinstance(given, dict):
            self.mistakes.add(place, f"it must be an object, but it is {clipped(given)}.")
            return None
        model = given.get("model")
        if model is not None and (not isinstance(model, str) or not model):
            self.mistakes.add(under(place, "model"), f"a model is a name, but it is {clipped(model)}.")
        for key in TRANSPORT:
            if key in given:
                self.mistakes.add(under(place, key), "whether an answer is streamed is for the client to say.")
        return given

    def flag(self, given: Json, place: str) -> bool | None:
        """True or false."""
        if not isinstance(given, bool):
            self.mistakes.add(place, f"it must be true or false, but it is {clipped(given)}.")
            return None
        return given

    def table(self, given: Json, place: str, keys: Iterable[str]) -> bool:
        """Whether `given` is an object; keys that are not among `keys` are noted."""
        if not isinstance(given, dict):
            self.mistakes.add(place, f"it must be an object, but it is {clipped(given)}.")
            return False
        for key in given:
            if key not in keys:
                self.mistakes.add(under(place, key), f"there is no such key.{guess(key, keys)}")
        return True


TRANSPORT = ("stream", "stream_options")
RETRY_KEYS = ("on_status_codes", "use_retry_after_header", "use_retry_after_headers")
READERS: dict[str, tuple[str, Callable[[TermsReader, Json, str], Any]]] = {
    "retry": ("retry", TermsReader.retry),
    "cache": ("cache", TermsReader.cache),
    "request_timeout": ("timeout", TermsReader.timeout),
    "custom_host": ("custom_host", TermsReader.host),
    "override_params": ("override_params", TermsReader.params),
    "strict_open_ai_compliance": ("strict", TermsReader.flag),
    "continue_on_cut": ("continue_on_cut", TermsReader.flag),
}


def positive(given: Json) -> bool:
    """Whether it is a finite number of at least 0."""
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < math.inf


def _whole(given: Json, least: int, most: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and least <= given <= most


def _has(given: Json, code: int) -> bool:
    return isinstance(given, list) and code in given
