"""The query of a conversation: its last user turn, made to stand alone by rule where it leans on others."""

import re
from collections.abc import Iterator, Sequence

from parley.context.terms import STOP_WORDS, fold, stem
from parley.core.asks import Message

POINTS_BACK = re.compile(
    r"\b(it|its|they|them|their|theirs|this|that|these|those|he|him|his|she|her|hers|one|ones|there|then|same|former|"
    r"latter|above|previous|other|another|else|instead|both|neither|either)\b",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"^\W*(and|or|but|so|also|what about|how about|what if|why|how come|else|only|then)\b", re.IGNORECASE
)
WORD = re.compile(r"[^\W_][\w.\-/]*", re.UNICODE)
ALONE = 3
"""Content words with which a turn that points nowhere stands alone."""
BORROWED = 12
"""Content words taken over from earlier turns."""
TURNS = 3
"""Earlier turns of the user that are looked at."""
LONGEST = 2000
"""Characters of a query."""


def query_of(messages: Sequence[Message]) -> str:
    """What the conversation asks for; "" where no user said anything."""
    turns = [text for message in messages if message.get("role") == "user" and (text := text_of(message)).strip()]
    if not turns:
        return ""
    last = turns[-1].strip()
    if not leans(last):
        return last[-LONGEST:]
    known = {stem(fold(word)) for word in WORD.findall(last)}
    borrowed: list[str] = []
    for turn in reversed(turns[-1 - TURNS : -1]):
        words = [word for word in content(turn) if stem(fold(word)) not in known]
        known |= {stem(fold(word)) for word in words}
        borrowed = words + borrowed
        if borrowed and not leans(turn):
            break
    return " ".join([*borrowed[-BORROWED:], last])[-LONGEST:]


def leans(turn: str) -> bool:
    """Whether a turn is not to be understood without the ones before it."""
    if GOES_ON.search(turn):
        return True
    words = list(content(turn))
    return len(words) < ALONE or (len(words) < 4 * ALONE and POINTS_BACK.search(turn) is not None)


def content(turn: str) -> Iterator[str]:
    """The words of a turn that say what it is about, as they stand, each once."""
    seen = set()
    for word in WORD.findall(turn):
        plain = fold(word.strip(".-/"))
        if plain and plain not in STOP_WORDS and plain not in seen and not POINTS_BACK.fullmatch(plain):
            seen.add(plain)
            yield word.strip(".-/")


def text_of(message: Message) -> str:
    """The text of a message, whose content is a text or a list of parts."""
    found = message.get("content")
    if isinstance(found, list):
        parts = (part.get("text") for part in found if isinstance(part, dict) and part.get("type") == "text")
        return "\n".join(part for part in parts if isinstance(part, str))
    return found if isinstance(found, str) else ""
