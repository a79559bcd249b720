"""The stage of `tests/flow`."""

from tests.flow.conftest import stage

__all__ = ["stage"]
