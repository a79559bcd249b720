"""Reads a config in Portkey's shape into a plan, or into a list of mistakes, each with its place.

The same shape comes as JSON in `x-portkey-config`, from the store under a slug, and from `parley.toml`:

    [routes.support]                                  # clients say model = "support", or x-portkey-config: support
    strategy = { mode = "fallback", on_status_codes = [429, 503] }
    retry = { attempts = 1 }
    targets = [
      { model = "gpt-4o-mini" },                      # a row of [models], or provider/model
      { provider = "anthropic", override_params = { model = "claude-haiku" } },
      { config = "cheap" },                           # another route
    ]

Ours to add: `model` (short for `override_params.model`), `config` (a saved config in a target's place),
`strategy.balance` = "weighted" or "latency", `strategy.failover`, and `session_id` and `user_id` among
`strategy.sticky.hash_fields` (`ttl` is taken and not needed: nothing is stored that could expire). What Portkey knows
and Parley does not do is refused by name; nothing is ever ignored. Unlike Portkey's, weights that are all 0, names
that are no target's and configs that refer to themselves are found when a config is read, not when it is used.
"""

from collections.abc import Callable, Collection, Mapping

import msgspec
from msgspec import Struct

from parley.core.asks import Json
from parley.routing.mistakes import Mistake, Mistakes, clipped, guess, under
from parley.routing.plan import ApiKey, Plan, Single, Terms
from parley.routing.strategy_config import Child, StrategyReader
from parley.routing.terms_config import READERS, RefuseHost, TermsReader, positive

DEEPEST = 8
MOST_TARGETS = 64
KEYS = (
    *("strategy", "targets", "provider", "virtual_key", "api_key", "model", "config", "name", "weight"),
    *READERS,
)
ALONE = ("provider", "virtual_key", "api_key", "model", "config")
"""Keys that belong to a single target, not beside `targets`."""

GUARDRAILS = "guardrails are not part of a config here: set sentinels on the application or intent."
PROVIDER_ROW = "cloud credentials are not taken from a config: set them under `[providers]`."
REFUSED = {
    **dict.fromkeys(
        (
            *("input_guardrails", "output_guardrails", "default_input_guardrails", "default_output_guardrails"),
            *("before_request_hooks", "after_request_hooks", "input_mutators", "output_mutators"),
        ),
        GUARDRAILS,
    ),
    "forward_headers": "a request's headers are not passed on: set `headers` under `[providers]`.",
    "passthrough": "a request always goes through the provider's dialect; unknown fields pass unchanged.",
    "prompt_id": "stored prompts are not part of a config here.",
    "default_params": "defaults are not part of a config here: set them on the application or intent.",
    "drop_params": "parameters are not dropped by name; neutral ones that a provider does not know are left out.",
    "fetch_integrated_models": "`GET /v1/models` always lists every model.",
}
REFUSED_PREFIXES = ("azure_", "aws_", "vertex_", "workers_ai_", "huggingface_", "openai_", "anthropic_", "oracle_")


def nobody(slug: str) -> Json | None:
    """The lookup of saved configs where there are none."""
    return None


def no_host(url: str) -> str | None:
    """Refuses every custom host."""
    return "this server takes no custom hosts; the operator can allow some in `server.custom_hosts`."


class Known(Struct, frozen=True, kw_only=True):
    """What a config may refer to. `models` are the catalog's names; `virtual_keys` lead to providers."""

    providers: Collection[str]
    models: Collection[str] = ()
    virtual_keys: Mapping[str, str] = {}
    saved: Callable[[str], Json | None] = nobody
    refuse_host: RefuseHost = no_host


def parse_config(text: str) -> Json:
    """The config that a header holds: an object as JSON, or a slug as it stands. Raises ValueError with a sentence."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return text.strip()
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ValueError(f"the config is not valid JSON: {str(error) or 'it is nested too deeply'}.") from None


def read_config(config: Json, known: Known, *, provider: str | None = None) -> Plan | list[Mistake]:
    """The plan of a config, which is an object or the slug of a saved one; `provider` is the request's own, if named.

    Never raises: whatever JSON it is given, the answer is a plan or what is wrong with it.
    """
    reader = ConfigReader(known, provider)
    plan = reader.node(config, Place(), Terms())
    if reader.mistakes.found or plan is None:
        return reader.mistakes.found
    return plan


class Place(Struct, frozen=True, kw_only=True):
    """Where the reader is: the place for mistakes, the path for headers, how deep, and through which saved configs."""

    place: str = ""
    path: str = "config"
    depth: int = 0
    slugs: tuple[str, ...] = ()

    def target(self, index: int) -> "Place":
        """The place of a target."""
        here = f"targets[{index}]"
        return Place(place=under(self.place, here), path=f"{self.path}.{here}", depth=self.depth + 1, slugs=self.slugs)

    def saved(self, slug: str) -> "Place":
        """The place inside a saved config that is named here."""
        place = f"{self.place}({slug})" if self.place else slug
        return Place(place=place, path=self.path, depth=self.depth + 1, slugs=(*self.slugs, slug))


class ConfigReader:
    """Walks down a config; `mistakes` holds what is wrong with it."""

    def __init__(self, known: Known, provider: str | None) -> None:
        self.mistakes = Mistakes()
        self._known = known
        self._provider = provider
        self._targets = 0
        self._terms = TermsReader(mistakes=self.mistakes, refuse_host=known.refuse_host)
        self._strategies = StrategyReader(terms=self._terms, mistakes=self.mistakes)

    def node(self, config: Json, at: Place, outer: Terms) -> Plan | None:
        """The plan of one config or target."""
        if self._too_much(at):
            return None
        if isinstance(config, str):
            return self._saved(config, at, outer)
        if not isinstance(config, dict):
            self.mistakes.add(at.place, f"a config is an object or the name of a saved one, not {clipped(config)}.")
            return None
        self._check_keys(config, at.place)
        terms = self._terms.read(config, at.place, outer)
        if config.get("targets") is None and config.get("strategy") is None:
            return self._leaf(config, at, terms)
        for key in ALONE:
            if config.get(key) is not None:
                self.mistakes.add(under(at.place, key), "it belongs to a single target, not beside `targets`.")
        return self._tree(config, at, terms)

    def _too_much(self, at: Place) -> bool:
        if at.depth > DEEPEST:
            self.mistakes.add(at.place, f"targets nest at most {DEEPEST} deep.")
            return True
        self._targets += 1
        if self._targets == MOST_TARGETS + 2:  # the config itself counts too
            self.mistakes.add(at.place, f"a config has at most {MOST_TARGETS} targets, those of saved ones included.")
        return self._targets > MOST_TARGETS + 1

    def _check_keys(self, config: Mapping[str, Json], place: str) -> None:
        for key, value in config.items():
            if key in KEYS:
                continue
            cloud = PROVIDER_ROW if key.startswith(REFUSED_PREFIXES) else None
            refusal = REFUSED.get(key) or cloud
            if refusal is None:
                self.mistakes.add(under(place, key), f"there is no such key.{guess(key, KEYS)}")
            elif value is not None:
                self.mistakes.add(under(place, key), refusal)
        if config.get("weight") is not None and not positive(config["weight"]):
            self.mistakes.add(under(place, "weight"), f"a weight is a number from 0, not {clipped(config['weight'])}.")

    def _tree(self, config: Mapping[str, Json], at: Place, terms: Terms) -> Plan | None:
        given = config.get("targets")
        if not isinstance(given, list) or not given:
            self.mistakes.add(under(at.place, "targets"), "it must be a list of at least one target.")
            return None
        children = []
        for index, one in enumerate(given[: MOST_TARGETS + 1]):
            plan = self.node(one, at.target(index), terms)
            if plan is not None:
                children.append(Child.of(one, index, plan))
        complete = len(children) == len(given)
        return self._strategies.read(config.get("strategy"), at.place, at.path, children, complete=complete)

    def _saved(self, slug: str, at: Place, outer: Terms) -> Plan | None:
        if slug in at.slugs:
            self.mistakes.add(at.place, f"the saved config `{slug}` refers to itself: {' > '.join((*at.slugs, slug))}.")
            return None
        config = self._known.saved(slug)
        if config is None:
            self.mistakes.add(at.place, f"there is no saved config {clipped(slug)}.")
            return None
        return self.node(config, at.saved(slug), outer)

    def _leaf(self, config: Mapping[str, Json], at: Place, terms: Terms) -> Plan | None:
        slug = config.get("config")
        if slug is not None:
            if not isinstance(slug, str) or any(config.get(key) is not None for key in ALONE if key != "config"):
                self.mistakes.add(under(at.place, "config"), "it is the name of a saved config, in a target's place.")
                return None
            here = Place(place=under(at.place, "config"), path=at.path, depth=at.depth, slugs=at.slugs)
            return self._saved(slug, here, terms)
        key = config.get("api_key")
        if key is not None and (not isinstance(key, str) or not key.isascii() or not key.isprintable() or not key):
            self.mistakes.add(under(at.place, "api_key"), "a key is a text of printable ASCII characters.")
            key = None
        return Single(
            path=at.path,
            provider=self._named_provider(config, at),
            model=self._model(config, at, terms),
            api_key=ApiKey(key) if key else None,
            terms=terms,
        )

    def _named_provider(self, config: Mapping[str, Json], at: Place) -> str | None:
        name, key = config.get("provider"), "provider"
        if name is None and config.get("virtual_key") is not None:
            name, key = config["virtual_key"], "virtual_key"
        if name is None:
            name = self._provider if config.get("model") is None else None
        if name is None:
            return None
        if not isinstance(name, str):
            self.mistakes.add(under(at.place, key), f"it is a name, not {clipped(name)}.")
            return None
        name = name.removeprefix("@")
        if key == "virtual_key":
            name = self._known.virtual_keys.get(name, name)
        if name not in self._known.providers:
            there = guess(name, self._known.providers)
            self.mistakes.add(under(at.place, key), f"there is no {key.replace('_', ' ')} {clipped(name)}.{there}")
            return None
        return name

    def _model(self, config: Mapping[str, Json], at: Place, terms: Terms) -> str | None:
        given, key = config.get("model"), under(at.place, "model")
        if given is None:
            given, key = terms.override_params.get("model"), under(at.place, "override_params.model")
        if not isinstance(given, str):
            if given is not None and config.get("model") is not None:
                self.mistakes.add(key, f"a model is a name, not {clipped(given)}.")
            return None
        if config.get("provider") is None and config.get("virtual_key") is None and self._provider is None:
            head = given.removeprefix("@").partition("/")[0]
            if given not in self._known.models and head not in self._known.providers:
                self.mistakes.add(key, f"there is no model {clipped(given)}.{guess(given, self._known.models)}")
        return given
