"""What `chat.completions.create` takes: OpenAI's parameters, and what a request may say to Parley beside them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Required, TypedDict

from openai import Timeout
from openai.types.chat import (
    ChatCompletionAudioParam,
    ChatCompletionMessageParam,
    ChatCompletionPredictionContentParam,
    ChatCompletionStreamOptionsParam,
    ChatCompletionToolChoiceOptionParam,
    ChatCompletionToolUnionParam,
    completion_create_params,
)

from parley_client.results import Evaluation

Callback = Callable[[Evaluation], None] | Callable[[Evaluation], Awaitable[None]]
"""Is given the evaluation of an answer, once; a function or a coroutine function."""


class FallbackConfig(TypedDict, total=False):
    """A second model: when it is asked, and after how many seconds."""

    model: str
    strategy: Literal["reactive", "timeout", "first_response"]
    timeout: float


class ParleyParams(TypedDict, total=False):
    """Parameters of Parley's own. What is not given, or None, comes from the intent, the application or the server."""

    session_id: str | None
    intent: str | None
    application: str | None
    reference_id: str | None
    user_id: str | None
    account_id: str | None
    metadata: Mapping[str, object] | None

    evaluation_enabled: bool | None
    apply_corrections: bool | None
    safe_mode: bool | None
    assistant: bool | None
    context_retrieval_enabled: bool | None
    context_query: str | None
    fallback_model: str | None
    fallback_config: FallbackConfig | None
    instructions: str | None
    memory_strategy: Mapping[str, object] | None
    log_prompt: bool | None

    min_p: float | None
    top_k: int | None
    repetition_penalty: float | None
    ignore_eos: bool | None
    peft: str | None
    loglikelihood: bool | None
    chat_template: str | None


class OpenAIParams(TypedDict, total=False):
    """OpenAI's parameters (its reference of 2026-08), but for `stream`; `model` may be left to the intent."""

    messages: Required[Iterable[ChatCompletionMessageParam]]
    model: str
    audio: ChatCompletionAudioParam | None
    frequency_penalty: float | None
    function_call: completion_create_params.FunctionCall
    functions: Iterable[completion_create_params.Function]
    logit_bias: dict[str, int] | None
    logprobs: bool | None
    max_completion_tokens: int | None
    max_tokens: int | None
    modalities: list[Literal["text", "audio"]] | None
    n: int | None
    parallel_tool_calls: bool
    prediction: ChatCompletionPredictionContentParam | None
    presence_penalty: float | None
    prompt_cache_key: str
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None
    response_format: completion_create_params.ResponseFormat
    safety_identifier: str
    seed: int | None
    service_tier: Literal["auto", "default", "flex", "scale", "priority"] | None
    stop: str | Sequence[str] | None
    store: bool | None
    stream_options: ChatCompletionStreamOptionsParam | None
    temperature: float | None
    tool_choice: ChatCompletionToolChoiceOptionParam
    tools: Iterable[ChatCompletionToolUnionParam]
    top_logprobs: int | None
    top_p: float | None
    user: str
    verbosity: Literal["low", "medium", "high"] | None
    web_search_options: completion_create_params.WebSearchOptions

    extra_headers: Mapping[str, Any] | None
    extra_query: Mapping[str, object] | None
    extra_body: object | None
    timeout: float | Timeout | None


class CreateParams(OpenAIParams, ParleyParams, total=False):
    """All of them, and what the SDK itself does: `callback` is told the evaluation, once, in the background.

    With `server_side_inference=False` the provider is asked from here, with the caller's own key.
    """

    callback: Callback | None
    server_side_inference: bool | None


PARLEYS = frozenset(ParleyParams.__annotations__)
"""Fields that openai's client does not know."""
