"""The keys of a sentinel's configuration: those of every kind, and those of the kind `llm`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from parley.evaluation.verdict import Severity

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Words = Annotated[str, Meta(min_length=1, max_length=8000)]
Part = Literal["system", "context", "input", "tool_calls", "schema"]

Label = Literal["PASS", "FAULT", "NA"]

LLM = "llm"


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer with the verdict that it deserves; `input` is what was asked, `reason` why the verdict is right."""

    answer: Words
    status: Label
    input: Words | None = None
    reason: Words | None = None


class Common(Struct, frozen=True, kw_only=True):
    """The keys that sentinels of every kind have.

    `severity` tells how grave a fault is. `directive`: what must hold, in words, also for whoever corrects an answer.
    `examples`: answers with the verdicts they deserve. `correction` says how a fault is to be corrected; with it, the
    model is asked, without it what can be mended without a model is. `include`: what else than the text is looked
    at. `sample`: the part of requests that are looked at, 0 to 1.
    """

    name: Name
    kind: str = LLM
    severity: Severity = "error"
    directive: Words | None = None
    examples: Annotated[tuple[Example, ...], Meta(max_length=50)] = ()
    correction: Words | None = None
    include: tuple[Part, ...] = ()
    enabled: bool = True
    sample: Annotated[float, Meta(ge=0, le=1)] = 1.0


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of the kind `llm`, which also needs a `directive`. `qualification`: when that must hold at all.

    `judge` is a model; default: the application's `judge`, else the one that answered.
    """

    qualification: Words | None = None
    judge: Name | None = None
