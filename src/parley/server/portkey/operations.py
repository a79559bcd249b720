"""Portkey's paths, for `/openapi.json` and the reference."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from parley.server.api.operation import Operation

Object = dict[str, Any]
Text = str | None
CALL_ERRORS = (404, 412, 422, 429, 502, 504)


class NewPrompt(Struct, frozen=True, kw_only=True):
    """A prompt: `string` is a template of one message, or of a list of them as JSON; further fields are kept, too."""

    name: str
    string: str | list[Object]
    parameters: Object | None = None
    model: Text = None
    slug: Text = None


class PromptChanges(Struct, frozen=True, kw_only=True):
    """What the next version says otherwise."""

    name: Text = None
    string: str | list[Object] | None = None
    parameters: Object | None = None
    model: Text = None


class Published(Struct, frozen=True, kw_only=True):
    """The version that shall be asked."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Filled(Struct, frozen=True, kw_only=True):
    """What a prompt is filled with; any parameter of a chat may stand beside it, and wins."""

    variables: Object = {}
    stream: bool | None = None


class NewConfig(Struct, frozen=True, kw_only=True):
    """A routing config, as an object or as its JSON."""

    name: str
    config: Object | str
    slug: Text = None


class ConfigChanges(Struct, frozen=True, kw_only=True):
    """What the next version of a config is."""

    config: Object | str


class TraceFeedback(Struct, frozen=True, kw_only=True):
    """What somebody thinks of a trace."""

    trace_id: str
    value: Annotated[float, Meta(ge=-10, le=10)]
    weight: float | None = None
    metadata: Object | None = None


class ChangedFeedback(Struct, frozen=True, kw_only=True):
    """What somebody thinks of it now."""

    value: Annotated[float, Meta(ge=-10, le=10)]
    weight: float | None = None
    metadata: Object | None = None


class FeedbackFailure(Struct, frozen=True, kw_only=True):
    """How Portkey says that feedback is not taken."""

    status: str
    message: str


class TimeQuery(Struct, frozen=True, kw_only=True):
    """The time that is summed up."""

    time_of_generation_min: Text = None
    time_of_generation_max: Text = None


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    errors = (404,) if "{" in path else ()
    return Operation(
        method=method, path=path, summary=summary, tag="portkey", **{"answer": Object, "errors": errors, **more}
    )


PROMPT, CONFIG, KEY = "/v1/prompts/{slug}", "/v1/configs/{slug}", "/v1/virtual-keys/{slug}"
ANALYTICS = "/v1/analytics"
OPERATIONS = (
    *(
        _operation("POST", f"{PROMPT}/{run}", "Run a stored prompt", body=Filled, errors=CALL_ERRORS)
        for run in ("completions", "generate")
    ),
    _operation("POST", f"{PROMPT}/render", "Fill a stored prompt, without asking anybody", body=Filled),
    _operation("GET", "/v1/prompts", "List the prompts"),
    _operation("POST", "/v1/prompts", "Store a prompt", body=NewPrompt),
    _operation("GET", PROMPT, "Read the version that is asked"),
    _operation("PUT", PROMPT, "Store a new version, which is not asked yet", body=PromptChanges),
    _operation("DELETE", PROMPT, "Forget a prompt with every version"),
    _operation("PUT", f"{PROMPT}/makeDefault", "Let a version be the one that is asked", body=Published),
    _operation("GET", f"{PROMPT}/versions", "List every version"),
    _operation("GET", f"{PROMPT}/versions/{{version}}", "Read one version"),
    _operation("GET", "/v1/configs", "List the routing configs"),
    _operation("POST", "/v1/configs", "Save a routing config under a slug", body=NewConfig, errors=(409,)),
    _operation("GET", CONFIG, "Read a routing config"),
    _operation("PUT", CONFIG, "Save a new version", body=ConfigChanges, errors=(404, 409)),
    _operation("DELETE", CONFIG, "Forget a routing config", errors=(404, 409)),
    _operation("GET", "/v1/virtual-keys", "List the providers, which serve as virtual keys"),
    _operation("POST", "/v1/virtual-keys", "Not taken: secrets stand in parley.toml", body=Object, errors=(405,)),
    _operation("GET", KEY, "Read which provider a virtual key is"),
    _operation("PUT", KEY, "Not taken: secrets stand in parley.toml", body=Object, errors=(405,)),
    _operation("DELETE", KEY, "Not taken: providers stand in parley.toml", errors=(405,)),
    _operation(
        "POST",
        "/v1/feedback",
        "Say what a trace was worth",
        body=TraceFeedback | list[TraceFeedback],
        failure=FeedbackFailure,
    ),
    _operation("PUT", "/v1/feedback/{id}", "Say otherwise", body=ChangedFeedback, failure=FeedbackFailure),
    *(
        _operation("GET", f"{ANALYTICS}/graphs/{graph}", f"Sum up {what}, a point a day", query=TimeQuery)
        for graph, what in (
            ("requests", "requests"),
            ("cost", "cost"),
            ("tokens", "tokens"),
            ("errors", "errors"),
            ("errors/rate", "the share of errors"),
        )
    ),
    *(
        _operation("GET", f"{ANALYTICS}/groups/{group}", f"Sum up usage by {what}", query=TimeQuery)
        for group, what in (("users", "user"), ("ai-models", "model"), ("workspaces", "account"))
    ),
    _operation("GET", f"{ANALYTICS}/groups/metadata/{{key}}", "Sum up usage by a metadata key", query=TimeQuery),
    _operation("GET", f"{ANALYTICS}/summary/cache", "Sum up what the cache saved", query=TimeQuery),
)
