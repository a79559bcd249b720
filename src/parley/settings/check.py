"""Checks what one table says against another: models name providers, fallbacks name models, sizes are sizes."""

import difflib
import re
from collections.abc import Iterable

from parley.accounts.file_configs import mistakes as wrong_configs
from parley.accounts.file_configs import said_by
from parley.evaluation.expect import Expect
from parley.routing.custom_hosts import CustomHosts
from parley.routing.plan import leaves
from parley.routing.portkey_config import Known, read_config
from parley.routing.well_known import well_known
from parley.settings.read import Mistakes
from parley.settings.schema import Settings
from parley.wire.http import HeaderBlock, RequestInvalid, Url

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def parse_size(text: str) -> int:
    """Bytes in `32MB`, `512 KiB` or `1000`. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text.strip())
    if not match or match[2].upper() not in UNITS:
        raise ValueError(f"{text!r} is not a size; write it like 32MB")
    return int(float(match[1]) * UNITS[match[2].upper()])


def cross_check(settings: Settings, mistakes: Mistakes) -> None:
    """Notes every name that nothing answers to."""
    _check_sizes(settings, mistakes)
    if settings.tracing.otlp_endpoint:
        try:
            Url.parse(settings.tracing.otlp_endpoint)
            HeaderBlock([(name.encode(), b"") for name in settings.tracing.otlp_headers])
        except RequestInvalid as e:
            mistakes.add(("tracing",), e.message)
    models = {*settings.models, *settings.engine.models, *well_known(settings.providers)}
    for name, model in settings.models.items():
        if model.provider not in settings.providers:
            mistakes.add(("models", name, "provider"), _no_such("provider", model.provider, settings.providers))
        if name in settings.engine.models:
            mistakes.add(("models", name), "a model of the engine has this name already.")
        for other in model.fallback:
            if other not in models and other.partition("/")[0] not in settings.providers:
                mistakes.add(("models", name, "fallback"), _no_such("model", other, models))
            if other == name:
                mistakes.add(("models", name, "fallback"), "a model can not be its own fallback.")
    _check_routes(settings, models, mistakes)
    for place, chosen in (
        (("embeddings", "model"), settings.embeddings.model if settings.embeddings else None),
        (("cache", "confirm"), settings.cache.confirm),
        (("memory", "model"), settings.memory.model),
        (("context", "query_model"), settings.context.query_model),
    ):
        if chosen and chosen not in models and chosen.partition("/")[0] not in settings.providers:
            mistakes.add(place, _no_such("model", chosen, models))
    expect = Expect(lambda model: model in {*models, *settings.routes} or model.partition("/")[0] in settings.providers)
    for sentence in wrong_configs(said_by(settings.applications), expect):
        mistakes.add((), sentence)
    for reserved in {"engine"} & set(settings.providers):
        mistakes.add(("providers", reserved), "this name belongs to the engine inside Parley.")


def _check_sizes(settings: Settings, mistakes: Mistakes) -> None:
    cache = settings.cache
    sizes = {("cache", name): getattr(cache, name) for name in ("size", "memory", "answer")}
    sizes[("context", "max_document")] = settings.context.max_document
    for place, text in {("server", "max_body"): settings.server.max_body, **sizes}.items():
        try:
            parse_size(text)
        except ValueError as e:
            mistakes.add(place, f"{e}.")


def _check_routes(settings: Settings, models: set[str], mistakes: Mistakes) -> None:
    try:
        hosts = CustomHosts(settings.server.custom_hosts)
    except ValueError as e:
        mistakes.add(("server", "custom_hosts"), f"{e}")
        return
    known = Known(
        providers=("engine", *settings.providers),
        models=tuple(models),
        saved=settings.routes.get,
        refuse_host=hosts.refuse,
    )
    for name, config in settings.routes.items():
        place = ("routes", name)
        if name in settings.models or name in settings.engine.models:
            mistakes.add(place, "a model has this name already.")
        found = read_config(config, known)
        for mistake in found if isinstance(found, list) else ():
            mistakes.add((*place, *([mistake.place] if mistake.place else [])), mistake.sentence)
        for leaf in () if isinstance(found, list) else leaves(found):
            if leaf.api_key is not None:
                mistakes.add(place, f"{leaf.path}.api_key: a key stands under [providers], not in a route.")


def _no_such(what: str, name: str, there: Iterable[str]) -> str:
    known = sorted(there)
    near = difflib.get_close_matches(name, known, 1)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return f"there is no {what} `{name}`.{guess} There is: {', '.join(known) or 'none'}."
