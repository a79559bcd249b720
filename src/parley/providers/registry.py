"""The upstreams that Parley knows, one row each: address, key variable, what they take beyond OpenAI's fields.

Add one that speaks a known dialect: copy a row, check each fact against the provider's own reference, write the date.
One that needs behaviour (its own dialect, signing, odd errors) has a file beside this one as well.
"""

from msgspec import Struct

OPENAI_ONLY: frozenset[str] = frozenset()
VLLM = frozenset({"min_p", "top_k", "repetition_penalty", "ignore_eos", "chat_template"})
ENGINE = VLLM | {"peft", "loglikelihood"}


class Row(Struct, frozen=True, kw_only=True):
    """One upstream. `beyond` names the sampling fields it takes that OpenAI's API does not have."""

    speaks: str = "openai"
    name: str
    base_url: str
    key_env: str | None
    docs: str
    checked: str
    beyond: frozenset[str] = OPENAI_ONLY
    key_header: str = "authorization"
    deployments: bool = False  # Azure: the model's name stands in the path
    key_required: bool = True
    local: bool = False  # runs on the operator's own machine; `base_url` is where it usually listens


ROWS: tuple[Row, ...] = (
    Row(
        name="openai",
        base_url="https://api.openai.com/v1",
        key_env="OPENAI_API_KEY",
        docs="platform.openai.com/docs/api-reference/chat",
        checked="2026-08-21",
    ),
    Row(
        name="anthropic",
        speaks="anthropic",
        base_url="https://api.anthropic.com/v1",
        key_env="ANTHROPIC_API_KEY",
        docs="docs.anthropic.com/en/api/messages",
        checked="2026-08-21",
        beyond=frozenset({"top_k"}),
        key_header="x-api-key",
    ),
    Row(
        name="azure",
        base_url="",
        key_env="AZURE_OPENAI_API_KEY",
        docs="learn.microsoft.com/azure/ai-services/openai/reference",
        checked="2026-08-21",
        key_header="api-key",
        deployments=True,
    ),
    Row(
        name="groq",
        base_url="https://api.groq.com/openai/v1",
        key_env="GROQ_API_KEY",
        docs="console.groq.com/docs/api-reference",
        checked="2026-08-21",
    ),
    Row(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        key_env="MISTRAL_API_KEY",
        docs="docs.mistral.ai/api",
        checked="2026-08-21",
    ),
    Row(
        name="together",
        base_url="https://api.together.xyz/v1",
        key_env="TOGETHER_API_KEY",
        docs="docs.together.ai/reference/chat-completions-1",
        checked="2026-08-21",
        beyond=frozenset({"min_p", "top_k", "repetition_penalty"}),
    ),
    Row(
        name="fireworks",
        base_url="https://api.fireworks.ai/inference/v1",
        key_env="FIREWORKS_API_KEY",
        docs="docs.fireworks.ai/api-reference/post-chatcompletions",
        checked="2026-08-21",
        beyond=frozenset({"min_p", "top_k", "repetition_penalty", "ignore_eos"}),
    ),
    Row(
        name="deepseek",
        base_url="https://api.deepseek.com/v1",
        key_env="DEEPSEEK_API_KEY",
        docs="api-docs.deepseek.com/api/create-chat-completion",
        checked="2026-08-21",
    ),
    Row(
        name="openrouter",
        base_url="https://openrouter.ai/api/v1",
        key_env="OPENROUTER_API_KEY",
        docs="openrouter.ai/docs/api-reference/overview",
        checked="2026-08-21",
        beyond=frozenset({"min_p", "top_k", "repetition_penalty"}),
    ),
    Row(
        name="xai",
        base_url="https://api.x.ai/v1",
        key_env="XAI_API_KEY",
        docs="docs.x.ai/docs/api-reference",
        checked="2026-08-21",
    ),
    Row(
        name="cerebras",
        base_url="https://api.cerebras.ai/v1",
        key_env="CEREBRAS_API_KEY",
        docs="inference-docs.cerebras.ai/api-reference/chat-completions",
        checked="2026-08-21",
    ),
    Row(
        name="sambanova",
        base_url="https://api.sambanova.ai/v1",
        key_env="SAMBANOVA_API_KEY",
        docs="docs.sambanova.ai/cloud/api-reference/endpoints/chat",
        checked="2026-08-21",
        beyond=frozenset({"top_k"}),
    ),
    Row(
        name="nvidia",
        base_url="https://integrate.api.nvidia.com/v1",
        key_env="NVIDIA_API_KEY",
        docs="docs.api.nvidia.com/nim/reference/llm-apis",
        checked="2026-08-21",
    ),
    Row(
        name="ollama",
        base_url="http://127.0.0.1:11434/v1",
        key_env=None,
        docs="docs.ollama.com/openai",
        checked="2026-08-21",
        key_required=False,
        local=True,
    ),
    Row(
        name="vllm",
        base_url="http://127.0.0.1:8000/v1",
        key_env="VLLM_API_KEY",
        docs="docs.vllm.ai/en/latest/serving/openai_compatible_server",
        checked="2026-08-21",
        beyond=VLLM,
        key_required=False,
        local=True,
    ),
    Row(
        name="llamacpp",
        base_url="http://127.0.0.1:8080/v1",
        key_env="LLAMA_API_KEY",
        docs="github.com/ggml-org/llama.cpp/tree/master/tools/server",
        checked="2026-08-21",
        beyond=frozenset({"min_p", "top_k", "repetition_penalty", "ignore_eos"}),
        key_required=False,
        local=True,
    ),
    Row(
        name="lmstudio",
        base_url="http://127.0.0.1:1234/v1",
        key_env=None,
        docs="lmstudio.ai/docs/app/api/endpoints/openai",
        checked="2026-08-21",
        beyond=frozenset({"top_k", "repetition_penalty"}),
        key_required=False,
        local=True,
    ),
)

BY_NAME = {row.name: row for row in ROWS}

ENGINE_ROW = Row(
    name="engine",
    base_url="",
    key_env=None,
    docs="docs/guide/engine.md",
    checked="2026-11-21",
    beyond=ENGINE,
    key_required=False,
)
"""The engine inside Parley, which speaks the same dialect on a unix socket."""
