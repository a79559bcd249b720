"""Secrets in settings: named by `env:NAME` or `file:PATH`, resolved once, and never shown."""

from collections.abc import Mapping
from pathlib import Path


class Secret:
    """A secret's value; its text and repr hide it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def resolve(reference: str, env: Mapping[str, str]) -> Secret:
    """The secret that `env:NAME`, `file:PATH` or a literal stands for. Raises LookupError with a sentence."""
    kind, _, rest = reference.partition(":")
    if kind == "env":
        value = env.get(rest, "").strip()
        if not value:
            raise LookupError(f"the environment variable {rest} is not set")
        return Secret(value)
    if kind == "file":
        try:
            value = Path(rest).read_text(encoding="utf8").strip()
        except (OSError, UnicodeDecodeError) as e:
            raise LookupError(f"the file {rest} can not be read ({type(e).__name__})") from None
        if not value:
            raise LookupError(f"the file {rest} is empty")
        return Secret(value)
    if not reference:
        raise LookupError("it is empty")
    return Secret(reference)
