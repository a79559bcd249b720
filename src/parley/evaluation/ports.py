"""What the evaluation room needs of others, as protocols; `compose` gives the real ones."""

from typing import Protocol

from parley.core.asks import Chat
from parley.core.reply import Reply


class Asked(Protocol):
    """What came of a question to a model (`pipeline/errands.py` has it as Errand)."""

    @property
    def reply(self) -> Reply:
        """The answer."""

    @property
    def model(self) -> str:
        """Who answered."""

    @property
    def cost_usd(self) -> float | None:
        """What it cost; None where no price is known."""


class Asker(Protocol):
    """Asks a model on behalf of a request; whose request it is, the caller of the room has bound to it already."""

    async def __call__(self, chat: Chat, purpose: str, deadline: float) -> Asked:
        """The answer to `chat` (its `model` is always set) before `deadline` (event-loop time).

        `purpose` is `judge` or `correction`. Raises GatewayError.
        """


class Knows(Protocol):
    """Says whether there is a model of a name."""

    def __call__(self, model: str) -> bool:
        """Whether clients may ask for `model`."""
