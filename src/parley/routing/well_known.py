"""Names that models are widely known by, and what each provider that serves them calls them.

A client's name leads to the first configured provider that has it, without a row under `[models]`. The names are those
of Scale's own list (scale-gp 0.1.0a62, 2026-11) as far as a provider that Parley knows serves them; a provider's name
for a model is from its reference or from the price list (genai-prices, 2026-10). Scale's private models are missing.
"""

from collections.abc import Collection, Mapping

OPENAI = [
    "gpt-oss-120b",
    "gpt-oss-20b",
    "o1",
    "o1-mini",
    "o3-mini",
    "gpt-4",
    "gpt-4-0613",
    "gpt-4-32k",
    "gpt-4-32k-0613",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4o-2024-08-06",
    "gpt-3.5-turbo",
    "gpt-3.5-turbo-0613",
    "gpt-3.5-turbo-16k",
    "gpt-3.5-turbo-16k-0613",
]
GEMINI = [
    "gemini-pro",
    "gemini-1.5-pro",
    "gemini-1.5-flash",
    "gemini-1.5-pro-001",
    "gemini-1.5-pro-002",
    "gemini-1.5-pro-preview-0409",
    "gemini-1.5-pro-preview-0514",
]
CLAUDE = [
    "claude-3-opus-20240229",
    "claude-3-sonnet-20240229",
    "claude-3-haiku-20240307",
    "claude-3-5-sonnet-20240620",
    "claude-3-5-sonnet-20241022",
]

BY_MAKER: Mapping[str, tuple[str, ...]] = {
    "openai": tuple(name for name in OPENAI if not name.startswith("gpt-oss")),
    "gemini": tuple(GEMINI),
    "vertex": tuple(GEMINI),
    "anthropic": tuple(CLAUDE),
}
"""Models that these providers serve under the very name."""

ELSEWHERE: Mapping[str, Mapping[str, str]] = {
    "gpt-oss-120b": {
        "groq": "openai/gpt-oss-120b",
        "together": "openai/gpt-oss-120b",
        "fireworks": "accounts/fireworks/models/gpt-oss-120b",
        "cerebras": "gpt-oss-120b",
        "openrouter": "openai/gpt-oss-120b",
        "bedrock": "openai.gpt-oss-120b-1:0",
    },
    "gpt-oss-20b": {
        "groq": "openai/gpt-oss-20b",
        "together": "openai/gpt-oss-20b",
        "fireworks": "accounts/fireworks/models/gpt-oss-20b",
        "openrouter": "openai/gpt-oss-20b",
        "bedrock": "openai.gpt-oss-20b-1:0",
    },
    "gpt-4": {"openrouter": "openai/gpt-4"},
    "gpt-4o": {"openrouter": "openai/gpt-4o"},
    "gpt-4o-mini": {"openrouter": "openai/gpt-4o-mini"},
    "gpt-3.5-turbo": {"openrouter": "openai/gpt-3.5-turbo"},
    "claude-3-opus-20240229": {
        "bedrock": "anthropic.claude-3-opus-20240229-v1:0",
        "openrouter": "anthropic/claude-3-opus",
    },
    "claude-3-sonnet-20240229": {
        "bedrock": "anthropic.claude-3-sonnet-20240229-v1:0",
        "openrouter": "anthropic/claude-3-sonnet",
    },
    "claude-3-haiku-20240307": {
        "bedrock": "anthropic.claude-3-haiku-20240307-v1:0",
        "openrouter": "anthropic/claude-3-haiku",
    },
    "claude-3-5-sonnet-20240620": {
        "bedrock": "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "openrouter": "anthropic/claude-3.5-sonnet-20240620",
    },
    "claude-3-5-sonnet-20241022": {
        "bedrock": "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "openrouter": "anthropic/claude-3.5-sonnet",
    },
    "llama-2-7b-chat": {"together": "meta-llama/Llama-2-7b-chat-hf"},
    "llama-2-13b-chat": {
        "together": "meta-llama/Llama-2-13b-chat-hf",
        "openrouter": "meta-llama/llama-2-13b-chat",
        "bedrock": "meta.llama2-13b-chat-v1",
    },
    "llama-2-70b-chat": {
        "together": "meta-llama/Llama-2-70b-chat-hf",
        "openrouter": "meta-llama/llama-2-70b-chat",
        "bedrock": "meta.llama2-70b-chat-v1",
    },
    "llama-3-8b-instruct": {
        "together": "meta-llama/Llama-3-8b-chat-hf",
        "groq": "llama3-8b-8192",
        "fireworks": "accounts/fireworks/models/llama-v3-8b-instruct",
        "deepinfra": "meta-llama/Meta-Llama-3-8B-Instruct",
        "novita": "meta-llama/llama-3-8b-instruct",
        "openrouter": "meta-llama/llama-3-8b-instruct",
        "bedrock": "meta.llama3-8b-instruct-v1:0",
    },
    "llama-3-70b-instruct": {
        "together": "meta-llama/Llama-3-70b-chat-hf",
        "groq": "llama3-70b-8192",
        "fireworks": "accounts/fireworks/models/llama-v3-70b-instruct",
        "deepinfra": "meta-llama/Meta-Llama-3-70B-Instruct",
        "novita": "meta-llama/llama-3-70b-instruct",
        "openrouter": "meta-llama/llama-3-70b-instruct",
        "bedrock": "meta.llama3-70b-instruct-v1:0",
    },
    "llama-3-1-8b-instruct": {
        "groq": "llama-3.1-8b-instant",
        "together": "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
        "fireworks": "accounts/fireworks/models/llama-v3p1-8b-instruct",
        "cerebras": "llama3.1-8b",
        "sambanova": "Meta-Llama-3.1-8B-Instruct",
        "deepinfra": "meta-llama/Meta-Llama-3.1-8B-Instruct",
        "openrouter": "meta-llama/llama-3.1-8b-instruct",
        "bedrock": "meta.llama3-1-8b-instruct-v1:0",
    },
    "llama-3-1-70b-instruct": {
        "together": "meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo",
        "fireworks": "accounts/fireworks/models/llama-v3p1-70b-instruct",
        "deepinfra": "meta-llama/Meta-Llama-3.1-70B-Instruct",
        "openrouter": "meta-llama/llama-3.1-70b-instruct",
        "bedrock": "meta.llama3-1-70b-instruct-v1:0",
    },
    "llama3-1-405b-instruct-v1": {
        "together": "meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo",
        "fireworks": "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "sambanova": "Meta-Llama-3.1-405B-Instruct",
        "openrouter": "meta-llama/llama-3.1-405b-instruct",
        "bedrock": "meta.llama3-1-405b-instruct-v1:0",
    },
    "llama-3-2-1b-instruct": {
        "deepinfra": "meta-llama/Llama-3.2-1B-Instruct",
        "openrouter": "meta-llama/llama-3.2-1b-instruct",
        "bedrock": "us.meta.llama3-2-1b-instruct-v1:0",
    },
    "llama-3-2-3b-instruct": {
        "together": "meta-llama/Llama-3.2-3B-Instruct-Turbo",
        "deepinfra": "meta-llama/Llama-3.2-3B-Instruct",
        "openrouter": "meta-llama/llama-3.2-3b-instruct",
        "bedrock": "us.meta.llama3-2-3b-instruct-v1:0",
    },
    "llama-3-3-70b-instruct": {
        "groq": "llama-3.3-70b-versatile",
        "together": "meta-llama/Llama-3.3-70B-Instruct-Turbo",
        "fireworks": "accounts/fireworks/models/llama-v3p3-70b-instruct",
        "sambanova": "Meta-Llama-3.3-70B-Instruct",
        "deepinfra": "meta-llama/Llama-3.3-70B-Instruct",
        "openrouter": "meta-llama/llama-3.3-70b-instruct",
        "bedrock": "us.meta.llama3-3-70b-instruct-v1:0",
    },
    "mixtral-8x7b-instruct": {
        "mistral": "open-mixtral-8x7b",
        "together": "mistralai/Mixtral-8x7B-Instruct-v0.1",
        "fireworks": "accounts/fireworks/models/mixtral-8x7b-instruct",
        "groq": "mixtral-8x7b-32768",
        "openrouter": "mistralai/mixtral-8x7b-instruct",
        "bedrock": "mistral.mixtral-8x7b-instruct-v0:1",
    },
    "mixtral-8x22b-instruct": {
        "mistral": "open-mixtral-8x22b",
        "together": "mistralai/Mixtral-8x22B-Instruct-v0.1",
        "fireworks": "accounts/fireworks/models/mixtral-8x22b-instruct",
        "openrouter": "mistralai/mixtral-8x22b-instruct",
    },
    "mistral-large-latest": {"mistral": "mistral-large-latest", "openrouter": "mistralai/mistral-large"},
    "phi-3-mini-4k-instruct": {
        "nvidia": "microsoft/phi-3-mini-4k-instruct",
        "openrouter": "microsoft/phi-3-mini-128k-instruct",
    },
    "dolphin-2.9-llama3-8b": {"novita": "cognitivecomputations/dolphin-2.9-llama3-8b"},
    "dolphin-2.9-llama3-70b": {"openrouter": "cognitivecomputations/dolphin-llama-3-70b"},
}


def well_known(providers: Collection[str]) -> dict[str, tuple[str, str]]:
    """Every known name that one of `providers` (in order of preference) serves: the provider, and its name there."""
    found: dict[str, tuple[str, str]] = {}
    for provider in providers:
        own = {name: name for name in BY_MAKER.get(provider, ())}
        there = {name: at[provider] for name, at in ELSEWHERE.items() if provider in at}
        for name, upstream in {**own, **there}.items():
            found.setdefault(name, (provider, upstream))
    return found
