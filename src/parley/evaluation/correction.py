"""What a model is asked when an answer is at fault: the same question again, its answer, and what is wrong with it."""

from typing import Any

import msgspec
from msgspec import structs

from parley.core.asks import Chat, Message
from parley.evaluation.sentinel import Sentinel
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Verdict, faults

MOST_SUGGESTED = 20_000
"""Characters of a judge's suggestion that are passed on."""

AGAIN = """\
Your last answer can not be delivered, because it does not meet what is expected of it:
{faults}
{calls}Answer the request again, whole, so that all of this is put right. Keep everything else: the meaning, the \
language, the format{tools}. Reply with the new answer alone; do not apologise for or mention the last one, these \
expectations or this message."""

ON = """\
Your last message is the beginning of your answer, and it has been delivered. What you were about to say next does not \
meet what is expected of the answer:
{faults}
Go on where your last message ends, so that the whole reads as one answer and meets this. Reply with the continuation \
alone: do not repeat what was delivered, do not apologise for or mention these expectations or this message."""


def again(subject: Subject, verdicts: tuple[Verdict, ...], sentinels: dict[str, Sentinel]) -> Chat:
    """Asks for the whole answer once more."""
    calls = [{"name": call.name, "arguments": call.arguments} for call in subject.tools]
    made = f"The tool calls that you made: {msgspec.json.encode(calls).decode()}\n" if calls else ""
    words = AGAIN.format(
        faults=_listed(verdicts, sentinels), calls=made, tools=" and the tool calls" if subject.chat.tools else ""
    )
    return _chat(subject, subject.text, words)


def onward(subject: Subject, sent: str, verdicts: tuple[Verdict, ...], sentinels: dict[str, Sentinel]) -> Chat:
    """Asks for what follows `sent`; with nothing sent, for the whole answer."""
    if not sent.strip():
        return again(subject, verdicts, sentinels)
    return _chat(subject, sent, ON.format(faults=_listed(verdicts, sentinels)))


def _chat(subject: Subject, said: str, words: str) -> Chat:
    """The ask with the answer and the request for a better one at its end, and all of Parley's own parts left out."""
    answered: list[Message] = [{"role": "assistant", "content": said}] if said.strip() else []
    changes: dict[str, Any] = {
        "messages": [*subject.messages, *answered, {"role": "user", "content": words}],
        "model": subject.model or subject.chat.model,
        "n": None,
        "stream": None,
        "stream_options": None,
        "evaluation_enabled": False,
        "apply_corrections": None,
        "safe_mode": None,
        "assistant": None,
        "context_retrieval_enabled": None,
        "context_query": None,
        "memory_strategy": None,
        "instructions": None,
        "callback": None,
    }
    return structs.replace(subject.chat, **changes)


def _listed(verdicts: tuple[Verdict, ...], sentinels: dict[str, Sentinel]) -> str:
    return "\n".join(f"{number}. {_told(v, sentinels.get(v.sentinel))}" for number, v in enumerate(faults(verdicts), 1))


def _told(verdict: Verdict, sentinel: Sentinel | None) -> str:
    """A fault in words: what was found, what is expected, how it is to be put right, what the judge suggests."""
    parts = [verdict.description]
    if sentinel is not None and sentinel.directive:
        parts.insert(0, f"Expected: {sentinel.directive}\n   Found:")
    if sentinel is not None and sentinel.correction:
        parts.append(f"\n   How to correct it: {sentinel.correction}")
    elif verdict.correction:
        parts.append(f"\n   It could have been: {verdict.correction[:MOST_SUGGESTED]}")
    return " ".join(parts)
