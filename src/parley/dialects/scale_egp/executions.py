"""The execution of a deployment (`scale-egp`): one path for every type of model, told apart by what is asked.

`messages` with `tools` ask an agent, `messages` alone a chat model, `prompts` a completion model, `texts` an embedding
model. Answers hold exactly the keys that the client knows: it refuses any other.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

from parley.core.asks import Ask, Chat, Embed, Json, Positive, Service, Stops, TextCompletion
from parley.core.errors import BadRequest
from parley.core.reading import read_body
from parley.core.reply import Reply, Usage
from parley.core.texts import check_texts
from parley.dialects.scale_egp.agents import is_agent, read_agent, write_agent
from parley.dialects.scale_egp.chats import chat_of
from parley.dialects.scale_egp.messages import Messages
from parley.dialects.scale_egp.parameters import Coolness
from parley.dialects.scale_egp.replies import first

Read = tuple[Ask, dict[str, Raw]]
MOST = 2048


class _Sampled(Service, frozen=True, kw_only=True):
    temperature: Coolness | None = None
    stop_sequences: Stops | None = None
    max_tokens: Positive | None = None
    model_request_parameters: Json = None


class _Chat(_Sampled, frozen=True, kw_only=True):
    messages: Messages


class _Completion(_Sampled, frozen=True, kw_only=True):
    prompts: list[str]


class _Embedding(Service, frozen=True, kw_only=True):
    texts: list[str]
    model_request_parameters: Json = None


_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_CHAT = msgspec.json.Decoder(_Chat)
_COMPLETION = msgspec.json.Decoder(_Completion)
_EMBEDDING = msgspec.json.Decoder(_Embedding)


def read_execute(model: str, body: bytes, account: str | None = None) -> Read:
    """What `model` is asked. Raises BadRequest, also for what Parley has no models for."""
    _, fields = read_body(_FIELDS, body)
    if fields.get("model_request_parameters", Raw(b"null")) not in (Raw(b"null"), Raw(b'{"bindings":{}}')):
        raise BadRequest(
            "`model_request_parameters` is not supported: models here have no parameters to bind. Leave it out.",
            param="model_request_parameters",
            code="unsupported_parameter",
        )
    if "messages" in fields:
        return read_agent(body, account, model) if "tools" in fields else _read_chat(model, body, account)
    for name, read in _BY_FIELD.items():
        if name in fields:
            return read(model, body, account)
    raise BadRequest(
        "There is nothing to execute: give `messages` (chat, agent), `prompts` (completion) or `texts` (embedding). "
        "Rerankers (`query`, `chunks`) are not among Parley's models.",
        code="missing_required_parameter",
    )


def _read_chat(model: str, body: bytes, account: str | None) -> Read:
    asked, _ = read_body(_CHAT, body)
    return chat_of(asked, asked.messages, account, model=model, instructions=None, **_sampling(asked))


def _read_completion(model: str, body: bytes, account: str | None) -> Read:
    asked, fields = read_body(_COMPLETION, body)
    check_texts(list(asked.prompts), "prompts", most=MOST, empty=True)
    prompts: Any = list(asked.prompts)
    ask = TextCompletion(model=model, prompt=prompts, account_id=asked.account_id or account, **_sampling(asked))
    return ask, {"prompt": fields["prompts"]}


def _read_embedding(model: str, body: bytes, account: str | None) -> Read:
    asked, fields = read_body(_EMBEDDING, body)
    check_texts(list(asked.texts), "texts", most=MOST, empty=False)
    texts: Any = list(asked.texts)
    return Embed(model=model, input=texts, account_id=asked.account_id or account), {"input": fields["texts"]}


_BY_FIELD: dict[str, Callable[[str, bytes, str | None], Read]] = {
    "prompts": _read_completion,
    "texts": _read_embedding,
}


def _sampling(asked: _Sampled) -> dict[str, Any]:
    return {
        "temperature": asked.temperature,
        "max_tokens": asked.max_tokens,
        "stop": asked.stop_sequences or None,
    }


def write_execute(reply: Reply, ask: Ask) -> bytes:
    """The answer in the shape of what was asked."""
    if isinstance(ask, Chat):
        return write_agent(reply, ask) if is_agent(ask) else _write_chat(reply)
    if isinstance(ask, TextCompletion):
        return _write_completions(reply, ask)
    told = [list(pair) for pair in zip(ask.input, reply.vectors, strict=False)]
    return msgspec.json.encode({"embeddings": told, "tokens_used": (reply.usage or Usage()).prompt_tokens})


def _write_chat(reply: Reply) -> bytes:
    choice = first(reply)
    message = {"role": "assistant", "content": choice.text or ""}
    return msgspec.json.encode({"message": message, "finish_reason": choice.finish})


def _write_completions(reply: Reply, ask: TextCompletion) -> bytes:
    """The choices come in the order of the prompts, one for each."""
    usage = reply.usage or Usage()
    told = [[prompt, [choice.text or ""]] for prompt, choice in zip(ask.prompt, reply.choices, strict=False)]
    return msgspec.json.encode(
        {
            "completions": told,
            "finish_reason": first(reply).finish,
            "prompt_tokens": usage.prompt_tokens,
            "response_tokens": usage.completion_tokens,
        }
    )
