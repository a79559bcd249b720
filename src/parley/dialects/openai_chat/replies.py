"""Whole replies: read from an upstream, written to a client."""

import time

import msgspec
from msgspec import DecodeError

from parley.core.asks import Chat
from parley.core.error_shape import refusal_of
from parley.core.errors import UpstreamError, UpstreamGarbled, UpstreamRefused
from parley.core.reply import Choice, Json, Raw, Reply, ToolCall
from parley.core.usage_shape import usage_json
from parley.dialects.openai_chat.functions import speaks_functions
from parley.dialects.openai_chat.shapes import NAME, ReadChoice, ReadMessage, ReadReply

_REPLY = msgspec.json.Decoder(ReadReply)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NO_MESSAGE = ReadMessage()


def read_reply(body: bytes) -> Reply:
    """The upstream's whole reply; `raw` keeps its bytes.

    Raises UpstreamGarbled where it is none, UpstreamRefused where it is an error that came with status 200.
    """
    try:
        read = _REPLY.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a chat completion: {error}.") from None
    if read.error:
        raise refused_in_band(read.error)
    if not read.choices:
        raise UpstreamGarbled("The upstream's answer has no choices.")
    return Reply(
        id=read.id or "",
        model=read.model or "",
        created=int(read.created or time.time()),
        choices=tuple([_choice(choice) for choice in read.choices]),
        usage=read.usage.canon() if read.usage is not None else None,
        raw=Raw(NAME, body),
    )


def _choice(read: ReadChoice) -> Choice:
    message = read.message or _NO_MESSAGE
    return Choice(
        index=read.index,
        text=message.text(),
        refusal=message.refusal,
        reasoning=message.thought(),
        thinking=tuple(message.thinking_blocks or ()),
        tools=message.whole_tools() if message.tool_calls or message.function_call else (),
        logprobs=read.logprobs,
        finish=read.finish_reason,
    )


def refused_in_band(error: Json) -> UpstreamError:
    """The error that an upstream put where an answer should be, under its own status if it names one."""
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code <= 599 else UpstreamRefused.status
    return refusal_of(status, {"error": error})


def write_reply(reply: Reply, chat: Chat) -> bytes:
    """The JSON of `reply` for the client who asked `chat`: the upstream's own bytes if it spoke this dialect."""
    if reply.raw is None or reply.raw.dialect != NAME or speaks_functions(chat):
        return msgspec.json.encode(reply_json(reply, functions=speaks_functions(chat)))
    added = dict(reply.notes or {})
    if reply.usage is None:  # OctoAI's client wants all three counters, always
        added["usage"] = usage_json(None)
    return msgspec.json.encode({**_FIELDS.decode(reply.raw.data), **added}) if added else reply.raw.data


def reply_json(reply: Reply, *, functions: bool) -> dict[str, Json]:
    """The reply as this dialect has it; with `functions` a tool call is told as the deprecated `function_call`."""
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": reply.created,
        "model": reply.model,
        "choices": [_choice_json(choice, functions) for choice in reply.choices],
        "usage": usage_json(reply.usage),
        **(reply.notes or {}),
    }


def _choice_json(choice: Choice, functions: bool) -> Json:
    message: dict[str, Json] = {"role": "assistant", "content": choice.text, "refusal": choice.refusal}
    if choice.reasoning is not None:
        message["reasoning_content"] = choice.reasoning
    if choice.thinking:
        message["thinking_blocks"] = choice.thinking
    finish = choice.finish
    if choice.tools and functions:
        message["function_call"] = {"name": choice.tools[0].name, "arguments": choice.tools[0].arguments}
        finish = "function_call" if finish == "tool_calls" else finish
    elif choice.tools:
        message["tool_calls"] = [tool_json(call) for call in choice.tools]
    said = {"index": choice.index, "message": message, "logprobs": choice.logprobs, "finish_reason": finish}
    return {**said, "is_correction": True} if choice.corrected else said


def tool_json(call: ToolCall) -> Json:
    """A whole tool call."""
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
