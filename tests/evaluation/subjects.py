"""Subjects and panels for the tests of the evaluation room."""

from parley.core.asks import Chat
from parley.evaluation.panel import Panel
from parley.evaluation.sentinel import read_sentinels
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Verdict


def subject(text="", *, asked="Can I have my money back?", context="", finish="stop", tools=(), refusal=None, **chat):
    """A subject whose conversation is one question; `chat` are further fields of the ask."""
    messages = chat.pop("messages", [{"role": "user", "content": asked}])
    return Subject(
        id="req_1",
        chat=Chat(model="m", messages=messages, **chat),
        text=text,
        context=context,
        finish=finish,
        tools=tuple(tools),
        refusal=refusal,
        model="m",
    )


def panel(*raw, judge=None):
    """A panel of sentinels; those without a name are called after their place."""
    named = [{"name": f"s{place}", **one} for place, one in enumerate(raw)]
    return Panel(read_sentinels(named), judge)


def judged(raw, text="", **about) -> Verdict:
    """What one sentinel says of a text."""
    return panel(raw).fast(subject(text, **about))[0]


def mended(raw, text="", **about):
    """The text that is left when one sentinel's fault is put right without a model; None where it can not be."""
    jury, about_it = panel(raw), subject(text, **about)
    found = jury.mend(about_it, jury.fast(about_it))
    return None if found is None else found.text
