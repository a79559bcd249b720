"""What the client fetches when it is made: applications and intents with what each settles, in Maitai's words."""

from collections.abc import Mapping, Sequence

from parley.core.asks import Json

SAME = (
    "model",
    "temperature",
    "stop",
    "logprobs",
    "max_tokens",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "top_p",
    "top_k",
    "min_p",
    "repetition_penalty",
    "evaluation_enabled",
    "apply_corrections",
    "safe_mode",
    "context_retrieval_enabled",
    "fallback_model",
    "reasoning_effort",
)
"""Settings that have the same name here and there."""


def config_json(company: str, applications: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """The answer to `GET /config/init_sdk`; `company` may not be empty."""
    return {"company_id": company, "applications": list(applications), "api_keys": {}}


def application_json(name: str, id: int, intents: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """One application; `intents` map a name to all that holds there (intent, then application).

    An intent without a model is left out: the client would fill in one of its own choosing.
    """
    known = {intent: settings for intent, settings in intents.items() if settings.get("model")}
    return {
        "application_ref_name": name,
        "action_types": [
            {"action_type": intent, "application_id": id, "meta": _meta(settings)} for intent, settings in known.items()
        ],
    }


def _meta(settings: Mapping[str, Json]) -> dict[str, Json]:
    meta = {name: settings[name] for name in SAME if settings.get(name) is not None}
    meta["inference_location"] = 0 if settings.get("server_side_inference") is False else 1
    if (fallback := settings.get("fallback_config")) is not None:
        meta["fallback_config"] = {
            "model": fallback.get("model") or settings.get("fallback_model"),
            "strategy": fallback.get("strategy") or "reactive",
            "timeout": fallback.get("timeout"),
        }
    return meta
