"""Vectors come in the background, piece by piece: the old version answers until the new one is ready, and whatever
kills the gateway on the way, in the end each chunk has one vector."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from parley.context.indexing import PIECE
from tests.flow.asking import ask, get
from tests.flow.conftest import config
from tests.flow.embedder import Embedder
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage
from tests.flow.test_context import find, put, question, rows_of

EMBEDS = """
[models.vectors]
provider = "tolerant"
[models.others]
provider = "tolerant"
[embeddings]
model = "vectors"
"""
LONG = "\n\n".join(f"# Chapter {n}\n\n{f'In chapter {n} the parrot says cracker. ' * 18}" for n in range(3 * PIECE))


@pytest.fixture
async def embedder(stage: Stage) -> AsyncIterator[Embedder]:
    """Who embeds."""
    made = Embedder()
    async with stage.plays(made.script):
        yield made


@pytest.fixture
def make(stage: Stage, tmp_path: Path) -> Callable[..., Gateway]:
    """Gateways on one data directory."""

    def one(more: str = EMBEDS) -> Gateway:
        return Gateway(tmp_path, config(stage, more=more))

    return one


async def stands(gateway: Gateway, wanted: Callable[[Any], bool], reference: str = "long") -> Any:
    """The document, once it is as wanted."""
    async with asyncio.timeout(60):
        while not wanted(shown := (await get(gateway, f"/api/documents/{reference}?application=shop")).json):
            await asyncio.sleep(0.05)
    return shown


def ready(shown: Any) -> bool:
    return bool(shown["status"] == "ready")


def vectors_of(data: Path) -> list[tuple[str, int, int]]:
    """Embedder, first chunk and count of each piece of vectors."""
    ledger = sqlite3.connect(f"file:{data / 'parley.db'}?mode=ro", uri=True, timeout=10)
    try:
        return list(ledger.execute("select embedder, first, count from document_vectors order by embedder, first"))
    finally:
        ledger.close()


async def test_meaning_is_found_where_no_word_is_the_same(make: Callable[..., Gateway], embedder: Embedder) -> None:
    with make() as gateway:
        await put(gateway, "pets", "# Pets\n\nA puppy.\n")
        await stands(gateway, ready, "pets")
        await put(gateway, "other", "# Weather\n\nIt rains often in Bergen.\n")
        await stands(gateway, ready, "other")
        found = await find(gateway, "hound")
        assert [part["reference"] for part in found] == ["pets"]
        answer = await ask(gateway, question("Which hound is that hound?"))
        assert answer.json["context"]["parts"][0]["reference"] == "pets"


async def test_progress_is_shown_and_the_old_version_answers_until_the_new_one_is_ready(
    make: Callable[..., Gateway], embedder: Embedder
) -> None:
    with make() as gateway:
        await put(gateway, "long", "# Old\n\nThe old parrot says cracker.\n")
        await stands(gateway, ready)
        embedder.go.clear()
        new = (await put(gateway, "long", LONG)).json
        assert (new["status"], new["answers"], new["chunks_done"]) == ("pending", True, 0)
        embedder.go.set()
        begun = await stands(gateway, lambda shown: shown["chunks_done"] > 0)
        assert begun["chunks"] == 3 * PIECE
        await stands(gateway, ready)
        embedder.go.clear()
        third = (await put(gateway, "long", LONG.replace("parrot", "raven"))).json
        assert third["id"] != new["id"]
        query = asyncio.create_task(find(gateway, "parrot cracker"))
        await asyncio.sleep(0.2)
        embedder.go.set()
        assert {part["document"] for part in await query} == {new["id"]}
        last = await stands(gateway, ready)
        assert {part["document"] for part in await find(gateway, "raven cracker")} == {last["id"]}
        await settled(gateway, {"documents": 1, "document_chunks": 3 * PIECE, "document_vectors": 3})


async def settled(gateway: Gateway, wanted: dict[str, int]) -> None:
    """Waits until the tables have these rows: what is replaced is swept away in the background."""
    async with asyncio.timeout(30):
        while rows_of(gateway.data) != wanted:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("after", [0, 1, 2])
async def test_a_gateway_killed_while_it_indexes_loses_nothing_and_doubles_nothing(
    make: Callable[..., Gateway], embedder: Embedder, after: int
) -> None:
    with make() as gateway:
        embedder.go.clear() if after == 0 else None
        await put(gateway, "long", LONG)
        while len(embedder.embedded) < after * PIECE:
            await asyncio.sleep(0.005)
        gateway.kill()
    embedder.go.set()
    with make() as gateway:
        await stands(gateway, ready)
        assert vectors_of(gateway.data) == [("vectors", first * PIECE, PIECE) for first in range(3)]
        assert rows_of(gateway.data) == {"documents": 1, "document_chunks": 3 * PIECE, "document_vectors": 3}
        assert await find(gateway, "parrot cracker")


async def test_another_embedding_model_is_taken_over_in_the_background(
    make: Callable[..., Gateway], embedder: Embedder
) -> None:
    with make() as gateway:
        await put(gateway, "long", LONG)
        await stands(gateway, ready)
    embedder.go.clear()
    with make(EMBEDS.replace('model = "vectors"', 'model = "others"')) as gateway:
        shown = await stands(gateway, lambda shown: shown["status"] == "indexing")
        assert (shown["answers"], shown["chunks_done"]) == (True, 0)
        assert await find(gateway, "parrot cracker")
        embedder.go.set()
        await stands(gateway, ready)
        assert vectors_of(gateway.data) == [("others", first * PIECE, PIECE) for first in range(3)]


async def test_without_an_embedding_model_words_are_found_and_vectors_are_kept(
    make: Callable[..., Gateway], embedder: Embedder
) -> None:
    with make() as gateway:
        await put(gateway, "long", LONG)
        await stands(gateway, ready)
    with make(EMBEDS.partition("[embeddings]")[0]) as gateway:
        assert (await stands(gateway, ready))["chunks_done"] == 3 * PIECE
        assert await find(gateway, "parrot cracker")
        assert len(vectors_of(gateway.data)) == 3


async def test_a_query_that_can_not_be_embedded_is_answered_by_words_and_says_so(
    make: Callable[..., Gateway], embedder: Embedder
) -> None:
    with make() as gateway:
        await put(gateway, "pets", "# Pets\n\nA puppy barks.\n")
        await stands(gateway, ready, "pets")
        embedder.away = True
        answer = await ask(gateway, question("Why do puppies bark?"))
        assert answer.status == 200
        assert "words alone" in answer.json["context"]["trouble"]
        assert answer.json["context"]["parts"][0]["reference"] == "pets"


async def test_a_document_deleted_while_it_is_indexed_leaves_no_row(
    make: Callable[..., Gateway], embedder: Embedder
) -> None:
    with make() as gateway:
        embedder.go.clear()
        await put(gateway, "long", LONG)
        await asyncio.sleep(0.8)
        assert (await ask(gateway, None, "/api/documents/long?application=shop", method="DELETE")).status == 200
        embedder.go.set()
        await settled(gateway, {"documents": 0, "document_chunks": 0, "document_vectors": 0})
        await asyncio.sleep(1.5)
        assert rows_of(gateway.data) == {"documents": 0, "document_chunks": 0, "document_vectors": 0}


async def test_a_change_counts_at_once_in_every_worker(make: Callable[..., Gateway], embedder: Embedder) -> None:
    with make(EMBEDS.partition("[embeddings]")[0]) as gateway:
        gateway.stop()
    several = make(EMBEDS.partition("[embeddings]")[0])
    several._arguments = ("--workers", "2")
    with several:
        for round in range(5):
            await put(several, "page", f"# Page\n\nThe parrot number{round} talks.\n")
            for _ in range(6):
                (part,) = await find(several, f"parrot number{round} talks")
                assert f"number{round}" in part["text"]
