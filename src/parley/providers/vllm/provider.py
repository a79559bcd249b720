"""A vLLM server: OpenAI's dialect, and vLLM's own words for what the engine inside Parley takes as well.

Checked on 2026-11-21 with vLLM's source (`vllm/entrypoints/openai/chat_completion/protocol.py`, `.../completion/
protocol.py`, `vllm/sampling_params.py`) and docs.vllm.ai/en/stable/serving/openai_compatible_server. `min_p`,
`repetition_penalty`, `ignore_eos`, `chat_template`, `logit_bias` and `seed` have the same name and meaning there.
"""

from typing import Any

import msgspec
from msgspec import Raw, structs

from parley.core.asks import Chat, Embed, Json, TextCompletion
from parley.core.call import Call
from parley.core.errors import BadRequest
from parley.core.reply import Reply
from parley.core.route import Target
from parley.providers.openai_compatible import OpenAICompatible
from parley.providers.vllm.scores import read_scores
from parley.wire.http import HttpRequest

OFF = -1
"""`top_k` that cuts nothing: every version of vLLM takes -1, and only those since 2025 take 0."""
LEAST = 1e-9
"""`top_p` that leaves the likeliest token alone: vLLM refuses 0, which means the same."""
NOT_FOR_SCORES = (
    *("max_completion_tokens", "n", "best_of", "stop", "echo", "logprobs", "top_logprobs", "stream", "stream_options"),
    *("response_format", "parallel_tool_calls", "ignore_eos"),
)
"""What concerns the token that is generated beside the prompt's log-probabilities and thrown away."""

_FIELDS = msgspec.json.Decoder(dict[str, Raw])


class Vllm(OpenAICompatible):
    """One vLLM server, or several behind one address."""

    def prepare(self, call: Call, target: Target) -> HttpRequest:
        """The request that asks `target`, or its adapter. Raises BadRequest for what vLLM passes over in silence."""
        ask = call.ask
        if isinstance(ask, Embed):
            return super().prepare(call, target)
        if ask.peft:  # an adapter (`--lora-modules NAME=PATH`) is a model of its own name
            target = structs.replace(target, upstream=ask.peft)
        request = super().prepare(call, target)
        changes = in_their_values(ask, self.name)
        if not changes:
            return request
        fields: dict[str, Any] = {**_FIELDS.decode(request.body), **changes}
        told = {name: value for name, value in fields.items() if value is not None}
        return structs.replace(request, body=msgspec.json.encode(told))

    def read(self, call: Call, body: bytes) -> Reply:
        """A whole reply; the prompt's log-probabilities where those were asked for."""
        if isinstance(call.ask, Chat | TextCompletion) and call.ask.loglikelihood:
            return read_scores(body)
        return super().read(call, body)


def in_their_values(ask: Chat | TextCompletion, provider: str) -> dict[str, Json]:
    """The fields of a request that vLLM must be told otherwise; None: not at all. Raises BadRequest."""
    changes: dict[str, Json] = {}
    if ask.peft is not None:
        changes["peft"] = None
    if ask.top_k == 0:
        changes["top_k"] = OFF
    if ask.top_p == 0:
        changes["top_p"] = LEAST
    if ask.loglikelihood is not None:
        changes["loglikelihood"] = None
    if isinstance(ask, TextCompletion) and ask.best_of is not None:
        if ask.best_of > (ask.n or 1):
            raise BadRequest(
                f"`best_of` is not supported by the provider `{provider}`: leave it out or choose another model.",
                param="best_of",
                code="unsupported_parameter",
            )
        changes["best_of"] = None
    return {**changes, **_for_scores(ask)} if ask.loglikelihood else changes


def _check_scores(ask: Chat | TextCompletion) -> None:
    """Raises BadRequest for what makes no sense where nothing is generated, as the engine does."""
    if ask.n is not None and ask.n > 1:
        raise BadRequest("`loglikelihood` has one result; leave `n` out.", param="n")
    form = ask.response_format if isinstance(ask, Chat) else None
    if form is not None and form.get("type") != "text":
        raise BadRequest("`loglikelihood` generates nothing; leave `response_format` out.", param="response_format")


def _for_scores(ask: Chat | TextCompletion) -> dict[str, Json]:
    """vLLM scores a prompt only beside a generated token (`max_tokens` is at least 1) and never in a stream."""
    _check_scores(ask)
    changes: dict[str, Json] = {**dict.fromkeys(NOT_FOR_SCORES), "max_tokens": 1, "prompt_logprobs": 0}
    if isinstance(ask, Chat):
        changes["prompt_logprobs"] = ask.top_logprobs or 0
        changes["tool_choice"] = "none" if ask.tools else None
    return changes
