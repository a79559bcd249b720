"""What a client can ask: a chat, a text completion or an embedding, typed shallowly and with its ranges.

The envelope is typed; messages, content parts and tool schemas stay plain JSON. Every field that is `None` was not
given: an intent, an application or the server may still fill it in. The field names are those of the union surface
(OpenAI's API reference, 2026-08; OctoAI, Maitai and Scale EGP as each field's group says).
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

Json = Any
Message = dict[str, Json]

Texts = str | list[str | int | list[int]]
"""A text, several texts, one list of token ids or several; never mixed (`core/texts.py` checks it)."""

Temperature = Annotated[float, Meta(ge=0, le=2)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Positive = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Stops = Annotated[list[str], Meta(max_length=4)]
Bias = Annotated[float, Meta(ge=-100, le=100)]
Seed = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class StreamOptions(Struct, frozen=True):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None


class FallbackConfig(Struct, frozen=True):
    """Maitai's description of a second model: when it is asked (`strategy`) and after how long (`timeout`, seconds)."""

    model: str | None = None
    strategy: str | None = None
    timeout: Annotated[float, Meta(gt=0)] | None = None


class Service(Struct, frozen=True, kw_only=True):
    """What a client asks of Parley itself; an upstream never sees these fields."""

    session_id: str | None = None
    reference_id: str | None = None
    application: str | None = None
    intent: str | None = None
    user_id: str | None = None
    account_id: str | None = None
    metadata: dict[str, Json] | None = None

    evaluation_enabled: bool | None = None
    apply_corrections: bool | None = None
    safe_mode: bool | None = None
    assistant: bool | None = None
    context_retrieval_enabled: bool | None = None
    context_query: str | None = None
    fallback_model: str | None = None
    fallback_config: FallbackConfig | None = None
    server_side_inference: bool | None = None
    callback: Json = None
    log_prompt: bool | None = None
    instructions: str | None = None
    memory_strategy: dict[str, Json] | None = None


class Sampling(Service, frozen=True, kw_only=True):
    """How the next token is chosen and when generation ends, for chats and text completions alike."""

    temperature: Temperature | None = None
    top_p: Probability | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | Stops | None = None
    max_tokens: Positive | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, Bias] | None = None
    seed: Seed | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None

    # OctoAI's and the engines': sampling beyond OpenAI's.
    min_p: Probability | None = None
    top_k: Annotated[int, Meta(ge=-1, le=2**31 - 1)] | None = None
    repetition_penalty: Annotated[float, Meta(gt=0, le=10)] | None = None
    ignore_eos: bool | None = None
    peft: str | None = None
    loglikelihood: bool | None = None


class Chat(Sampling, frozen=True, kw_only=True):
    """A conversation to continue. `messages` are OpenAI's message objects; `max_tokens` counts the answer's tokens."""

    model: str | None = None
    messages: Annotated[list[Message], Meta(min_length=1)]
    max_completion_tokens: Positive | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    tools: Annotated[list[dict[str, Json]], Meta(max_length=128)] | None = None
    tool_choice: str | dict[str, Json] | None = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[list[dict[str, Json]], Meta(max_length=128)] | None = None
    function_call: str | dict[str, Json] | None = None
    response_format: dict[str, Json] | None = None
    reasoning_effort: str | None = None
    chat_template: str | None = None


class TextCompletion(Sampling, frozen=True, kw_only=True):
    """A text to continue (OpenAI's legacy `/v1/completions`)."""

    model: str | None = None
    prompt: Texts
    suffix: str | None = None
    echo: bool | None = None
    best_of: Annotated[int, Meta(ge=1, le=128)] | None = None
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None


class Embed(Service, frozen=True, kw_only=True):
    """Texts (or token lists) to turn into vectors; `encoding_format` is `float` or `base64`."""

    model: str | None = None
    input: Texts
    dimensions: Positive | None = None
    encoding_format: str | None = None
    user: str | None = None


Ask = Chat | TextCompletion | Embed

SERVICE_FIELDS = frozenset(Service.__struct_fields__)
"""Fields that end at Parley's door."""

NEUTRAL: dict[str, tuple[Json, ...]] = {
    "min_p": (0,),
    "top_k": (0, -1),
    "repetition_penalty": (1,),
    "ignore_eos": (False,),
    "loglikelihood": (False,),
    "peft": ("",),
    "n": (1,),
    "seed": (),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "parallel_tool_calls": (True,),
    "echo": (False,),
    "best_of": (1,),
    "suffix": ("",),
    "chat_template": (),
}
"""Values that do not change an answer: dropped where a provider has no such field, instead of refused."""
