"""The plan: the only folder that names concrete classes. Settings in, a running house out; one file per room."""

from parley.compose.engine import make_engine, make_engine_settings
from parley.compose.house import open_house

__all__ = ["make_engine", "make_engine_settings", "open_house"]
