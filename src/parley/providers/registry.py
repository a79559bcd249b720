"""The upstreams that Parley knows, one row each: address, key variable, what they take beyond OpenAI's fields.

Add one that speaks a known dialect: copy a row, check each fact against the provider's own reference, write the date.
One that needs behaviour (its own dialect, signing, odd errors) has a file beside this one as well.
"""

from collections.abc import Mapping

from msgspec import Struct

OPENAI_ONLY: frozenset[str] = frozenset()
SAMPLERS = frozenset({"min_p", "top_k", "repetition_penalty"})
VLLM = SAMPLERS | {"ignore_eos", "chat_template"}
ENGINE = VLLM | {"peft", "loglikelihood"}

MAX_TOKENS = {"max_completion_tokens": "max_tokens"}
"""For those who know only the older name: they would pass over the newer one, and the limit with it."""


class Row(Struct, frozen=True, kw_only=True):
    """One upstream. `beyond` names the sampling fields it takes that OpenAI's API does not have.

    `renames` gives its own names for some of our fields; `lacks` names fields that it refuses and that can be left out
    without changing an answer. `docs` is the provider's reference, or its own client library, with which the facts were
    compared on the day `checked`.
    """

    speaks: str = "openai"
    name: str
    base_url: str
    key_env: str | None
    docs: str
    checked: str
    beyond: frozenset[str] = OPENAI_ONLY
    renames: Mapping[str, str] = {}
    lacks: frozenset[str] = frozenset()
    key_header: str = "authorization"
    deployments: bool = False  # Azure: the model's name stands in the path
    key_required: bool = True
    local: bool = False  # runs on the operator's own machine; `base_url` is where it usually listens


ROWS: tuple[Row, ...] = (
    Row(
        name="openai",
        base_url="https://api.openai.com/v1",
        key_env="OPENAI_API_KEY",
        docs="platform.openai.com/docs/api-reference/chat, github.com/openai/openai-python",
        checked="2026-11-21",
    ),
    Row(
        speaks="anthropic",
        name="anthropic",
        base_url="https://api.anthropic.com/v1",
        key_env="ANTHROPIC_API_KEY",
        docs="platform.claude.com/docs/en/api/messages",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
        key_header="x-api-key",
    ),
    Row(
        name="azure",
        base_url="",
        key_env="AZURE_OPENAI_API_KEY",
        docs="learn.microsoft.com/azure/ai-foundry/openai/reference",
        checked="2026-11-21",
        key_header="api-key",
        deployments=True,
    ),
    Row(
        speaks="bedrock",
        name="bedrock",
        base_url="https://bedrock-runtime.us-east-1.amazonaws.com",
        key_env="AWS_BEARER_TOKEN_BEDROCK",
        docs="docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
        key_required=False,
    ),
    Row(
        speaks="vertex",
        name="vertex",
        base_url="https://aiplatform.googleapis.com/v1",
        key_env="GOOGLE_APPLICATION_CREDENTIALS",
        docs="cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
    ),
    Row(
        name="alibaba",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        key_env="DASHSCOPE_API_KEY",
        docs="alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
        renames=MAX_TOKENS,
    ),
    Row(
        name="baseten",
        base_url="https://inference.baseten.co/v1",
        key_env="BASETEN_API_KEY",
        docs="docs.baseten.co/reference/inference-api/chat-completions",
        checked="2026-11-21",
        beyond=VLLM,
        renames=MAX_TOKENS,
    ),
    Row(
        name="cerebras",
        base_url="https://api.cerebras.ai/v1",
        key_env="CEREBRAS_API_KEY",
        docs="inference-docs.cerebras.ai/api-reference/chat-completions, github.com/Cerebras/cerebras-cloud-sdk-python",
        checked="2026-11-21",
    ),
    Row(
        name="cohere",
        base_url="https://api.cohere.ai/compatibility/v1",
        key_env="COHERE_API_KEY",
        docs="docs.cohere.com/docs/compatibility-api",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="deepinfra",
        base_url="https://api.deepinfra.com/v1/openai",
        key_env="DEEPINFRA_API_KEY",
        docs="docs.deepinfra.com/api-reference/openai-chat-completions-1",
        checked="2026-11-21",
        beyond=SAMPLERS,
        renames=MAX_TOKENS,
    ),
    Row(
        name="deepseek",
        base_url="https://api.deepseek.com",
        key_env="DEEPSEEK_API_KEY",
        docs="api-docs.deepseek.com/api/create-chat-completion",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="fireworks",
        base_url="https://api.fireworks.ai/inference/v1",
        key_env="FIREWORKS_API_KEY",
        docs="docs.fireworks.ai/api-reference/post-chatcompletions, github.com/fw-ai-external/python-sdk",
        checked="2026-11-21",
        beyond=SAMPLERS | {"ignore_eos"},
    ),
    Row(
        speaks="gemini",
        name="gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta",
        key_env="GEMINI_API_KEY",
        docs="ai.google.dev/api/generate-content",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
        key_header="x-goog-api-key",
    ),
    Row(
        name="gemini-openai",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        key_env="GEMINI_API_KEY",
        docs="ai.google.dev/gemini-api/docs/openai",
        checked="2026-11-21",
    ),
    Row(
        name="github",
        base_url="https://models.github.ai/inference",
        key_env="GITHUB_TOKEN",
        docs="docs.github.com/en/rest/models/inference",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="groq",
        base_url="https://api.groq.com/openai/v1",
        key_env="GROQ_API_KEY",
        docs="console.groq.com/docs/api-reference, github.com/groq/groq-python",
        checked="2026-11-21",
    ),
    Row(
        name="huggingface",
        base_url="https://router.huggingface.co/v1",
        key_env="HF_TOKEN",
        docs="huggingface.co/docs/inference-providers/tasks/chat-completion",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="hyperbolic",
        base_url="https://api.hyperbolic.xyz/v1",
        key_env="HYPERBOLIC_API_KEY",
        docs="docs.hyperbolic.ai/inference/text-apis",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="minimax",
        base_url="https://api.minimax.io/v1",
        key_env="MINIMAX_API_KEY",
        docs="platform.minimax.io/docs/api-reference/text-chat",
        checked="2026-11-21",
    ),
    Row(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        key_env="MISTRAL_API_KEY",
        docs="docs.mistral.ai/api, github.com/mistralai/client-python",
        checked="2026-11-21",
        renames={**MAX_TOKENS, "seed": "random_seed", "dimensions": "output_dimension"},
        lacks=frozenset({"stream_options", "user"}),
    ),
    Row(
        name="moonshot",
        base_url="https://api.moonshot.ai/v1",
        key_env="MOONSHOT_API_KEY",
        docs="platform.kimi.ai/docs/api/chat",
        checked="2026-11-21",
    ),
    Row(
        name="nebius",
        base_url="https://api.tokenfactory.nebius.com/v1",
        key_env="NEBIUS_API_KEY",
        docs="docs.tokenfactory.nebius.com/api-reference",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
        renames=MAX_TOKENS,
    ),
    Row(
        name="novita",
        base_url="https://api.novita.ai/openai/v1",
        key_env="NOVITA_API_KEY",
        docs="novita.ai/docs/api-reference/model-apis-llm-create-chat-completion",
        checked="2026-11-21",
        beyond=SAMPLERS,
        renames=MAX_TOKENS,
    ),
    Row(
        name="nvidia",
        base_url="https://integrate.api.nvidia.com/v1",
        key_env="NVIDIA_API_KEY",
        docs="docs.api.nvidia.com/nim/reference/llm-apis",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="openrouter",
        base_url="https://openrouter.ai/api/v1",
        key_env="OPENROUTER_API_KEY",
        docs="openrouter.ai/docs/api_reference/parameters, github.com/OpenRouterTeam/typescript-sdk",
        checked="2026-11-21",
        beyond=SAMPLERS,
    ),
    Row(
        name="perplexity",
        base_url="https://api.perplexity.ai",
        key_env="PERPLEXITY_API_KEY",
        docs="docs.perplexity.ai/api-reference, github.com/perplexityai/perplexity-py",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
        renames=MAX_TOKENS,
        lacks=frozenset({"stream_options"}),
    ),
    Row(
        name="sambanova",
        base_url="https://api.sambanova.ai/v1",
        key_env="SAMBANOVA_API_KEY",
        docs="docs.sambanova.ai/cloud/api-reference/endpoints/chat, github.com/sambanova/sambanova-python",
        checked="2026-11-21",
        beyond=frozenset({"top_k"}),
    ),
    Row(
        name="siliconflow",
        base_url="https://api.siliconflow.com/v1",
        key_env="SILICONFLOW_API_KEY",
        docs="docs.siliconflow.com/en/api-reference/chat-completions/chat-completions",
        checked="2026-11-21",
        beyond=frozenset({"min_p", "top_k"}),
        renames=MAX_TOKENS,
    ),
    Row(
        name="together",
        base_url="https://api.together.ai/v1",
        key_env="TOGETHER_API_KEY",
        docs="docs.together.ai/reference/chat-completions, github.com/togethercomputer/openapi",
        checked="2026-11-21",
        beyond=SAMPLERS,
        renames=MAX_TOKENS,
    ),
    Row(
        name="vercel",
        base_url="https://ai-gateway.vercel.sh/v1",
        key_env="AI_GATEWAY_API_KEY",
        docs="vercel.com/docs/ai-gateway/openai-compat",
        checked="2026-11-21",
    ),
    Row(
        name="xai",
        base_url="https://api.x.ai/v1",
        key_env="XAI_API_KEY",
        docs="docs.x.ai/docs/api-reference",
        checked="2026-11-21",
    ),
    Row(
        name="zai",
        base_url="https://api.z.ai/api/paas/v4",
        key_env="ZAI_API_KEY",
        docs="docs.z.ai/guides/develop/openai/python",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="zhipu",
        base_url="https://open.bigmodel.cn/api/paas/v4",
        key_env="ZAI_API_KEY",
        docs="docs.bigmodel.cn/cn/guide/develop/openai/introduction",
        checked="2026-11-21",
        renames=MAX_TOKENS,
    ),
    Row(
        name="ollama",
        base_url="http://127.0.0.1:11434/v1",
        key_env=None,
        docs="docs.ollama.com/api/openai-compatibility",
        checked="2026-11-21",
        renames=MAX_TOKENS,
        key_required=False,
        local=True,
    ),
    Row(
        speaks="vllm",
        name="vllm",
        base_url="http://127.0.0.1:8000/v1",
        key_env="VLLM_API_KEY",
        docs="docs.vllm.ai/en/stable/serving/openai_compatible_server, github.com/vllm-project/vllm",
        checked="2026-11-21",
        beyond=ENGINE,
        key_required=False,
        local=True,
    ),
    Row(
        name="llamacpp",
        base_url="http://127.0.0.1:8080/v1",
        key_env="LLAMA_API_KEY",
        docs="github.com/ggml-org/llama.cpp/tree/master/tools/server",
        checked="2026-11-21",
        beyond=SAMPLERS | {"ignore_eos"},
        renames={"repetition_penalty": "repeat_penalty"},
        key_required=False,
        local=True,
    ),
    Row(
        name="lmstudio",
        base_url="http://127.0.0.1:1234/v1",
        key_env=None,
        docs="lmstudio.ai/docs/developer/openai-compat/chat-completions",
        checked="2026-11-21",
        beyond=frozenset({"top_k", "repetition_penalty"}),
        renames={**MAX_TOKENS, "repetition_penalty": "repeat_penalty"},
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
