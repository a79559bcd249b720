"""Whole replies in the shapes of this wire."""

from typing import Any

import msgspec

from parley.core.asks import Chat, Json
from parley.core.reply import Choice, Reply, Usage

NOTHING = Choice()


def write_chat(reply: Reply, ask: Chat) -> bytes:
    """`/v4/chat-completions`: one message, its finish reason and the tokens; what Parley notes stands beside."""
    choice = first(reply)
    told = {"message": {"role": "assistant", "content": choice.text or ""}, "finish_reason": choice.finish}
    return _encoded({"chat_completion": told, "token_usage": token_usage(reply.usage), **(reply.notes or {})})


def write_completion(reply: Reply, ask: Chat) -> bytes:
    """`/v4/completions` and `/v2/completions`."""
    choice = first(reply)
    told = {"text": choice.text or "", "finish_reason": choice.finish}
    return _encoded({"completion": told, "token_usage": token_usage(reply.usage), "response_metadata": None})


def write_deployed(reply: Reply, ask: Chat) -> bytes:
    """`/v4/models/{deployment}/chat-completions`: pairs of a prompt and its completions, log-probabilities beside."""
    choice, usage = first(reply), reply.usage or Usage()
    return _encoded(
        {
            "completions": [[prompt_of(ask), [choice.text or ""]]],
            "finish_reason": choice.finish,
            "prompt_tokens": usage.prompt_tokens,
            "response_tokens": usage.completion_tokens,
            "choices": [{"index": one.index, "logprobs": one.logprobs} for one in reply.choices],
        }
    )


def prompt_of(ask: Chat) -> str:
    """What the user said last, where it is a text."""
    last = ask.messages[-1].get("content")
    return last if isinstance(last, str) else ""


def first(reply: Reply) -> Choice:
    """The only choice that this wire has room for."""
    return reply.choices[0] if reply.choices else NOTHING


def token_usage(usage: Usage | None) -> Json:
    """Tokens by this wire's names; null where nobody counted."""
    if usage is None:
        return None
    return {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens, "total": usage.total_tokens}


def _encoded(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value)
