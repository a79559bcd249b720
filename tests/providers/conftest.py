"""The gateway and the stage of `tests/flow`."""

from tests.flow.conftest import gateway, stage

__all__ = ["gateway", "stage"]
