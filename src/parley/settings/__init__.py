"""The order form: reads `parley.toml` and the environment once, says every mistake, and freezes."""

from parley.settings.load import Overrides, SettingsError, load
from parley.settings.schema import (
    EngineModel,
    EngineSection,
    ModelSection,
    ProviderSection,
    ServerSection,
    Settings,
    StoreSection,
)

__all__ = [
    "EngineModel",
    "EngineSection",
    "ModelSection",
    "Overrides",
    "ProviderSection",
    "ServerSection",
    "Settings",
    "SettingsError",
    "StoreSection",
    "load",
]
