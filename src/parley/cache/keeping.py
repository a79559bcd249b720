"""Which questions may be answered from the cache, and which answers may be given again."""

from parley.cache.wish import Wish
from parley.core.asks import Ask, Embed
from parley.core.reply import Choice, Reply

FAULTY = frozenset({"FAULT", "ERROR", "PENDING"})


def answerable(ask: Ask, wish: Wish) -> bool:
    """Whether a request may be answered from the cache: not one that wants several answers, or chance to decide."""
    if isinstance(ask, Embed) or (ask.n or 1) > 1 or (getattr(ask, "best_of", None) or 1) > 1:
        return False
    return ask.temperature is None or ask.temperature <= wish.max_temperature


def keepable(reply: Reply, wish: Wish) -> bool:
    """Whether an answer may be given again: it is whole, nothing was wrong with it, and it moved nobody to act."""
    if not reply.choices or not all(_whole(choice, wish) for choice in reply.choices):
        return False
    verdict = (reply.notes or {}).get("evaluation")
    return not (isinstance(verdict, dict) and verdict.get("status") in FAULTY)


def _whole(choice: Choice, wish: Wish) -> bool:
    if choice.refusal is not None or choice.corrected:
        return False
    if choice.tools:
        return wish.tool_calls and choice.finish in ("tool_calls", "stop", "function_call")
    return choice.finish == "stop" and bool(choice.text)
