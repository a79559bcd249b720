"""All of Portkey's paths that take no calls."""

from collections.abc import Sequence

from starlette.routing import Route

from parley.prompts.book import PromptBook
from parley.routing.saved import SavedConfigs
from parley.server.plain import by_path
from parley.server.portkey.analytics_routes import AnalyticsRoutes, Usage
from parley.server.portkey.config_routes import ConfigRoutes
from parley.server.portkey.feedback_routes import FeedbackRoutes, Feedbacks
from parley.server.portkey.prompt_routes import PromptRoutes


def portkey_routes(
    prompts: PromptBook, saved: SavedConfigs, providers: Sequence[str], feedback: Feedbacks, usage: Usage
) -> list[Route]:
    """One route per path and method; `providers` are the names that serve as virtual keys."""
    routes = [
        *PromptRoutes(prompts).routes(),
        *ConfigRoutes(saved, providers).routes(),
        *FeedbackRoutes(feedback).routes(),
        *AnalyticsRoutes(usage).routes(),
    ]
    return by_path(routes)
