"""From messages to the tokens of a prompt: the template, with the user's words kept as words."""

import asyncio
from typing import Any

import msgspec

from parley.core.errors import BadRequest
from parley.engine.process.asks import ChatAsk
from parley.engine.process.generate import too_long
from parley.engine.process.load import Model
from parley.engine.process.renderer import Renderer
from parley.engine.process.templates import render
from parley.engine.process.tokens import new_seam

INLINE = 20_000  # bytes of a body that are rendered on the event loop; longer ones go to a thread


async def chat_prompt(model: Model, ask: ChatAsk, size: int, renderer: Renderer) -> list[int]:
    """The tokens of a chat whose body had `size` bytes. Raises BadRequest if they are too many."""
    seam = new_seam()
    if ask.chat_template is not None:
        text = await renderer.render(ask.chat_template, await asyncio.to_thread(values_of, model, ask, seam))
        ids = await asyncio.to_thread(model.vocabulary.prompt, text, seam)
    elif size <= INLINE:
        ids = chat_tokens(model, ask, seam)
    else:
        ids = await asyncio.to_thread(chat_tokens, model, ask, seam)
    return fitting(ids, model)


def chat_tokens(model: Model, ask: ChatAsk, seam: str) -> list[int]:
    """Render with the model's template, and tokenise."""
    return model.vocabulary.prompt(render(model.template, values_of(model, ask, seam)), seam)


def values_of(model: Model, ask: ChatAsk, seam: str) -> dict[str, Any]:
    """What a template sees: the users' words carry a seam wherever they name a control token."""
    vocabulary = model.vocabulary
    messages = [message(row, index) for index, row in enumerate(ask.messages)]
    return {
        **(ask.chat_template_kwargs or {}),
        "messages": vocabulary.neutral(messages, seam),
        "tools": vocabulary.neutral(ask.tools, seam) if ask.tools and ask.tool_choice != "none" else None,
        "bos_token": vocabulary.text(vocabulary.bos),
        "eos_token": vocabulary.text(vocabulary.eos),
        "add_generation_prompt": ask.add_generation_prompt is not False,
    }


def message(row: dict[str, Any], index: int) -> dict[str, Any]:
    """A message as templates expect it: content is text. Raises BadRequest for what the engine can not read."""
    role, content = row.get("role"), row.get("content")
    if not isinstance(role, str):
        raise BadRequest(f"messages[{index}] has no `role`.", param=f"messages[{index}].role")
    if role == "developer":
        role = "system"
    if isinstance(content, list):
        content = "".join(part_text(part, index) for part in content)
    elif content is None:
        content = ""
    elif not isinstance(content, str):
        raise BadRequest(f"messages[{index}].content is neither text nor parts.", param=f"messages[{index}].content")
    found = {**row, "role": role, "content": content}
    if isinstance(calls := row.get("tool_calls"), list):
        found["tool_calls"] = [parsed(call) for call in calls]
    return found


def parsed(call: Any) -> Any:
    """A tool call whose arguments are JSON values: templates expect them so, OpenAI sends text."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(arguments := function.get("arguments"), str):
        return call
    try:
        return {**call, "function": {**function, "arguments": msgspec.json.decode(arguments)}}
    except msgspec.DecodeError:
        return call


def part_text(part: Any, index: int) -> str:
    """The text of a content part."""
    if isinstance(part, dict) and part.get("type") in ("text", "refusal"):
        text = part.get("text", part.get("refusal"))
        if isinstance(text, str):
            return text
    kind = part.get("type") if isinstance(part, dict) else type(part).__name__
    sentence = f"messages[{index}] holds a part of type {kind!r}; the models of the engine read text only."
    raise BadRequest(sentence, param=f"messages[{index}].content")


def fitting(ids: list[int], model: Model, param: str = "messages") -> list[int]:
    """The tokens, if they leave room for at least one more."""
    if len(ids) >= model.context:
        raise too_long(len(ids), model.context, param)
    if not ids:
        raise BadRequest("The prompt is empty.", param=param)
    return ids
