"""What schemathesis tries besides any value: names of what is there, and calls that are right but for one field."""

from typing import Any

import schemathesis

HELLO = [{"role": "user", "content": "Hello?"}]
CHAT = {"model": "m", "messages": HELLO}
EXECUTED = {"inputs": ["Hello?"]}
ANSWERED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": {"model": "m", "prompt": "Hello?"},
    "/v1/embeddings": {"model": "m", "input": "Hello?"},
    "/chat/completions/serialized": {"params": CHAT},
    "/v2/chat-completions": CHAT,
    "/v3/chat-completions": CHAT,
    "/v4/chat-completions": CHAT,
    "/v2/completions": {"model": "m", "prompt": "Hello?"},
    "/v4/completions": {"model": "m", "prompt": "Hello?"},
    "/v4/agents/execute": {"model": "m", "messages": HELLO, "tools": []},
    "/v4/models/{model}/chat-completions": {"prompt": "Hello?"},
    "/v4/models/{model}/embeddings": {"texts": ["Hello?"]},
    "/v4/models/{model}/deployments/{deployment}/execute": {"prompt": "Hello?"},
    "/v1/prompts/{slug}/completions": {"variables": {"who": "you"}},
    "/v1/prompts/{slug}/render": {"variables": {"who": "you"}},
    "/v1/submissions": {"request": CHAT, "answer": {"choices": []}, "provider": "p"},
    "/v1/prompts": {"name": "p", "string": "Hello {{who}}."},
    "/v1/configs": {"name": "c", "config": {"provider": "stage"}},
    "/v1/feedback": {"trace_id": "t", "value": 1},
    "/context/application": {"context": {"reference": "r", "context_body": "A text."}},
}
"""The least body that is taken at a path."""
THERE = {"model": "m", "name": "m", "deployment": "m", "slug": "hello", "application": "default", "intent": "default"}
"""Parameters of paths that name something."""


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Three times in four, what is taken with one field of what was made up; else all that was made up."""
    least = ANSWERED.get(context.operation.path) if context.operation is not None else None
    turn = len(repr(body))
    if least is None or not isinstance(body, dict) or not body or turn % 4 == 0:
        return body
    names = sorted(body, key=repr)
    name = names[turn % len(names)]
    return {name: body[name], **least}


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: Any) -> Any:
    """Every other time, names of what is there."""
    if not isinstance(path_parameters, dict) or len(repr(path_parameters)) % 2:
        return path_parameters
    return {name: THERE.get(name, value) for name, value in path_parameters.items()}
