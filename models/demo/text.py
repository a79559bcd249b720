"""The demo model's text: patterns expanded into questions, roughened as people type them, with chats around them."""

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SYSTEMS = (
    "You are a helpful assistant.", "You are a helpful, honest assistant. Answer briefly.", "Be concise.",
    "You are a support agent of a shop.", "Answer politely.", "You are Parley.", "Speak like a pirate.",
    "Today is Monday.", "You answer questions about our product.", "Reply in JSON.", "You are an expert programmer.",
)  # fmt: skip
PREFIXES = (
    "please tell me, ", "hey, ", "hi, ", "hello, ", "question: ", "excuse me, ", "so, ", "ok, ", "and ", "please: ",
    "tell me: ", "can you tell me ", "i wonder, ", "quick question: ", "well, ", "sorry, ", "please, ", "now, ",
)  # fmt: skip
SUFFIXES = (" please", ", please", " thanks", ", thank you", " in short", " briefly", " exactly", " then", " now")
CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
OPTIONAL = re.compile(r"([\w ])\?(?=[\w ])")


@dataclass(frozen=True)
class Topic:
    """One thing to know: its answer, the patterns of its questions, and wordings kept for the test."""

    name: str
    answer: str
    ask: list[str]
    held: list[str]
    weight: float = 1.0  # how often it is asked
    phrases: tuple[tuple[str, list[str]], ...] = ()  # pairs of a word of the frames and what may stand for it


@dataclass(frozen=True)
class Text:
    """All topics, the answer to everything else, and the words that fill its patterns."""

    topics: list[Topic]
    elsewhere: Topic
    things: list[str]
    people: list[str]
    frames: dict[str, list[str]]


def read() -> Text:
    """Read the three TOML files."""
    rows = tomllib.loads((HERE / "topics.toml").read_text())["topic"]
    other = tomllib.loads((HERE / "elsewhere.toml").read_text())
    words = tomllib.loads((HERE / "phrases.toml").read_text())
    rows.append({"name": "elsewhere", **{key: other[key] for key in ("answer", "ask", "held")}})
    *topics, elsewhere = (
        Topic(**row, phrases=tuple((key.upper(), given) for key, given in words.get(row["name"], {}).items()))
        for row in rows
    )
    frames = {"DO": words["do_frames"], "ABOUT": words["about_frames"]}
    return Text(topics, elsewhere, other["things"], other["people"], frames)


def expand(pattern: str, text: Text, rng: random.Random) -> str:
    """One question of a pattern: alternatives chosen, optional letters decided, names filled in."""
    while found := CHOICE.search(pattern):
        pattern = pattern[: found.start()] + rng.choice(found.group(1).split("|")) + pattern[found.end() :]
    pattern = OPTIONAL.sub(lambda m: m.group(1) if rng.random() < 0.5 else "", pattern)
    fillers = {
        "THING": lambda: rng.choice(text.things),
        "PERSON": lambda: rng.choice(text.people),
        "NUMBER": lambda: str(rng.choice((rng.randrange(13), rng.randrange(130), rng.randrange(3000)))),
        "GIBBERISH": lambda: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(3, 9))),
    }
    for word, fill in fillers.items():
        pattern = re.sub(word, lambda _, fill=fill: fill(), pattern)
    return re.sub(r" +", " ", pattern.replace("\\", "")).strip()


def typo(question: str, rng: random.Random) -> str:
    """The question with one letter swapped, lost or doubled."""
    if len(question) < 6:
        return question
    at = rng.randrange(1, len(question) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question[:at] + question[at + 1 :] if kind == 1 else question[:at] + question[at] + question[at:]


def roughen(question: str, rng: random.Random) -> str:
    """The question as someone may type it: case, punctuation, courtesy, slips of the finger."""
    if rng.random() < 0.2:
        question = rng.choice(PREFIXES) + question
    if rng.random() < 0.1:
        question += rng.choice(SUFFIXES)
    for _ in range(rng.choice((0, 0, 0, 0, 0, 1, 1, 2))):
        question = typo(question, rng)
    question = question.replace("parley", rng.choice(("parley", "Parley", "Parley")))
    case = rng.random()
    if case < 0.55:
        question = question[:1].upper() + question[1:]
    elif case < 0.6:
        question = question.upper()
    return question + rng.choice(("?", "?", "?", "", "", ".", "!", " ?", "??", "\n"))


def question_of(topic: Topic, text: Text, rng: random.Random) -> str:
    """A roughened question of a topic: one of its own patterns, or a frame around one of its phrases."""
    if not topic.phrases or rng.random() < 0.5:
        return roughen(expand(rng.choice(topic.ask), text, rng), rng)
    word, phrases = rng.choice(topic.phrases)
    frame = rng.choice(text.frames[word]).replace(word, rng.choice(phrases))
    return roughen(expand(frame, text, rng), rng)


def chat(text: Text, rng: random.Random) -> tuple[list[dict[str, str]], str]:
    """Messages that end with a question, and the right answer."""
    messages = []
    if rng.random() < 0.2:
        messages.append({"role": "system", "content": rng.choice(SYSTEMS)})
    for _ in range(rng.choice((0,) * 10 + (1,))):
        earlier = rng.choice([*text.topics, text.elsewhere])
        messages.append({"role": "user", "content": question_of(earlier, text, rng)})
        messages.append({"role": "assistant", "content": earlier.answer})
    topic = (
        text.elsewhere if rng.random() < 0.35 else rng.choices(text.topics, [topic.weight for topic in text.topics])[0]
    )
    messages.append({"role": "user", "content": question_of(topic, text, rng)})
    return messages, topic.answer
