"""A conversation in the terminal as values: what was said so far and what is asked next."""

from typing import Any

EMBEDDERS = ("embed", "bge-", "e5-", "gte-", "minilm", "rerank")
"""What the names of models that do not chat have in them."""


class Conversation:
    """The model, the instructions and the turns."""

    def __init__(self, model: str = "", system: str = "") -> None:
        self.model = model
        self.system = system
        self.turns: list[dict[str, str]] = []

    def ask(self, text: str, *, stream: bool) -> dict[str, Any]:
        """The body that asks the next question; nothing is kept of it yet."""
        before = [{"role": "system", "content": self.system}] if self.system else []
        return {
            "model": self.model,
            "messages": [*before, *self.turns, {"role": "user", "content": text}],
            "stream": stream,
        }

    def keep(self, text: str, answer: str) -> None:
        """Keeps a question and what was answered, also where it was stopped; a question without answer is dropped."""
        if answer:
            self.turns += [{"role": "user", "content": text}, {"role": "assistant", "content": answer}]

    def reset(self) -> None:
        """Forgets what was said."""
        self.turns.clear()


def first_that_chats(models: list[dict[str, Any]]) -> str:
    """The first model that is not for embeddings, by what its name says; empty where there is none."""
    names = [str(model.get("id", "")) for model in models]
    return next((name for name in names if not any(word in name.lower() for word in EMBEDDERS)), "")
