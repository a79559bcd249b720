"""A model makes the query of a conversation where one is set; where it fails the rules do."""

from typing import Any

from parley.context.rewriting import Rewriting
from parley.core.asks import Chat
from parley.core.call import Whose
from parley.core.errors import UpstreamTimedOut

WHOSE = Whose(account="a", application="b", intent="c", session_id="s")
TALK = [
    {"role": "system", "content": "Secret instructions."},
    {"role": "user", "content": "I want a refund for my card."},
    {"role": "assistant", "content": "Of course."},
    {"role": "user", "content": "How long does it take?"},
]


class Said:
    """What a model said."""

    def __init__(self, text: str) -> None:
        self.text = text


class Model:
    """Says what it is told to, or fails."""

    def __init__(self, says: str | None) -> None:
        self.says = says
        self.asked: list[Chat] = []

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Said:
        """As `Asker` says."""
        self.asked.append(chat)
        if self.says is None:
            raise UpstreamTimedOut("late")
        return Said(self.says)


async def query(model: Model, messages: list[dict[str, Any]]) -> str:
    return await Rewriting(model, "small").query(messages, WHOSE)


async def test_the_model_sees_the_turns_alone_and_its_question_is_the_query() -> None:
    model = Model(' "How long does a refund\nto a card take?" ')
    assert await query(model, TALK) == "How long does a refund to a card take?"
    (asked,) = model.asked
    assert asked.model == "small"
    shown = asked.messages[1]["content"]
    assert shown.startswith("user: I want a refund")
    assert "Secret" not in shown


async def test_a_single_turn_costs_no_model() -> None:
    model = Model("x")
    assert await query(model, [TALK[3]]) == "How long does it take?"
    assert model.asked == []


async def test_where_the_model_fails_or_says_nothing_the_rules_make_the_query() -> None:
    for says in (None, "  "):
        assert await query(Model(says), TALK) == "want refund card How long does it take?"
