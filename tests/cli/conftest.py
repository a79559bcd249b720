"""The management API of `tests/api`, to be asked by commands."""

from tests.api.conftest import house

__all__ = ["house"]
