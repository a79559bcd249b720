"""The services' paths and what `/openapi.json` says of them."""

import re

from parley.prompts.book import PromptBook
from parley.server.maitai.context_routes import ContextRoutes
from parley.server.maitai.public_routes import PublicRoutes
from parley.server.maitai.routes import MaitaiRoutes
from parley.server.maitai.shelf import Shelf
from parley.server.maitai.surface import maitai_surface
from parley.server.page import SURFACE
from parley.server.portkey.prompts import prompt_surfaces
from parley.server.portkey.routes import portkey_routes
from parley.server.receipts import ReceiptPages
from parley.server.scale import ScalePages
from parley.server.submissions import Submissions
from parley.server.surfaces import SURFACES, Surfaces
from parley.server.telemetry import Telemetry


def test_every_path_of_a_service_is_described_and_the_other_way_round(tmp_path):
    shelf, prompts = Shelf(tmp_path), PromptBook(None)
    surfaces = Surfaces(maitai_surface(shelf), *prompt_surfaces(prompts, SURFACES["/v1/chat/completions"]))
    routes = [
        *MaitaiRoutes(None, 0).routes(),
        *ContextRoutes(None, shelf).routes(),
        *PublicRoutes(None, None, None, None).routes(),
        *portkey_routes(prompts, None, [], None, None),
        *ReceiptPages(None).routes(),
        *ScalePages(None, 0.0).routes(),
        *Submissions(None, 0).routes(),
        *Telemetry(None, 0).routes(),
    ]
    described = [(one, re.sub(r"{\w+}", "x", one.path)) for one in SURFACE]
    for route in routes:
        wanted = (route.methods or {"GET"}) - {"HEAD"}
        found = {one.method for one, path in described if route.path_regex.match(path)}
        assert wanted <= found, f"{route.path} takes {wanted}, described are {found}"
    for one, path in described:
        answered = any(route.path_regex.match(path) for route in routes) or surfaces.has(path)
        assert answered or one.tag in ("models", "probes"), one.path
