"""A judge that answers from a script, for the tests of the kind llm."""

import asyncio

import msgspec

from parley.core.asks import Chat
from parley.core.reply import Choice, Reply, Usage


class Came:
    """What came of a question."""

    def __init__(self, reply: Reply, model: str, cost_usd: float | None = 0.001) -> None:
        self.reply = reply
        self.model = model
        self.cost_usd = cost_usd


class ScriptedJudge:
    """Answers each question with what `answer` (a text, a Choice, an exception, or a function of the chat) says."""

    def __init__(self, answer, wait: float = 0.0) -> None:
        self.answer = answer
        self.wait = wait
        self.asked: list[Chat] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, chat: Chat, purpose: str, deadline: float) -> Came:
        assert purpose == "judge"
        self.asked.append(chat)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.wait)
        finally:
            self.at_once -= 1
        said = self.answer(chat) if callable(self.answer) else self.answer
        if isinstance(said, Exception):
            raise said
        choice = said if isinstance(said, Choice) else Choice(text=said, finish="stop")
        usage = Usage(prompt_tokens=100, completion_tokens=10)
        return Came(Reply(id="r", model=chat.model, created=0, choices=(choice,), usage=usage), chat.model)


def verdict(status="PASS", *, sentinel="s0", why="Because.", confidence=90, correction=None) -> str:
    """A judge's answer as it should be."""
    said = {"sentinel": sentinel, "explanation": why, "verdict": status, "confidence": confidence}
    return msgspec.json.encode({**said, "correction": correction}).decode()
