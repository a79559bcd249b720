"""The conversation in Gemini's words: the system instruction apart, turns of `user` and `model`, parts.

Neighbours of one role become one turn; the results of parallel calls are one turn of their own, right behind the calls,
as Gemini wants them. Empty texts are left out: Gemini refuses them.
"""

import msgspec

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest
from parley.dialects.gemini.parts import parts
from parley.dialects.gemini.signatures import UNSIGNED, Signatures
from parley.dialects.gemini.tool_ids import is_own

Part = dict[str, Json]

ROLES = {"assistant": "model", "user": "user", "tool": "user"}


def conversation(
    messages: list[Message], provider: str, issuer: str, *, wants_signatures: bool
) -> tuple[list[Part], list[Json]]:
    """The parts of the system instruction, and the turns; the signatures are those that `issuer` gave.

    Raises BadRequest naming the message that can not be said.
    """
    system: list[Part] = []
    turns: list[Json] = []
    called: dict[str, str] = {}  # tool call ids and the names of the functions
    before = None
    for index, message in enumerate(messages):
        at, role = f"messages[{index}]", message["role"]
        if role in ("system", "developer"):
            system += parts(message.get("content"), f"{at}.content", provider)
            continue
        if role not in ROLES:
            raise BadRequest(f"`{at}.role` `{role}` is deprecated: use `tool`.", param=f"{at}.role")
        if role == "assistant":
            said = _answer(message, at, provider, called, Signatures(message, at, issuer), wants_signatures)
        else:
            said = parts(message.get("content"), f"{at}.content", provider)
            said = said if role == "user" else [_function_response(message, said, at, called)]
        if not said:
            continue
        if role == before:
            turns[-1]["parts"] += said
        else:
            turns.append({"role": ROLES[role], "parts": said})
        before = role
    if not turns:
        raise BadRequest(
            f"`messages` must hold a message that is not empty and not a system prompt for the provider `{provider}`.",
            param="messages",
            code="invalid_value",
        )
    return system, turns


def _answer(
    message: Message, at: str, provider: str, called: dict[str, str], signatures: Signatures, wants_signatures: bool
) -> list[Part]:
    said = parts(message.get("content"), f"{at}.content", provider)
    if signatures.text is not None and said and "text" in said[-1]:
        said[-1] = {**said[-1], "thoughtSignature": signatures.text}
    calls = message.get("tool_calls") or []
    used = [_function_call(call, f"{at}.tool_calls[{place}]", called) for place, call in enumerate(calls)]
    for call, part in zip(calls, used, strict=True):
        if signature := signatures.of(call):
            part["thoughtSignature"] = signature
    if used and wants_signatures and not any("thoughtSignature" in part for part in used):
        used[0]["thoughtSignature"] = UNSIGNED  # of parallel calls only the first one is signed
    return [*signatures.thoughts, *said, *used]


def _function_call(call: Json, at: str, called: dict[str, str]) -> Part:
    function = call.get("function")
    if not isinstance(function, dict):
        raise BadRequest(f"`{at}.type` must be `function`.", param=f"{at}.type", code="unsupported_parameter")
    given = _object(function["arguments"] or "{}")
    if given is None:
        param = f"{at}.function.arguments"
        raise BadRequest(f"`{param}` must be a string that holds a JSON object.", param=param, code="invalid_value")
    called[call["id"]] = function["name"]
    said: dict[str, Json] = {"name": function["name"], "args": given}
    return {"functionCall": said if is_own(call["id"]) else {"id": call["id"], **said}}


def _function_response(message: Message, said: list[Part], at: str, called: dict[str, str]) -> Part:
    """A JSON object is the response as it is, anything else its `output`; media ride along as the response's parts."""
    id = message["tool_call_id"]
    name = called.get(id) or message.get("name")
    if not isinstance(name, str) or not name:
        param = f"{at}.tool_call_id"
        raise BadRequest(f"`{param}` is not the id of a tool call before it.", param=param, code="invalid_value")
    text = "".join([part["text"] for part in said if "text" in part])
    given = _object(text)
    result: dict[str, Json] = {"name": name, "response": {"output": text} if given is None else given}
    if media := [part for part in said if "text" not in part]:
        result["parts"] = media
    return {"functionResponse": result if is_own(id) else {"id": id, **result}}


def _object(text: str) -> dict[str, Json] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
