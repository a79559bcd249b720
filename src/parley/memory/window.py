"""Cuts a conversation to what a model gets to see: the system message stays, and no tool call loses its results."""

from collections.abc import Iterable

from parley.core.asks import Message
from parley.core.tokens import message_tokens

STAYS = ("system", "developer")


def last_k(messages: list[Message], k: int) -> list[Message]:
    """The last `k` messages and every system message; a tool call that would lose its results, or they it, stays."""
    spoken = [place for place, message in enumerate(messages) if message.get("role") not in STAYS]
    if len(spoken) <= k:
        return messages
    return _from(messages, _whole(messages, spoken[-k]))


def token_budget(messages: list[Message], most: int) -> list[Message]:
    """The newest messages that, with every system message, hold at most `most` tokens; the last one always stays."""
    used = sum(message_tokens(message) for message in messages if message.get("role") in STAYS)
    first = len(messages)
    for block in reversed(blocks(messages)):
        used += sum(message_tokens(messages[place]) for place in block)
        if used > most and first < len(messages):
            break
        first = block[0]
    return _from(messages, first)


def split(messages: list[Message], keep: int) -> tuple[list[Message], list[Message], list[Message]]:
    """The system messages, what is older than the last `keep` messages, and those; no tool call is torn."""
    standing = [message for message in messages if message.get("role") in STAYS]
    spoken = [message for message in messages if message.get("role") not in STAYS]
    if len(spoken) <= keep:
        return standing, [], spoken
    first = _whole(spoken, len(spoken) - keep)
    return standing, spoken[:first], spoken[first:]


def blocks(messages: list[Message]) -> list[list[int]]:
    """The places of what was spoken, in pieces that only go together: a tool call and what its tools answered."""
    found: list[list[int]] = []
    for place, message in enumerate(messages):
        role = message.get("role")
        if role in STAYS:
            continue
        if role == "tool" and found:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def closed(messages: Iterable[Message]) -> list[Message]:
    """The messages without tool calls that nobody answered: an upstream refuses a history that has them."""
    kept: list[Message] = []
    listed = list(messages)
    answered = {message.get("tool_call_id") for message in listed if message.get("role") == "tool"}
    for message in listed:
        calls = message.get("tool_calls")
        if calls and not all(call.get("id") in answered for call in calls):
            message = {name: value for name, value in message.items() if name != "tool_calls"}
            if not message.get("content"):
                message = {**message, "content": "(I called a tool, and its result was not given.)"}
        kept.append(message)
    return kept


def _whole(messages: list[Message], first: int) -> int:
    """`first`, or the beginning of the piece that it would tear."""
    return next(block[0] for block in blocks(messages) if first in block)


def _from(messages: list[Message], first: int) -> list[Message]:
    return [m for place, m in enumerate(messages) if place >= first or m.get("role") in STAYS]
