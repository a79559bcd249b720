"""The kinds `json` and `json_schema`: the whole answer is JSON, and follows a schema."""

from msgspec import Struct

from parley.core.asks import Json
from parley.evaluation.check import Finding, Instrument, Wrong, beside, fault, fine
from parley.evaluation.kinds.json_mend import follow, repaired
from parley.evaluation.look import NOT_JSON, Look
from parley.evaluation.schemas import Kept, compiled, complaints
from parley.evaluation.subject import Subject, with_text


class Plain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kind `json` has no keys of its own."""


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`schema`: JSON Schema, all drafts; without it, the one of the request's `response_format`."""

    schema: Json = None


def make_json(options: Plain) -> Instrument:
    """Faults where the text is no JSON; mended by repairing it."""

    def check(look: Look) -> Finding:
        if _calls_only(look):
            return beside("The answer is a tool call.")
        if look.json is NOT_JSON:
            return fault(f"The answer is not JSON: {look.trouble}.")
        return fine("The answer is JSON.")

    def mend(subject: Subject) -> Subject | None:
        text = repaired(subject.text)
        return with_text(subject, text) if text is not None else None

    return Instrument(check=check, mend=mend)


def make_json_schema(options: Options) -> Instrument:
    """Faults where the text is no JSON of the schema; mended by repairing it and fitting its values."""
    own = compiled(options.schema, "schema") if options.schema is not None else None
    kept = Kept()

    def check(look: Look) -> Finding:
        if _calls_only(look):
            return beside("The answer is a tool call.")
        schema = look.subject.schema
        if own is None and schema is None:
            return beside("The request asks for no schema.")
        if look.json is NOT_JSON:
            return fault(f"The answer is not JSON: {look.trouble}.")
        try:
            trouble = complaints(own if own is not None else kept.of(schema), look.json)
        except Wrong as wrong:
            raise ValueError(f"the request's schema {wrong.what}") from None
        return (
            fault(f"The answer does not follow its schema: {trouble}.") if trouble else fine("It follows its schema.")
        )

    def mend(subject: Subject) -> Subject | None:
        schema = options.schema if own is not None else subject.schema
        text = follow(subject.text, schema, own if own is not None else kept.of(schema))
        return with_text(subject, text) if text is not None else None

    return Instrument(check=check, mend=mend)


def _calls_only(look: Look) -> bool:
    return bool(look.subject.tools) and not look.text.strip()
