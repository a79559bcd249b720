"""Turns spans that callers send into ours: their ids, times and errors, and what GenAI's conventions say of models."""

import math
import re
from collections.abc import Iterable, Mapping

import msgspec

from parley.core.enclosures import Span
from parley.core.reply import Json
from parley.tracing.otlp_shapes import Sent

MOST = 10_000
"""Spans of one export; the rest is refused, and the sender is told how many."""
LARGEST = 64 * 1024
"""Bytes of a span's attributes; larger ones lose their longest values."""
LONGEST = 256
HEX = re.compile(r"[0-9a-f]+")

MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider")
PROMPT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
COMPLETION = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
"""OpenTelemetry's GenAI conventions 1.37, their older names, and OpenInference's (2026-08)."""


def spans_of(sent: Iterable[Sent], account: str) -> tuple[list[Span], int]:
    """The spans that can be kept, and how many can not: ids that are none, or more than `MOST`."""
    kept, refused = list[Span](), 0
    for one in sent:
        if len(kept) >= MOST or not (_id(one.trace_id, 32) and _id(one.span_id, 16)):
            refused += 1
        else:
            kept.append(_span(one, account))
    return kept, refused


def _id(text: str, length: int) -> bool:
    return len(text) == length and HEX.fullmatch(text) is not None and set(text) != {"0"}


def _span(sent: Sent, account: str) -> Span:
    said = {**sent.resource, **sent.attributes}
    began = sent.start / 1e9
    return Span(
        trace_id=sent.trace_id,
        id=sent.span_id,
        parent_id=sent.parent_id if _id(sent.parent_id, 16) else None,
        account=account,
        kind="client",
        name=clean(sent.name, LONGEST) or "span",
        created=began,
        ms=max(sent.end - sent.start, 0) / 1e6 if sent.end else 0.0,
        error=(clean(sent.message, 2000) or "error") if sent.code == 2 else None,
        model=_first(said, MODEL),
        provider=_first(said, PROVIDER),
        prompt_tokens=_count(said, PROMPT),
        completion_tokens=_count(said, COMPLETION),
        attributes=bounded({**_about(sent), **sent.attributes}),
    )


def _about(sent: Sent) -> dict[str, Json]:
    service = sent.resource.get("service.name")
    return {**({"service.name": service} if service else {}), **({"otel.scope": sent.scope} if sent.scope else {})}


def _first(said: Mapping[str, Json], names: Iterable[str]) -> str:
    return next((clean(str(said[name]), LONGEST) for name in names if said.get(name)), "")


def _count(said: Mapping[str, Json], names: Iterable[str]) -> int | None:
    return next((tokens for name in names if (tokens := whole(said.get(name))) is not None), None)


def whole(value: Json) -> int | None:
    """A number of tokens, if it is one."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(value) if good and 0 <= value < 2**31 else None


def clean(text: str, most: int) -> str:
    """A text as every store takes it."""
    return text[:most].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def bounded(attributes: dict[str, Json]) -> str | None:
    """Attributes as JSON of at most `LARGEST` bytes: the longest values are left out first."""
    if not attributes:
        return None
    parts = {clean(name, LONGEST): msgspec.json.encode(value) for name, value in attributes.items()}
    size = sum(len(name) * 4 + len(part) + 4 for name, part in parts.items())
    for name in sorted(parts, key=lambda name: len(parts[name]), reverse=True):
        if size <= LARGEST:
            break
        size -= len(parts.pop(name))
    text = msgspec.json.encode({name: msgspec.Raw(part) for name, part in parts.items()}).decode("utf-8", "replace")
    return text.replace("\\u0000", "\ufffd")
