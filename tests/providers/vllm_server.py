"""A vLLM server as far as a client sees it: it takes only what vLLM takes, and answers in vLLM's shapes.

Ranges and refusals are those of vLLM's `protocol.py` and `sampling_params.py` as read on 2026-11-21. It knows one base
model and one adapter, and scores prompts as if each token of them were as likely as its place says.
"""

import json
from typing import Any

from tests.scripted import Script, Seen, Visit, json_answer, sse_answer

MODELS = ("Qwen/Qwen3-32B", "polite")
TRUSTS_TEMPLATES = "{{ messages[0].content }}"
"""The one template that it takes: as if `--trust-request-chat-template` were set for it alone."""

SHARED: dict[str, Any] = {
    "model": str,
    "frequency_penalty": (-2, 2),
    "logit_bias": dict,
    "max_tokens": (1, 2**31),
    "n": (1, 16384),
    "presence_penalty": (-2, 2),
    "seed": (-(2**63), 2**63 - 1),
    "stop": (str, list),
    "stream": bool,
    "stream_options": dict,
    "temperature": (0, 2),
    "top_p": (1e-12, 1),
    "user": str,
    "top_k": (-1, 2**31),
    "min_p": (0, 1),
    "repetition_penalty": (1e-12, 1e9),
    "ignore_eos": bool,
    "prompt_logprobs": (-1, 20),
    "response_format": dict,
    "structured_outputs": dict,
}
CHAT: dict[str, Any] = {
    **SHARED,
    "messages": list,
    "logprobs": bool,
    "top_logprobs": (-1, 20),
    "max_completion_tokens": (1, 2**31),
    "tools": list,
    "tool_choice": (str, dict),
    "parallel_tool_calls": bool,
    "reasoning_effort": str,
    "chat_template": str,
    "chat_template_kwargs": dict,
}
TEXT: dict[str, Any] = {**SHARED, "prompt": (str, list), "echo": bool, "logprobs": (0, 20), "max_tokens": (0, 2**31)}
EMBED: dict[str, Any] = {"model": str, "input": (str, list), "dimensions": (1, 4096), "encoding_format": str}
PATHS = {"/v1/chat/completions": CHAT, "/v1/completions": TEXT, "/v1/embeddings": EMBED}

USAGE = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
PROMPT = ("Hel", "lo", "?")


class Refused(Exception):
    """A request that vLLM refuses, with its status."""

    def __init__(self, message: str, status: int = 400, kind: str = "BadRequestError") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


def vllm() -> Script:
    """Answers every request of every connection."""

    async def script(visit: Visit) -> None:
        while True:
            await visit.send(answer_to(await visit.request()))

    return script


def answer_to(seen: Seen) -> bytes:
    """What vLLM says to a request."""
    body = seen.json
    try:
        check(seen.target, body)
    except Refused as refused:
        words = {"message": str(refused), "type": refused.kind, "param": None, "code": refused.status}
        return json_answer({"error": words}, refused.status)
    return ANSWERS[seen.target](body)


def check(path: str, body: dict[str, Any]) -> None:
    """Raises Refused; vLLM passes over a field that it does not know, which would hide a wrong name, so we do not."""
    known = PATHS[path]
    for name, value in body.items():
        if name not in known:
            raise Refused(f"vLLM has no field `{name}` on {path}.")
        _check_value(name, value, known[name])
    if body["model"] not in MODELS:
        raise Refused(f"The model `{body['model']}` does not exist.", 404, "NotFoundError")
    if body.get("stream") and body.get("prompt_logprobs"):
        raise Refused("`prompt_logprobs` are not available when `stream=True`.")
    if body.get("top_logprobs") and not body.get("logprobs"):
        raise Refused("when using `top_logprobs`, `logprobs` must be set to true.")
    if body.get("stream_options") and not body.get("stream"):
        raise Refused("Stream options can only be defined when `stream=True`.")
    if "tool_choice" in body and body["tool_choice"] != "none" and not body.get("tools"):
        raise Refused("When using `tool_choice`, `tools` must be set.")
    if body.get("chat_template") not in (None, TRUSTS_TEMPLATES):
        raise Refused("Chat template is passed with request, but --trust-request-chat-template is not set.")
    form = body.get("response_format") or {}
    if form.get("type") == "json_object" and "schema" in form:
        raise Refused("A schema stands in `json_schema`.")


def _check_value(name: str, value: Any, wanted: Any) -> None:
    if isinstance(wanted, tuple) and not isinstance(wanted[0], type):
        low, high = wanted
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Refused(f"{name} must be in [{low}, {high}], got {value}.")
    elif not isinstance(value, wanted):
        raise Refused(f"{name} is of the wrong type.")


def scores(top: int) -> list[Any]:
    """`prompt_logprobs` of PROMPT: each token itself first, then the `top` likeliest; by id, as JSON has it."""
    places: list[Any] = [None]
    for place, text in enumerate(PROMPT[1:], 1):
        itself = {"logprob": -float(place), "rank": 7, "decoded_token": text}
        others = {str(900 + k): {"logprob": -0.1 * k, "rank": k, "decoded_token": f"t{k}"} for k in range(1, top + 1)}
        places.append({str(100 + place): itself, **others})
    return places


def _chat(body: dict[str, Any]) -> bytes:
    if body.get("stream"):
        head = {"id": "chatcmpl-v", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
        choice = {"index": 0, "logprobs": None, "finish_reason": None}
        return sse_answer(
            {**head, "choices": [{**choice, "delta": {"role": "assistant", "content": "Good"}}]},
            {**head, "choices": [{**choice, "delta": {"content": " day."}, "finish_reason": "stop"}]},
            {**head, "choices": [], "usage": USAGE},
        )
    message = {"role": "assistant", "content": "Good day.", "reasoning": None}
    choices = [{"index": n, "message": message, "finish_reason": "stop"} for n in range(body.get("n", 1))]
    more = {"prompt_logprobs": scores(body["prompt_logprobs"])} if "prompt_logprobs" in body else {}
    return _whole("chatcmpl-v", "chat.completion", body, choices, more)


def _text(body: dict[str, Any]) -> bytes:
    prompts = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
    more = {"prompt_logprobs": scores(body["prompt_logprobs"])} if "prompt_logprobs" in body else {}
    said = [(prompt if body.get("echo") else "") + " day." for prompt in prompts]
    choices = [{"index": n, "text": text, "finish_reason": "length", **more} for n, text in enumerate(said)]
    return _whole("cmpl-v", "text_completion", body, choices, {})


def _embed(body: dict[str, Any]) -> bytes:
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vector = [0.5] * body.get("dimensions", 4)
    data = [{"object": "embedding", "index": n, "embedding": vector} for n in range(len(texts))]
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return json_answer({"id": "embd-v", "object": "list", "data": data, "model": body["model"], "usage": usage})


def _whole(id: str, kind: str, body: dict[str, Any], choices: list[Any], more: dict[str, Any]) -> bytes:
    known = {"id": id, "object": kind, "created": 1, "model": body["model"], "usage": USAGE, "choices": choices}
    return json_answer(json.loads(json.dumps({**known, **more})))


ANSWERS = {"/v1/chat/completions": _chat, "/v1/completions": _text, "/v1/embeddings": _embed}
