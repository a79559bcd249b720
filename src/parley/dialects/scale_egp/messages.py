"""Messages of this wire as those of the canon: image data becomes a data URI, an agent's turn an assistant's."""

from typing import Annotated, Any

from msgspec import Meta, Raw
from msgspec.json import encode

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest

Messages = Annotated[list[Message], Meta(min_length=1)]

ROLES = ("user", "assistant", "system", "agent", "tool")


def in_the_canon(messages: list[Message], at: str = "messages") -> list[Message]:
    """The messages as a chat has them. Raises BadRequest naming the first that is not as this wire has it."""
    told: list[Message] = []
    asked: dict[str, str] = {}  # the id of each tool's last call, by its name
    for index, message in enumerate(messages):
        told.append(_message(message, f"{at}[{index}]", index, asked))
    return told


def refuse_two_instructions(instructions: str | None, messages: list[Message]) -> None:
    """Raises BadRequest where both the field and a system message instruct the model (REST reference, 2024-10)."""
    if instructions is not None and any(message.get("role") == "system" for message in messages):
        raise BadRequest(
            "`instructions` can not be combined with a message of the role `system`: give one of them.",
            param="instructions",
            code="contradictory_parameters",
        )


def as_asked(messages: list[Message]) -> dict[str, Raw]:
    """The one field of the client's that is kept: what was asked, in the words of the canon."""
    return {"messages": Raw(encode(messages))}


def _message(message: Message, at: str, index: int, asked: dict[str, str]) -> Message:
    role = message.get("role")
    if role not in ROLES:
        raise _bad(f"{at}.role", f"must be one of {', '.join(ROLES)}")
    content = message.get("content")
    request = message.get("tool_request")
    if role == "agent" and request is not None:
        return _tool_call(content, request, at, index, asked)
    if role == "tool":
        name = message.get("name")
        if not isinstance(name, str) or not isinstance(content, str):
            raise _bad(at, "must have a `name` and a `content`, both strings")
        return {"role": "tool", "tool_call_id": asked.get(name, f"call_{name}"), "content": content}
    plain = "assistant" if role == "agent" else role
    if isinstance(content, str):
        return {"role": plain, "content": content}
    if role == "user" and isinstance(content, list) and content:
        return {"role": plain, "content": [_part(part, f"{at}.content[{n}]") for n, part in enumerate(content)]}
    raise _bad(f"{at}.content", "must be a string" + (" or a list of content parts" if role == "user" else ""))


def _tool_call(content: Json, request: Json, at: str, index: int, asked: dict[str, str]) -> Message:
    name = request.get("name") if isinstance(request, dict) else None
    arguments = request.get("arguments") if isinstance(request, dict) else None
    if not isinstance(name, str) or not isinstance(arguments, str):
        raise _bad(f"{at}.tool_request", "must have a `name` and `arguments`, both strings")
    id = asked[name] = f"call_{index}"
    called = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": content if isinstance(content, str) else None, "tool_calls": [called]}


def _part(part: Json, at: str) -> Json:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return part
    if kind == "image_url":
        image = part.get("image_url")
        if isinstance(image, dict) and isinstance(image.get("url"), str):
            return part
    if kind == "image_data":
        return _image(part.get("image_data"), f"{at}.image_data")
    raise _bad(at, "must be a text, an image_url or an image_data, with what belongs to it")


def _image(image: Json, at: str) -> Json:
    if not isinstance(image, dict) or image.get("type", "base64") != "base64":
        raise _bad(f"{at}.type", "must be `base64`")
    data, kind = image.get("data"), image.get("media_type")
    if not isinstance(data, str) or not isinstance(kind, str):
        raise _bad(at, "must have `data` (base64) and a `media_type`")
    shown: dict[str, Any] = {"url": f"data:{kind};base64,{data}"}
    if image.get("detail") is not None:
        shown["detail"] = image["detail"]
    return {"type": "image_url", "image_url": shown}


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")
