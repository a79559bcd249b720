"""The kind `tool_call`: calls name tools that were offered, with arguments that follow the tool's schema."""

from msgspec import DecodeError, Struct, json, structs

from parley.core.asks import Chat, Json
from parley.core.reply import ToolCall
from parley.evaluation.check import Finding, Instrument, Wrong, beside, fault, fine, listed
from parley.evaluation.kinds.json_mend import follow
from parley.evaluation.look import Look
from parley.evaluation.schemas import Kept, complaints
from parley.evaluation.subject import Subject

OBJECT = {"type": "object"}


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`required`: an answer without a call is at fault. `allow`: names of tools that may be called; default: all."""

    required: bool = False
    allow: list[str] | None = None


def make(options: Options) -> Instrument:
    """Faults for calls that could not be carried out; mended by repairing the arguments."""
    kept = Kept()

    def check(look: Look) -> Finding:
        calls = look.subject.tools
        if not calls:
            return fault("The answer calls no tool.") if options.required else beside("The answer calls no tool.")
        offered = offers(look.subject.chat)
        troubles = [trouble for call in calls if (trouble := _trouble(call, offered, options.allow, kept))]
        return fault(" ".join(troubles[:3])) if troubles else fine("Every call can be carried out.")

    def mend(subject: Subject) -> Subject | None:
        offered = offers(subject.chat)
        tools = tuple(_mended(call, offered.get(call.name), kept) for call in subject.tools)
        return structs.replace(subject, tools=tools) if tools != subject.tools else None

    return Instrument(check=check, mend=mend)


def offers(chat: Chat) -> dict[str, Json]:
    """The schema of each tool's arguments, by the tool's name; the deprecated `functions` are tools too."""
    functions = [tool.get("function") for tool in chat.tools or ()]
    found: dict[str, Json] = {}
    for function in (*functions, *(chat.functions or ())):
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            found[function["name"]] = function.get("parameters") or OBJECT
    return found


def _trouble(call: ToolCall, offered: dict[str, Json], allow: list[str] | None, kept: Kept) -> str:
    if call.name not in offered:
        return f"There is no tool `{call.name}`; offered are {listed(sorted(offered)) or 'none'}."
    if allow is not None and call.name not in allow:
        return f"`{call.name}` may not be called; allowed are {listed(allow) or 'none'}."
    try:
        arguments = json.decode(call.arguments.encode() or b"{}")
    except (DecodeError, UnicodeError, RecursionError) as error:
        return f"The arguments of `{call.name}` are not JSON: {str(error).removeprefix('JSON is malformed: ')}."
    if not isinstance(arguments, dict):
        return f"The arguments of `{call.name}` are no JSON object."
    try:
        wrong = complaints(kept.of(offered[call.name]), arguments)
    except Wrong as error:
        raise ValueError(f"the schema of the tool `{call.name}` {error.what}") from None
    return f"The arguments of `{call.name}` do not follow its schema: {wrong}." if wrong else ""


def _mended(call: ToolCall, schema: Json, kept: Kept) -> ToolCall:
    """The call with its arguments put right, or as it was."""
    if schema is None or not _trouble(call, {call.name: schema}, None, kept):
        return call
    arguments = follow(call.arguments or "{}", schema, kept.of(schema))
    return structs.replace(call, arguments=arguments) if arguments is not None else call
