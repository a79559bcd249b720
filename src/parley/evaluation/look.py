"""One look at an answer: the subject with what several checks need of it, worked out once and only when needed."""

from functools import cached_property

import msgspec

from parley.core.asks import Json, Message
from parley.evaluation.languages import Guess, guess
from parley.evaluation.subject import Subject

NOT_JSON = object()
"""What `Look.json` is where the text is no JSON."""


class Look:
    """A subject under examination; lives as long as one call of `Panel.fast`.

    `calls`: the arguments of tool calls are looked at like text that follows the answer's.
    """

    def __init__(self, subject: Subject, *, calls: bool = False) -> None:
        self.subject = subject
        self.text = "\n".join([subject.text, *(c.arguments for c in subject.tools)]) if calls else subject.text

    @cached_property
    def folded(self) -> str:
        """The text without differences of case."""
        return self.text.casefold()

    @cached_property
    def digits(self) -> int:
        """How many digits there are."""
        raw = self.text.encode("utf-8", "replace")
        return len(raw) - len(raw.translate(None, b"0123456789"))

    @cached_property
    def words(self) -> int:
        """How many words there are; in scripts without spaces each character of theirs counts as one."""
        spaced = len(self.text.split())
        return spaced if self.text.isascii() else spaced + sum(1 for c in self.text if unspaced(c))

    @cached_property
    def json(self) -> Json:
        """The text read as JSON, or NOT_JSON; `trouble` says why."""
        try:
            return msgspec.json.decode(self.text.encode())
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            self.trouble = str(error).removeprefix("JSON is malformed: ") or "it is nested too deeply"
            return NOT_JSON

    trouble = ""

    @cached_property
    def language(self) -> Guess:
        """What language the text is in."""
        return guess(self.text)

    @cached_property
    def asked(self) -> str:
        """The texts of all messages that the model did not write itself."""
        said = self.subject.messages
        return "\n".join([content_text(message) for message in said if message.get("role") != "assistant"])


def content_text(message: Message) -> str:
    """The text of a message: its content, or the text parts of it."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    found = [part.get("text") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in found if isinstance(text, str))


def unspaced(c: str) -> bool:
    """Whether a character belongs to a script that writes no spaces between words: Han, Kana, Thai, Lao, Khmer."""
    return (
        "\u0e00" <= c <= "\u0eff" or "\u1780" <= c <= "\u17ff" or "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff"
    )
