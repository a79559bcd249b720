"""Reads chat completions, completions and the chats of one deployment, each as a chat of the canon.

A completion is a chat of one message: the models that this service offered for it are chat models, and it takes images.
Parley's own fields (`session_id`, `application` and the like) may stand beside this wire's.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw

from parley.core.asks import (
    SERVICE_FIELDS,
    Chat,
    Json,
    Message,
    Penalty,
    Positive,
    Probability,
    Service,
    Stops,
    Temperature,
)
from parley.core.flags import check_flags
from parley.core.reading import read_body
from parley.dialects.scale_egp.messages import Messages, as_asked, in_the_canon, refuse_two_instructions
from parley.dialects.scale_egp.parameters import Parameters, TopK
from parley.dialects.scale_egp.parameters import in_the_canon as parameters_in_the_canon

Read = tuple[Chat, dict[str, Raw]]


class _Chat(Service, frozen=True, kw_only=True):
    model: str | None = None
    messages: Messages
    model_parameters: Parameters | None = None
    chat_template: str | None = None
    stream: bool | None = None


class _Image(msgspec.Struct, frozen=True):
    image_url: str
    detail: str | None = None


class _Completion(Service, frozen=True, kw_only=True):
    model: str | None = None
    prompt: str
    images: list[_Image] | None = None
    model_parameters: Parameters | None = None
    stream: bool | None = None


class _Deployed(Service, frozen=True, kw_only=True):
    chat_history: list[Message]
    prompt: str
    temperature: Temperature | None = None
    top_p: Probability | None = None
    top_k: TopK | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    chat_template: str | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    stop_sequences: Stops | None = None
    max_tokens: Positive | None = None
    reasoning_effort: str | None = None
    stream: bool | None = None


_CHAT = msgspec.json.Decoder(_Chat)
_COMPLETION = msgspec.json.Decoder(_Completion)
_DEPLOYED = msgspec.json.Decoder(_Deployed)


def read_chat(body: bytes, account: str | None = None) -> Read:
    """The chat of `/v4/chat-completions`; `account` counts where the body names none. Raises BadRequest."""
    asked, _ = read_body(_CHAT, body)
    refuse_two_instructions(asked.instructions, asked.messages)
    more = parameters_in_the_canon(asked.model_parameters)
    return chat_of(asked, asked.messages, account, model=asked.model, stream=asked.stream, **more)


def read_completion(body: bytes, account: str | None = None) -> Read:
    """The prompt of `/v4/completions`, with its images, as a user's message. Raises BadRequest."""
    asked, _ = read_body(_COMPLETION, body)
    content: Json = asked.prompt
    if asked.images:
        shown = [{"url": one.image_url, "detail": one.detail or "auto"} for one in asked.images]
        content = [{"type": "text", "text": asked.prompt}, *({"type": "image_url", "image_url": one} for one in shown)]
    more = parameters_in_the_canon(asked.model_parameters)
    messages = [{"role": "user", "content": content}]
    return chat_of(asked, messages, account, model=asked.model, stream=asked.stream, **more)


def read_deployed(model: str, body: bytes, account: str | None = None) -> Read:
    """The chat of `/v4/models/{deployment}/chat-completions`, where a history and a prompt stand apart."""
    asked, _ = read_body(_DEPLOYED, body)
    messages = [*asked.chat_history, {"role": "user", "content": asked.prompt}]
    names = ("temperature", "top_p", "top_k", "logprobs", "top_logprobs", "max_tokens", "stream", "reasoning_effort")
    more = {name: getattr(asked, name) for name in (*names, "frequency_penalty", "presence_penalty")}
    return chat_of(asked, messages, account, model=model, stop=asked.stop_sequences or None, **more)


def chat_of(asked: Service, messages: list[Message], account: str | None, **more: Any) -> Read:
    """A chat of these messages, with what the body asks of Parley itself. Raises BadRequest."""
    ours: dict[str, Any] = {name: getattr(asked, name) for name in SERVICE_FIELDS}
    ours["account_id"] = asked.account_id or account
    told = in_the_canon(messages)
    chat = Chat(messages=told, chat_template=getattr(asked, "chat_template", None) or None, **{**ours, **more})
    check_flags(chat)
    return chat, as_asked(told)
