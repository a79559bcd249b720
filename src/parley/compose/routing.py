"""The catalog of models, and what routing configs may refer to."""

from parley.compose.engine import ENGINE_NAME
from parley.core.route import Target
from parley.routing.catalog import Catalog, Entry
from parley.routing.custom_hosts import CustomHosts
from parley.routing.plan import Retry, Terms
from parley.routing.portkey_config import Known
from parley.routing.well_known import well_known
from parley.settings import Settings


def make_catalog(settings: Settings) -> Catalog:
    """Every model of the settings under the name that clients use, and those whose names are known anyway."""
    inside = [Entry(target=Target(model=name, provider=ENGINE_NAME, upstream=name)) for name in settings.engine.models]
    outside = [
        Entry(
            target=Target(model=name, provider=model.provider, upstream=model.upstream or name),
            fallback=tuple(model.fallback),
            context=model.context,
            terms=Terms(
                retry=Retry(attempts=model.retries),
                timeout=model.timeout,
                continue_on_cut=model.continue_on_cut or None,
            ),
        )
        for name, model in settings.models.items()
    ]
    named = {*settings.engine.models, *settings.models, *settings.routes}
    known = [
        Entry(target=Target(model=name, provider=provider, upstream=upstream))
        for name, (provider, upstream) in well_known(settings.providers).items()
        if name not in named
    ]
    return Catalog([*inside, *outside, *known], list(settings.providers))


def make_known(settings: Settings, catalog: Catalog, hosts: CustomHosts) -> Known:
    """What routing configs may refer to."""
    return Known(providers=(ENGINE_NAME, *settings.providers), models=tuple(catalog.entries), refuse_host=hosts.refuse)
