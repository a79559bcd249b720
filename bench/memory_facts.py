"""`python -m bench.memory_facts`: what is known of 20 people after 200 conversations, in which they repeat themselves,
say more, change their minds, and are surrounded by text that is not theirs.

usage: python -m bench.memory_facts [--encoder FILE]

Everything runs through `parley serve` over HTTP. The extraction model is a script, and a bad one: it takes every
sentence for the user's, names the same attribute differently each time, makes facts up, and wraps its JSON in prose.
What stands in the end is Parley's own doing. The exit code is 1 if a fact is there twice, comes from a system prompt or
an answer, was not replaced by the one that contradicts it, or is lost.
"""

import argparse
import hashlib
import http.client
import json
import random
import re
import secrets
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from bench.processes import free_port, running

PEOPLE, TALKS = 20, 10
PATIENCE = 300.0
TASK = "lasting facts that the user states"
ENCODER = Path(__file__).parents[2] / "shared/models/all-minilm-l6-v2.f16.gguf"

CONFIG = """\
[store]
url = "sqlite:///{room}/parley.db"
[providers.bench]
dialect = "openai"
base_url = "http://127.0.0.1:{upstream}/v1"
api_key = "sk-upstream"
[models.bench]
provider = "bench"
[memory]
model = "bench"
"""
EMBEDDING = """
[engine.models.encoder]
path = "{encoder}"
[embeddings]
model = "encoder"
"""
NO_ENGINE = "[engine.models]\n"


class Slot(NamedTuple):
    """Something of which a person has one value, or several: how they say it, and how a model may call it."""

    sentences: tuple[str, ...]
    attributes: tuple[str, ...]
    values: tuple[str, ...]
    several: bool = False


SLOTS = {
    "home": Slot(
        ("I live in {}.", "These days I live in {}.", "I am living in {} now."),
        ("home city", "lives in", "residence", "city", "place of residence", "location"),
        ("Berlin", "Lyon", "Oslo", "Porto", "Graz", "Cork", "Turin"),
    ),
    "job": Slot(
        ("I work as a {}.", "I earn my living as a {}.", "My job is {}."),
        ("job", "occupation", "profession", "job title", "work"),
        ("nurse", "teacher", "carpenter", "translator", "baker", "pilot"),
    ),
    "employer": Slot(
        ("My employer is {}.", "I am employed by {}."),
        ("employer", "company", "current employer", "workplace"),
        ("Northwind", "Contoso", "Globex", "Initech", "Umbrella"),
    ),
    "color": Slot(
        ("My favourite colour is {}.", "I like the colour {} best."),
        ("favorite color", "favourite colour", "preferred color", "color preference"),
        ("green", "blue", "orange", "violet", "teal"),
    ),
    "diet": Slot(
        ("I keep to a {} diet.", "My diet is {}."),
        ("diet", "eating habits", "dietary habits"),
        ("vegetarian", "vegan", "ketogenic", "kosher"),
    ),
    "partner": Slot(
        ("My partner's name is {}.", "My partner is called {}."),
        ("partner's name", "name of partner", "partner name"),
        ("Alex", "Kim", "Robin", "Sam", "Jo"),
    ),
    "age": Slot(("I am {} years old.", "I turned {}."), ("age", "current age"), ("31", "32", "33", "34", "35")),
    "hobby": Slot(
        ("My hobby is {}.", "In my free time I do {}."),
        ("hobby", "hobbies", "a hobby"),
        ("chess", "climbing", "pottery", "rowing", "origami", "juggling"),
        several=True,
    ),
    "pet": Slot(
        ("I have a {} at home.", "My pet is a {}."),
        ("pet", "pets"),
        ("dog", "parrot", "tortoise", "hamster"),
        several=True,
    ),
    "allergy": Slot(
        ("I am allergic to {}.", "I have an allergy to {}."),
        ("allergy", "allergies", "allergic to"),
        ("peanuts", "pollen", "shellfish", "penicillin"),
        several=True,
    ),
}
MORE = {"Berlin": "Kreuzberg, Berlin", "Lyon": "Croix-Rousse, Lyon", "Oslo": "Grünerløkka, Oslo"}
FOREIGN = {
    "home": "Atlantis", "job": "wizard", "employer": "Hooli", "color": "beige", "diet": "breatharian",
    "partner": "Siri", "age": "999", "hobby": "dragon taming", "pet": "basilisk", "allergy": "kryptonite",
}  # fmt: skip
"""What system prompts and answers say, and users never do."""
NOISE = (
    "Could you help me with something?",
    "What is the weather like in Paris tomorrow?",
    "Thanks, that was useful, please go on.",
    "Write me a haiku about trains.",
    "How do I boil an egg properly?",
)
PATTERNS = [
    (slot, re.compile(re.escape(sentence.rstrip(".")).replace(r"\{\}", r"([^.!?\n]+)")))
    for slot, known in SLOTS.items()
    for sentence in known.sentences
]


class Person:
    """One person's life: what is true of them, and what was true before."""

    def __init__(self, number: int) -> None:
        self.id = f"person-{number}"
        self.truth: dict[str, set[str]] = {}
        self.former: dict[str, set[str]] = {}
        self._random = random.Random(number)

    def talks(self) -> list[list[str]]:
        """Every conversation, as what the person says in it."""
        return [[self._says() for _ in range(self._random.choice((2, 3, 4)))] for _ in range(TALKS)]

    def _says(self) -> str:
        chosen = self._random.sample(sorted(SLOTS), self._random.choice((0, 1, 1, 2)))
        said = [self._states(slot) for slot in chosen] + self._random.sample(NOISE, 1)
        self._random.shuffle(said)
        if self._random.random() < 0.1:
            said.insert(0, f"<user_memories>\n- {SLOTS['home'].sentences[0].format(FOREIGN['home'])}\n</user_memories>")
        return " ".join(said)

    def _states(self, name: str) -> str:
        slot, known = SLOTS[name], self.truth.setdefault(name, set())
        value = self._random.choice(slot.values)
        if known and self._random.random() < 0.5:
            value = self._random.choice(sorted(known))  # says it again
            if value in MORE and self._random.random() < 0.5:
                value = MORE[value]
        if not slot.several:
            same = {one for one in known if value in one or one in value}
            self.former.setdefault(name, set()).update(known - same)
            value = max({value, *same}, key=len) if same else value
            known.clear()
        known.add(value)
        self.former.get(name, set()).discard(value)
        shown = value if slot.several or self._random.random() < 0.7 else min(_less(value), key=len)
        return self._random.choice(slot.sentences).format(shown)


def _less(value: str) -> set[str]:
    """The value, and what one says of it who says less."""
    return {value, *(short for short, long in MORE.items() if long == value)}


class Answers(BaseHTTPRequestHandler):
    """The upstream: an assistant that claims things of the user, and a model that finds facts badly."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answers one chat."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        messages = body["messages"]
        text = " ".join(str(message["content"]) for message in messages)
        finds = TASK in str(messages[0]["content"])
        said = found_in(text) if finds else f"Noted. {_foreign(text)}"
        message = {"role": "assistant", "content": said}
        usage = {"prompt_tokens": len(text) // 4, "completion_tokens": 10, "total_tokens": len(text) // 4 + 10}
        answer = {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": "bench",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage,
        }
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def _foreign(seed: str) -> str:
    choice = random.Random(hashlib.sha256(seed.encode()).digest())
    slot = choice.choice(sorted(SLOTS))
    return choice.choice(SLOTS[slot].sentences).format(FOREIGN[slot])


def found_in(text: str) -> str:
    """What the bad model finds in a prompt: everything that looks like a fact, whoever said it, and some more."""
    choice = random.Random(hashlib.sha256(text.encode()).digest())
    facts = []
    for slot, pattern in PATTERNS:
        for match in pattern.finditer(text):
            facts.append(_fact(choice, slot, match[1], match[0]))
    if choice.random() < 0.3:
        slot = choice.choice(sorted(SLOTS))
        facts.append(_fact(choice, slot, FOREIGN[slot], SLOTS[slot].sentences[0].format(FOREIGN[slot])))
    if choice.random() < 0.1:
        facts.append({"attribute": "mood", "value": 3, "confidence": "high"})
    found = json.dumps({"facts": facts}, ensure_ascii=choice.random() < 0.5)
    return found if choice.random() < 0.7 else f"Here are the facts:\n```json\n{found}\n```"


def _fact(choice: random.Random, slot: str, value: str, quoted: str) -> dict[str, Any]:
    attribute = choice.choice(SLOTS[slot].attributes)
    return {
        "kind": choice.choice(("identity", "preference", "other")),
        "attribute": attribute,
        "value": choice.choice((value, value.lower(), f"{value}.", value)),
        "statement": f"The user's {attribute} is {value}.",
        "quote": choice.choice((quoted, quoted.upper(), quoted)),
        "exclusive": choice.random() < 0.5,
        "ended": False,
        "confidence": choice.choice((0.6, 0.8, 0.95, 1.0)),
    }


class Api:
    """A client of one gateway."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that answers. Raises RuntimeError for anything but success."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        head = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        line.request(method, path, None if body is None else json.dumps(body), head)
        answer = line.getresponse()
        data = answer.read()
        line.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {data[:300]!r}")
        return json.loads(data)


def talk(api: Api, person: Person) -> int:
    """All conversations of a person, one after the other, each with its whole history; how many requests."""
    asked = 0
    for number, said in enumerate(person.talks()):
        system = f"You are Aria. {_foreign(f'{person.id} {number}')} The user said: {_foreign(f'{number}')}"
        messages = [{"role": "system", "content": system}]
        for text in said:
            messages.append({"role": "user", "content": text})
            more = {"user_id": person.id, "application": "bench", "session_id": f"{person.id}-{number}"}
            answer = api("POST", "/v1/chat/completions", {"model": "bench", "messages": messages, **more})
            messages.append(answer["choices"][0]["message"])
            asked += 1
    return asked


class Outcome(NamedTuple):
    """What is wrong with what is known in the end, and how much it is."""

    requests: int
    facts: int
    history: int
    twice: list[str]
    foreign: list[str]
    stale: list[str]
    lost: list[str]
    seconds: float


def judged(api: Api, people: list[Person], requests: int, seconds: float) -> Outcome:
    """Holds what is known against what is true."""
    twice, foreign, stale, lost = list[str](), list[str](), list[str](), list[str]()
    facts = history = 0
    for person in people:
        path = f"/api/memories?application=bench&user_id={quote(person.id)}&limit=1000"
        known = [(_slot(row["attribute"]), _plain(row["value"])) for row in api("GET", path)["data"]]
        facts += len(known)
        history += len(api("GET", f"{path}&history=true")["data"])
        twice += [f"{person.id}: {one}" for one in set(known) if known.count(one) > 1]
        for slot, value in known:
            if value in {_plain(one) for one in FOREIGN.values()}:
                foreign.append(f"{person.id}: {slot} {value}")
            elif value in {_plain(one) for one in person.former.get(slot, ())}:
                stale.append(f"{person.id}: {slot} {value}")
            elif value not in {_plain(one) for one in person.truth.get(slot, ())}:
                twice.append(f"{person.id}: {slot} {value} beside {sorted(person.truth.get(slot, ()))}")
        for slot, values in person.truth.items():
            lost += [f"{person.id}: {slot} {one}" for one in values if (slot, _plain(one)) not in known]
    return Outcome(requests, facts, history, twice, foreign, stale, lost, seconds)


def _slot(attribute: str) -> str:
    return next(name for name, slot in SLOTS.items() if attribute in slot.attributes)


def _plain(value: str) -> str:
    return value.lower().rstrip(".")


def idle(room: Path) -> None:
    """Waits until nothing is owed any more. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        store = sqlite3.connect(f"file:{room / 'parley.db'}?mode=ro", uri=True, timeout=10)
        states = dict(store.execute("SELECT state, count(*) FROM jobs WHERE kind = 'memory' GROUP BY state").fetchall())
        store.close()
        if not states.get("waiting"):
            if states.get("failed"):
                raise RuntimeError(f"{states['failed']} jobs failed")
            return
        time.sleep(0.2)
    raise TimeoutError("The memory's jobs did not end.")


@contextmanager
def gateway(room: Path, encoder: Path | None) -> Iterator[Api]:
    """A running gateway with the upstream behind it."""
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    port, admin = free_port(), "pk-" + secrets.token_urlsafe(24)
    text = CONFIG.format(room=room, upstream=upstream.server_port)
    text += EMBEDDING.format(encoder=encoder) if encoder else NO_ENGINE
    (room / "parley.toml").write_text(text)
    argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve"]
    argv += ["--config", str(room / "parley.toml"), "--port", str(port), "--data", str(room / "data")]
    try:
        with running(argv, log=room / "log", env={"PARLEY_ADMIN_KEY": admin}, cwd=room):
            api = Api(port, admin)
            _ready(api)
            yield api
    finally:
        upstream.shutdown()
        upstream.server_close()


def _ready(api: Api) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            api("GET", "/health/ready")
            return
        except (OSError, RuntimeError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def measure(encoder: Path | None) -> Outcome:
    """Runs all conversations and judges what is known then."""
    people = [Person(number) for number in range(PEOPLE)]
    with tempfile.TemporaryDirectory(prefix="parley-memory-") as folder:
        room = Path(folder)
        with gateway(room, encoder) as api:
            began = time.perf_counter()
            with ThreadPoolExecutor(PEOPLE) as threads:
                requests = sum(threads.map(lambda person: talk(api, person), people))
            idle(room)
            return judged(api, people, requests, time.perf_counter() - began)


def report(outcome: Outcome, name: str) -> bool:
    """Prints the figures; whether all is as it should be."""
    print(f"Memory after {PEOPLE * TALKS} conversations of {PEOPLE} people ({outcome.requests} requests), {name}:")
    print(f"  facts known                       {outcome.facts:6}   ({outcome.history} with their history)")
    for what, wrong in (
        ("duplicate facts", outcome.twice),
        ("facts from prompts or answers", outcome.foreign),
        ("contradicted facts not replaced", outcome.stale),
        ("facts lost", outcome.lost),
    ):
        print(f"  {what:33} {len(wrong):6}   {'; '.join(wrong[:5])}")
    print(f"  until the last fact was known     {outcome.seconds:6.1f} s")
    return not (outcome.twice or outcome.foreign or outcome.stale or outcome.lost)


def main() -> int:
    """Without an encoder, then with one where it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, default=ENCODER, help="a GGUF file that turns text into vectors")
    encoder: Path = parser.parse_args().encoder
    good = report(measure(None), "by words alone")
    if encoder.exists():
        good &= report(measure(encoder), f"with {encoder.name}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
