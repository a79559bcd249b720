"""What is served beside calls: the management API, and the services' own paths.

Imported and made when the gateway is up: a third of the code stands behind it, and no call waits for any of it.
"""

import time
from collections.abc import Sequence

from msgspec import Struct
from starlette.routing import BaseRoute

from parley.accounts.account_desk import AccountDesk
from parley.accounts.config_desk import ConfigDesk
from parley.accounts.key_desk import KeyDesk
from parley.compose.cache import make_desk
from parley.compose.evaluation import make_expect
from parley.compose.ground import Ground
from parley.compose.rooms import Rooms
from parley.evaluation.desk import EvaluationDesk
from parley.evaluation.feedback import FeedbackDesk
from parley.pipeline.house import House
from parley.routing.saved import SavedConfigs
from parley.server.api.routes import api_routes
from parley.server.api.services import ApiServices
from parley.server.maitai.context_routes import ContextRoutes
from parley.server.maitai.public_routes import PublicRoutes
from parley.server.maitai.routes import MaitaiRoutes
from parley.server.maitai.shelf import Shelf
from parley.server.models import ModelList
from parley.server.page import page_route
from parley.server.portkey.routes import portkey_routes
from parley.server.receipts import ReceiptPages
from parley.server.scale import ScalePages
from parley.server.submissions import Submissions
from parley.server.telemetry import Telemetry
from parley.settings.check import parse_size
from parley.tracing.log import TraceLog


class Behind(Struct, frozen=True, kw_only=True):
    """What the pages show and change."""

    ground: Ground
    rooms: Rooms
    house: House
    keys: KeyDesk
    accounts: AccountDesk
    saved: SavedConfigs
    models: ModelList
    evaluations: EvaluationDesk
    shelf: Shelf


def make_pages(behind: Behind) -> Sequence[BaseRoute]:
    """One route per path."""
    ground, rooms, house = behind.ground, behind.rooms, behind.house
    store, most = ground.store, parse_size(ground.settings.server.max_body)
    return [
        *ScalePages(behind.models, time.time()).routes(),
        *ReceiptPages(rooms.receipts).routes(),
        *Submissions(house, most).routes(),
        *MaitaiRoutes(house, most).routes(),
        *ContextRoutes(rooms.context, behind.shelf).routes(),
        *PublicRoutes(store.requests, ground.registry, behind.models, store.feedback).routes(),
        *portkey_routes(rooms.prompts, behind.saved, [*ground.settings.providers], store.feedback, store.requests),
        *Telemetry(store.traces.put, most).routes(),
        page_route(),
        *api_routes(_services(behind)),
    ]


def _services(behind: Behind) -> ApiServices:
    ground, rooms = behind.ground, behind.rooms
    store, registry = ground.store, ground.registry
    return ApiServices(
        keys=behind.keys,
        accounts=behind.accounts,
        traces=TraceLog(store.traces),
        configs=ConfigDesk(store.applications, registry, expect=make_expect(ground.router)),
        routes=behind.saved,
        requests=store.requests,
        catalog=behind.models,
        evaluations=behind.evaluations,
        webhooks=rooms.hooks,
        feedback=FeedbackDesk(store.feedback, store.requests, rooms.hooks.of_feedback),
        settled=lambda application, intent: registry.defaults(application, intent).config,
        asker=rooms.judging.court.asker,
        cache=make_desk(ground, rooms.cache),
        memories=rooms.memory.desk,
        sessions=rooms.memory.session_desk,
        documents=rooms.context,
        receipts=rooms.receipts,
    )
