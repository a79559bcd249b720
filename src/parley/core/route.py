"""A route: the targets that may answer a call, in the order in which they are tried."""

from msgspec import Struct


class Target(Struct, frozen=True, kw_only=True):
    """A model at a provider: the client's name for it, the provider's name, and the model's name there."""

    model: str
    provider: str
    upstream: str


class Route(Struct, frozen=True, kw_only=True):
    """An ordered choice of targets; never empty."""

    targets: tuple[Target, ...]
