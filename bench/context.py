"""`python -m bench.context`: finds the answers in the project's own docs, and times a search of 10,000 chunks.

usage: python -m bench.context [--chunks N] [--encoder FILE] [--misses]

Both run against `parley serve` over HTTP. Questions stand in `questions.tsv`, each with its document and words of the
passage that answers it; the documents come by PUT, as anybody's would.
"""

import argparse
import asyncio
import http.client
import json
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
from msgspec import structs

from bench.processes import free_port, running, tail
from parley.context.terms import pack
from parley.core.documents import READY, RECEIVING, Chunk, Document
from parley.core.enclosures import DocumentVectors
from parley.store import open_store

ROOT = Path(__file__).parents[1]
ENCODER = ROOT.parent / "shared/models/all-minilm-l6-v2.f16.gguf"
QUESTIONS = Path(__file__).with_name("questions.tsv")
OFF_TOPIC = (
    "How long does an egg have to boil?",
    "Who painted the ceiling of the Sistine Chapel?",
    "What is the capital of Mongolia?",
    "How do I prune an apple tree in winter?",
    "When does the next train to Basel leave?",
    "Which vitamins are in spinach?",
    "How far away is the moon?",
    "Who won the football championship in 1974?",
    "How do I knit a sock with five needles?",
    "What is the difference between a viola and a violin?",
    "How many calories does a banana have?",
    "What time does the museum open on Sundays?",
    "Can I bring my dog on the plane?",
    "Who wrote War and Peace?",
    "How do I get red wine out of a carpet?",
    "What is the best way to learn Spanish?",
    "Which muscles does swimming train?",
    "How tall is Mount Everest?",
    "When was the Berlin Wall built?",
    "How do I change a bicycle tire?",
    "Is it going to rain tomorrow?",
    "What should I cook for dinner tonight?",
    "How do bees make honey?",
    "Which planet has the most moons?",
    "Who invented the telephone?",
    "How do I fold a paper crane?",
    "What is a good name for a cat?",
    "How much does a new kitchen cost?",
    "Why is the sky blue?",
    "Write a poem about autumn leaves.",
    "Tell me a joke about lawyers.",
    "Translate good morning into Portuguese.",
    "How do I lose five kilos in a month?",
    "My back hurts after sleeping, what can I do?",
    "Which bus goes to the airport?",
)
PER_DOCUMENT = 200
WIDTH = 384
PATIENCE = 600.0
DEFAULTS: dict[str, Any] = {}
EVERYTHING = {"threshold": 0, "max_tokens": 100_000, "parts": 5}


class Question(NamedTuple):
    """What is asked, and where the answer stands: words of a passage, by document."""

    text: str
    answers: list[tuple[str, str]]

    def answered_by(self, reference: str, text: str) -> bool:
        """Whether a passage holds the answer."""
        return any(reference == document and words in text for document, words in self.answers)


class Gateway:
    """A running gateway."""

    def __init__(self, port: int, key: str) -> None:
        self._headers = {"authorization": f"Bearer {key}"}
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __call__(self, method: str, path: str, body: bytes | dict[str, Any] | None = None) -> Any:
        """The JSON of an answer. Raises RuntimeError for any that is not a 200."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        self._line.request(method, path, data, self._headers)
        answer = self._line.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:300]!r}")
        return json.loads(said)

    def find(self, application: str, query: str, bounds: dict[str, Any]) -> list[Any]:
        """What applies to a query."""
        body = {"application": application, "query": query, **bounds}
        found: list[Any] = self("POST", "/api/documents/search", body)["data"]
        return found


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.context", description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, default=10_000, help="chunks that the timed search goes through (10000)")
    parser.add_argument("--encoder", type=Path, default=ENCODER, help="a GGUF file of an encoder")
    parser.add_argument("--speed", action="store_true", help="time the search alone")
    parser.add_argument("--misses", action="store_true", help="print the questions whose answer was not found")
    asked = parser.parse_args()
    questions = read_questions()
    encoder = asked.encoder if asked.encoder.exists() else None
    if encoder is None:
        print(f"There is no encoder at {asked.encoder}: words alone.\n")
    if not asked.speed:
        find_answers(questions, encoder, asked.misses)
    with tempfile.TemporaryDirectory() as room:
        asyncio.run(fill(Path(room), asked.chunks))
        with gateway(Path(room), encoder) as parley:
            speed(parley, asked.chunks, questions, encoder is not None)
    return 0


def find_answers(questions: Sequence[Question], encoder: Path | None, misses: bool) -> None:
    """Prints how often the answer is found, by words alone and with vectors."""
    print("| over docs/ | recall@5 | given to a call by default | off-topic questions left alone |")
    print("|---|---|---|---|")
    for name, model in (("BM25 alone", None), ("BM25 and vectors", encoder)):
        if name == "BM25 alone" or model is not None:
            with tempfile.TemporaryDirectory() as room, gateway(Path(room), model) as parley:
                recall(name, parley, questions, misses)


def read_questions() -> list[Question]:
    """The questions. Raises ValueError where the words of one are no longer in its document."""
    lines = QUESTIONS.read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    questions = [Question(text, list(zip(where[::2], where[1::2], strict=True))) for text, *where in rows]
    for document, words in (answer for one in questions for answer in one.answers):
        if words not in (ROOT / document).read_text():
            raise ValueError(f"{document} has no words {words!r}: mend {QUESTIONS.name}.")
    return questions


@contextmanager
def gateway(room: Path, encoder: Path | None) -> Iterator[Gateway]:
    """`parley serve` with an encoder or without, on a data directory in `room`."""
    port, admin = free_port(), "pk-" + secrets.token_urlsafe(24)
    engine = f'[engine.models.encoder]\npath = "{encoder}"\n[embeddings]\nmodel = "encoder"\n'
    (room / "parley.toml").write_text(engine if encoder else "[engine.models]\n")
    argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve", "--config", "parley.toml"]
    argv += ["--port", str(port), "--data", "data"]
    with running(argv, log=room / "log", env={"PARLEY_ADMIN_KEY": admin}, cwd=room):
        until = time.monotonic() + 60
        while "ready on" not in tail(room / "log"):
            if time.monotonic() > until:
                raise RuntimeError(tail(room / "log"))
            time.sleep(0.05)
        yield Gateway(port, admin)


def recall(name: str, parley: Gateway, questions: Sequence[Question], misses: bool) -> None:
    """Prints one row: how often the passage with the answer is among the first five."""
    bring(parley)
    hits = given = 0
    for one in questions:
        found = parley.find("docs", one.text, EVERYTHING)
        hit = any(one.answered_by(part["reference"], part["text"]) for part in found)
        hits += hit
        parts = parley.find("docs", one.text, DEFAULTS)
        given += any(one.answered_by(part["reference"], part["text"]) for part in parts)
        if misses and not hit:
            print(f"    {one.text} {one.answers}", file=sys.stderr)
    alone = sum(not parley.find("docs", text, DEFAULTS) for text in OFF_TOPIC)
    total = len(questions)
    print(
        f"| {name} | {hits / total:.3f} ({hits} of {total}) | {given / total:.3f} | {alone} of {len(OFF_TOPIC)} |",
        flush=True,
    )


def bring(parley: Gateway) -> None:
    """Brings every page of docs/, and waits until all are indexed."""
    for page in sorted(ROOT.glob("docs/**/*.md")):
        reference = page.relative_to(ROOT).as_posix()
        parley("PUT", f"/api/documents/{quote(reference)}?application=docs&type=markdown", page.read_bytes())
    until = time.monotonic() + PATIENCE
    while any(one["status"] != "ready" for one in parley("GET", "/api/documents?application=docs&limit=500")["data"]):
        if time.monotonic() > until:
            raise RuntimeError("The documents were not indexed in time.")
        time.sleep(0.2)


async def fill(room: Path, chunks: int) -> None:
    """Writes so many chunks of shuffled words of the docs, with vectors in random directions, into the store."""
    random_words, directions = random.Random(7), np.random.default_rng(7)
    words = " ".join(page.read_text() for page in sorted(ROOT.glob("docs/**/*.md"))).split()
    (room / "data").mkdir()
    store = await open_store(None, room / "data")
    for first in range(0, chunks, PER_DOCUMENT):
        count = min(PER_DOCUMENT, chunks - first)
        document = a_document(first // PER_DOCUMENT, count)
        await store.documents.receive(document, [])
        await store.documents.add(document.id, [a_chunk(n, random_words.choices(words, k=120)) for n in range(count)])
        await store.documents.accept(structs.replace(document, state=READY), [], chunks + 1)
        data = directions.standard_normal((count, WIDTH)).astype("<f2").tobytes()
        vectors = DocumentVectors(document=document.id, embedder="encoder", first=0, count=count, data=data)
        await store.documents.owe([vectors])
        await store.documents.finish(document, "encoder", [])
    await store.close()


def a_document(n: int, chunks: int) -> Document:
    """The n-th document of the filling."""
    return Document(
        id=f"doc_{n:06}",
        account="default",
        application="many",
        reference=f"filling/{n}",
        created=time.time(),
        type="text",
        size=0,
        digest="",
        chunks=chunks,
        state=RECEIVING,
    )


def a_chunk(number: int, words: Sequence[str]) -> Chunk:
    """A chunk of these words."""
    text = " ".join(words)
    terms, length = pack(text)
    return Chunk(number=number, path=(), text=text, terms=terms, length=length)


def speed(parley: Gateway, chunks: int, questions: Sequence[Question], embeds: bool) -> None:
    """Prints how long a search takes over HTTP: the first time a query is seen, and again with its vector known."""
    began = time.perf_counter()
    parley.find("many", "warm up", DEFAULTS)
    loaded = time.perf_counter() - began
    print(f"\nIndex of {chunks:,} chunks loaded from the store in {loaded:.2f} s, at the first search.\n")
    print("| one search over HTTP | p50 ms | p99 ms |")
    print("|---|---|---|")
    rows = (("with the embedding of its query", 1), ("with a query that was embedded before", 3))
    for name, rounds in rows if embeds else (("by words", 3),):
        took = sorted(_timed(parley, one.text) for _ in range(rounds) for one in questions)
        print(f"| {name} | {statistics.median(took):.1f} | {took[int(len(took) * 0.99)]:.1f} |")


def _timed(parley: Gateway, query: str) -> float:
    began = time.perf_counter()
    parley.find("many", query, DEFAULTS)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
