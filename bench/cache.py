"""`python -m bench.cache`: what the cache answers wrongly, what it finds, and how fast.

usage: python -m bench.cache [--encoder FILE] [--misses] [--quick]

The labelled pairs stand in `pairs/`, a file a kind: which half, whether both have the same answer, and the two
questions. A pair is found where its cosine reaches the floor and the gate lets it through: the same code as in a
gateway. The times are those of `parley serve` over one connection.
"""

import argparse
import http.client
import json
import secrets
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.processes import free_port, running, tail
from parley.cache.meaning.gate import differs
from parley.cache.scope import FLOOR, STORED, normal

ROOT = Path(__file__).parents[1]
ENCODER = ROOT.parent / "shared/models/all-minilm-l6-v2.f16.gguf"
PAIRS = Path(__file__).with_name("pairs")
PATIENCE = 60.0
ENTRIES = 10_000
QUESTION = "How do I reset my password?"
CONFIG = """\
[store]
url = "sqlite:///{room}/parley.db"

[engine.models]
{engine}
[providers.bench]
dialect = "openai"
base_url = "http://127.0.0.1:{upstream}/v1"
api_key = "sk-upstream"

[models.bench]
provider = "bench"

[applications.exact.defaults]
cache = {{ mode = "simple" }}

[applications.semantic.defaults]
cache = {{ mode = "semantic" }}
"""
EMBEDDER = """\
encoder = {{ path = "{encoder}" }}
[embeddings]
model = "encoder"
"""


class Pair(NamedTuple):
    """Two questions; `same`: one answer fits both."""

    kind: str
    half: str
    same: bool
    one: str
    other: str


class Client:
    """One kept-alive connection to a gateway."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def request(self, application: str, text: str) -> bytes:
        """The bytes of one chat request."""
        body = json.dumps(chat(application, text)).encode()
        fields = {"host": "127.0.0.1", "content-length": str(len(body)), **self._headers}
        lines = ["POST /v1/chat/completions HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def post(self, path: str, body: Any) -> tuple[Any, str]:
        """The JSON of an answer, and what it says of the cache. Raises RuntimeError for any other status than 200."""
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"POST {path} answered {answer.status}: {data[:300]!r}")
        return json.loads(data), answer.headers.get("x-parley-cache", "")

    def embed(self, texts: Sequence[str]) -> list[Any]:
        """A vector of length 1 for each text."""
        found: list[Any] = []
        for start in range(0, len(texts), 64):
            answer, _ = self.post("/v1/embeddings", {"model": "encoder", "input": texts[start : start + 64]})
            found += [normal(item["embedding"]) for item in answer["data"]]
        return found

    def ask(self, application: str, text: str) -> str:
        """What an answer to `text` says of the cache."""
        return self.post("/v1/chat/completions", chat(application, text))[1]


def chat(application: str, text: str) -> dict[str, Any]:
    """A chat of one question."""
    return {"model": "bench", "application": application, "messages": [{"role": "user", "content": text}]}


def main() -> int:
    """Runs everything; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.cache", description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", type=Path, default=ENCODER, help="a GGUF file that embeds")
    parser.add_argument("--misses", action="store_true", help="name the pairs that are judged wrongly (tuning half)")
    parser.add_argument("--quick", action="store_true", help="a try of some seconds; its times mean nothing")
    asked = parser.parse_args()
    there = asked.encoder.exists()
    with tempfile.TemporaryDirectory() as folder, upstream(Path(folder)) as port:
        room = Path(folder)
        write_config(room, port, asked.encoder if there else None)
        with gateway(room) as client:
            if there:
                judged(client, asked.misses)
            else:
                sys.stdout.write(
                    f"The pairs are skipped: there is no encoder at {asked.encoder} (--encoder names one).\n"
                )
            exact(client, 300 if asked.quick else 5000)
        if there:
            semantic(room, 10 if asked.quick else 100)
    return 0


# ---- the pairs


def read_pairs() -> list[Pair]:
    """Every labelled pair."""
    found = []
    for file in sorted(PAIRS.glob("*.tsv")):
        for line in file.read_text().splitlines():
            half, label, one, other = line.split("\t")
            found.append(Pair(file.stem, half, label == "same", one, other))
    return found


def judged(client: Client, misses: bool) -> None:
    """Prints what of the pairs is found, by kind, and the two rates of each half."""
    pairs = read_pairs()
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.one, pair.other)))
    vectors = dict(zip(texts, client.embed(texts), strict=True))
    counts: Counter[tuple[str, str, bool, bool]] = Counter()
    for pair in pairs:
        near = float(vectors[pair.one] @ vectors[pair.other]) >= FLOOR
        why = differs(pair.other, pair.one) if near else "too far apart"
        counts[pair.kind, pair.half, pair.same, why is None] += 1
        if misses and pair.half == "tuning" and (why is None) != pair.same:
            sys.stdout.write(f"{pair.kind}: {pair.one} | {pair.other}: {why or 'false hit'}\n")
    sys.stdout.write(f"\nSemantic cache on {len(pairs)} labelled pairs\n")
    sys.stdout.write(f"{'kind':<16}{'half':<10}{'same: found':>14}{'different: found':>18}\n")
    for kind in sorted({pair.kind for pair in pairs}):
        for half in ("tuning", "held-out"):
            hits, same = counts[kind, half, True, True], counts[kind, half, True, False]
            false, rest = counts[kind, half, False, True], counts[kind, half, False, False]
            sys.stdout.write(f"{kind:<16}{half:<10}{f'{hits}/{hits + same}':>14}{f'{false}/{false + rest}':>18}\n")
    for half in ("tuning", "held-out"):
        _rates(counts, half)


def _rates(counts: Counter[tuple[str, str, bool, bool]], half: str) -> None:
    def rate(same: bool, kinds: Sequence[str] = ()) -> tuple[int, int]:
        chosen = {k: n for k, n in counts.items() if k[1] == half and k[2] is same and (not kinds or k[0] in kinds)}
        return sum(n for k, n in chosen.items() if k[3]), sum(chosen.values())

    false, different = rate(False)
    hits, same = rate(True)
    true, paraphrases = rate(True, ["paraphrase"])
    sys.stdout.write(
        f"{half}: false hits {false} of {different} ({false / different:.2%}), true paraphrases found "
        f"{true} of {paraphrases} ({true / paraphrases:.1%}), all same pairs {hits} of {same} ({hits / same:.1%})\n"
    )


# ---- the times


def exact(client: Client, count: int) -> None:
    """Prints how fast an equal request is answered again."""
    if client.ask("exact", QUESTION) == "DISABLED":
        raise RuntimeError("the cache is off")
    request = client.request("exact", QUESTION)
    times = []
    with socket.create_connection(("127.0.0.1", client.port), PATIENCE) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            line.sendall(request)
            answer = line.recv(65536)
            while not answer.endswith(b"}"):
                answer += line.recv(65536)
            times.append((time.perf_counter() - began) * 1000)
            if b"x-parley-cache: HIT" not in answer:
                raise RuntimeError(f"an equal request was no hit: {answer[:300]!r}")
    times = times[count // 10 :]
    sys.stdout.write(
        f"\nExact hit, 1 connection: {1000 / statistics.fmean(times):,.0f} requests/s, "
        f"p50 {statistics.median(times):.2f} ms\n"
    )


def semantic(room: Path, count: int) -> None:
    """Prints how fast a question in other words is answered among many."""
    things = [f"{a} {b}" for a in ("kitchen", "garden", "office", "cellar") for b in THINGS]
    questions = [(f"How do I repair the {thing}?", f"What is the best way to fix the {thing}?") for thing in things][
        :count
    ]
    with gateway(room) as client:
        for asked, _ in questions:
            client.ask("semantic", asked)
    fill(room / "parley.db", ENTRIES - count)
    with gateway(room) as client:
        client.ask("semantic", "How do I open the gate?")  # reads the scope into memory
        times, embeddings = [], []
        for _, other in questions:
            began = time.perf_counter()
            client.embed([other + " "])
            between = time.perf_counter()
            status = client.ask("semantic", other)
            times.append((time.perf_counter() - between) * 1000)
            embeddings.append((between - began) * 1000)
            if status != "SEMANTIC HIT":
                raise RuntimeError(f"{other!r} was a {status}")
    whole, embedding = statistics.median(times), statistics.median(embeddings)
    sys.stdout.write(
        f"Semantic hit among {ENTRIES:,} entries: p50 {whole:.1f} ms, of which an embedding takes {embedding:.1f} ms: "
        f"{whole - embedding:.1f} ms without it\n"
    )


THINGS = (
    *("lamp", "door", "window", "table", "chair", "radiator", "shelf", "drawer", "socket", "floor", "ceiling", "tap"),
    *("heater", "lock", "mirror", "fan", "pipe", "clock", "bench", "fence", "roof", "stairs", "handle", "curtain"),
    *("boiler",),
)


def fill(database: Path, count: int) -> None:
    """Adds answers to other questions of the same scope, with vectors of their own."""
    rows = np.random.default_rng(7).standard_normal((count, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with sqlite3.connect(database) as connection:
        cursor = connection.execute(
            "SELECT * FROM cached_answers WHERE scope IS NOT NULL AND vector IS NOT NULL LIMIT 1"
        )
        names = [column[0] for column in cursor.description]
        model = dict(zip(names, cursor.fetchone(), strict=True))
        for i, vector in enumerate(rows):
            own = {"id": f"req_{i}", "key": secrets.token_hex(32), "question": f"Question number {i}?"}
            own["created"] = model["created"] - 100_000 + i
            values = {**model, **own, "vector": vector.astype(STORED).tobytes()}
            marks = ", ".join("?" * len(names))
            connection.execute(f"INSERT INTO cached_answers VALUES ({marks})", [values[name] for name in names])


# ---- the house around it


def write_config(room: Path, upstream: int, encoder: Path | None) -> None:
    """The gateway's configuration."""
    engine = "" if encoder is None else EMBEDDER.format(encoder=encoder)
    (room / "parley.toml").write_text(CONFIG.format(room=room, upstream=upstream, engine=engine))


@contextmanager
def upstream(room: Path) -> Iterator[int]:
    """A bare upstream."""
    port = free_port()
    with running([sys.executable, "-m", "bench.upstream", "--port", str(port)], log=room / "upstream.log", cwd=ROOT):
        yield port


@contextmanager
def gateway(room: Path) -> Iterator[Client]:
    """`parley serve` in this room, ready. Raises RuntimeError where it does not get ready."""
    port, admin = free_port(), "pk-" + secrets.token_urlsafe(24)
    argv = [sys.executable, "-c", "from parley.cli import main; main()", "serve", "--config", "parley.toml"]
    argv += ["--port", str(port), "--data", "data"]
    with running(argv, log=room / "log", env={"PARLEY_ADMIN_KEY": admin}, cwd=room):
        until = time.monotonic() + PATIENCE
        while "Parley is ready on" not in (room / "log").read_text():
            if time.monotonic() > until:
                raise RuntimeError(f"the gateway is not ready: {tail(room / 'log')}")
            time.sleep(0.05)
        yield Client(port, admin)


if __name__ == "__main__":
    sys.exit(main())
