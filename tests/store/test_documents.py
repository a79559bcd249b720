"""Documents at rest: a version comes in pieces, takes the old one's place in one step, and leaves no row behind."""

from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import func, select

from parley.core.documents import FAILED, GONE, INDEX, INDEXING, READY, RECEIVING, Chunk, Document, Place
from parley.core.enclosures import DocumentVectors, Job
from parley.core.errors import BadRequest, Conflict
from parley.store import Store
from parley.store.tables import document_chunks, document_vectors, documents

SHOP = Place("acme", "shop")
MOST = 1000


def a_document(id: str, reference: str = "faq", chunks: int = 3, place: Place = SHOP, **more: Any) -> Document:
    values: dict[str, Any] = {
        "id": id,
        "account": place.account,
        "application": place.application,
        "reference": reference,
        "created": 1.0,
        "type": "text",
        "size": 10,
        "digest": "d",
        "chunks": chunks,
        "state": RECEIVING,
        "metadata": {"a": [1]},
    }
    return Document(**{**values, **more})


def chunks_of(count: int, text: str = "text") -> list[Chunk]:
    return [Chunk(number=n, path=("A", "B"), text=f"{text} {n}", terms=b"\1\0\0\0\1\0", length=1) for n in range(count)]


def vectors_of(id: str, first: int, count: int, embedder: str = "e") -> DocumentVectors:
    return DocumentVectors(document=id, embedder=embedder, first=first, count=count, data=b"\0\0" * count)


async def put(store: Store, document: Document, state: str = READY) -> Document:
    """A version with its chunks, accepted."""
    await store.documents.receive(document, [])
    await store.documents.add(document.id, chunks_of(document.chunks, document.id))
    accepted = structs.replace(document, state=state)
    await store.documents.accept(accepted, [], MOST)
    return accepted


async def rows(store: Store) -> tuple[int, ...]:
    """How many rows each of the tables has."""
    tables = (documents, document_chunks, document_vectors)
    counted = [select(func.count()).select_from(table) for table in tables]
    return await store._database.read(lambda connection: tuple(connection.execute(one).scalar_one() for one in counted))


async def test_a_version_is_found_when_it_is_accepted_and_not_before(store: Store) -> None:
    document = a_document("doc_1", chunks=1200)
    await store.documents.receive(document, [])
    await store.documents.add(document.id, chunks_of(1200))
    assert await store.shelves.ready(SHOP) == (0, {})
    assert await store.shelves.versions(SHOP, "faq") == []
    await store.documents.accept(structs.replace(document, state=READY), [], 2000)
    revision, ready = await store.shelves.ready(SHOP)
    assert (revision, ready) == (1, {"doc_1": ""})
    (leaf,) = await store.shelves.leaves(["doc_1"], "")
    assert (len(leaf.terms), leaf.lengths[:2], leaf.vectors) == (1200, [1, 1], [])
    found = await store.shelves.chunks([("doc_1", 7), ("doc_1", 5000)])
    assert {place: (reference, chunk.path) for place, (reference, chunk) in found.items()} == {
        ("doc_1", 7): ("faq", ("A", "B"))
    }
    assert (await store.shelves.versions(SHOP, "faq"))[0].metadata == {"a": [1]}


async def test_the_old_version_answers_until_the_new_one_is_ready(store: Store) -> None:
    await put(store, a_document("doc_1"))
    coming = await put(store, a_document("doc_2"), INDEXING)
    assert [one.id for one in await store.shelves.versions(SHOP, "faq")] == ["doc_2", "doc_1"]
    assert (await store.shelves.ready(SHOP))[1] == {"doc_1": ""}
    assert await store.documents.finish(coming, "e", [])
    assert (await store.shelves.ready(SHOP))[1] == {"doc_2": "e"}
    assert await store.documents.gone() == ["doc_1"]
    assert await store.shelves.chunks([("doc_1", 0)]) == {}


async def test_a_newer_version_takes_the_place_of_one_that_is_on_its_way(store: Store) -> None:
    first = await put(store, a_document("doc_1"), INDEXING)
    await store.documents.fail(await put(store, a_document("doc_2"), INDEXING), "no")
    third = await put(store, a_document("doc_3"), INDEXING)
    assert sorted(await store.documents.gone()) == ["doc_1", "doc_2"]
    assert not await store.documents.finish(first, "e", [])
    assert await store.documents.finish(third, "e", [])


async def test_what_is_deleted_leaves_no_row(store: Store) -> None:
    await put(store, a_document("doc_1", chunks=700))
    await put(store, a_document("doc_2"), INDEXING)
    await put(store, a_document("doc_3", "other", chunks=1))
    await store.documents.owe([vectors_of("doc_1", 0, 32), vectors_of("doc_2", 0, 3)])
    assert sorted(await store.documents.retire(SHOP, "faq", [])) == ["doc_1", "doc_2"]
    assert await store.shelves.versions(SHOP, "faq") == []
    for id in ("doc_1", "doc_2"):
        await store.documents.purge(id)
    assert await rows(store) == (1, 1, 0)


async def test_progress_is_counted_for_one_embedder(store: Store) -> None:
    await put(store, a_document("doc_1", chunks=80), INDEXING)
    await store.documents.owe([vectors_of("doc_1", 0, 32), vectors_of("doc_1", 0, 32), vectors_of("doc_1", 32, 32)])
    await store.documents.owe([vectors_of("doc_1", 0, 80, "other")])
    assert await store.shelves.counted("doc_1", "e") == [(0, 32), (32, 32)]
    assert await store.shelves.done(["doc_1"], "e") == {"doc_1": 64}
    document = await store.shelves.get("doc_1")
    assert document is not None
    await store.documents.finish(document, "e", [])
    assert await store.shelves.done(["doc_1"], "other") == {}
    (leaf,) = await store.shelves.leaves(["doc_1"], "e")
    assert [(first, count) for first, count, _ in sorted(leaf.vectors)] == [(0, 32), (32, 32)]


async def test_what_lacks_vectors_of_the_embedder_is_known_unless_a_job_works_for_it(store: Store) -> None:
    ready = await put(store, a_document("doc_1", "a"))
    await put(store, a_document("doc_2", "b"), INDEXING)
    await store.documents.fail(await put(store, a_document("doc_3", "c"), INDEXING), "no")
    await put(store, a_document("doc_4", "d"), INDEXING)
    await store.documents.owe([Job(id=f"{INDEX}:doc_4:first:0", kind=INDEX, created=1, due=1)])
    await store.documents.finish(ready, "e", [])
    assert [one.id for one in await store.documents.behind("e")] == ["doc_2", "doc_3"]
    assert [one.id for one in await store.documents.behind("other")] == ["doc_1", "doc_2", "doc_3"]
    assert [one.id for one in await store.documents.behind("")] == ["doc_2", "doc_3"]


async def test_shelves_know_nothing_of_each_other(store: Store) -> None:
    for number, place in enumerate((SHOP, Place("acme", "bank"), Place("other", "shop"))):
        await put(store, a_document(f"doc_{number}", place=place))
    for number, place in enumerate((SHOP, Place("acme", "bank"), Place("other", "shop"))):
        assert (await store.shelves.ready(place))[1] == {f"doc_{number}": ""}
        assert [one.id for one in await store.shelves.versions(place, "faq")] == [f"doc_{number}"]
    await store.documents.retire(SHOP, "faq", [])
    assert (await store.shelves.ready(Place("other", "shop")))[1] == {"doc_2": ""}


async def test_an_application_has_no_more_chunks_than_it_may(store: Store) -> None:
    await put(store, a_document("doc_1", "a", chunks=600))
    with pytest.raises(Conflict, match="max_chunks"):
        await put(store, a_document("doc_2", "b", chunks=401))
    await put(store, a_document("doc_3", "a", chunks=1000))
    assert (await store.shelves.ready(SHOP))[1] == {"doc_3": ""}


async def test_a_list_goes_by_reference_page_by_page(store: Store) -> None:
    for number, reference in enumerate("cabed"):
        await put(store, a_document(f"doc_{number}", reference))
    await put(store, a_document("doc_9", "a"), INDEXING)
    first = await store.shelves.page(SHOP, 2, None)
    assert [[one.id for one in versions] for versions in first.data] == [["doc_9", "doc_1"], ["doc_2"]]
    rest = await store.shelves.page(SHOP, 3, first.next)
    assert [versions[0].reference for versions in rest.data] == ["c", "d", "e"]
    assert rest.next is None
    with pytest.raises(BadRequest):
        await store.shelves.page(SHOP, 3, "nonsense")


async def test_states_are_told(store: Store) -> None:
    await store.documents.receive(a_document("doc_1"), [])
    assert await store.documents.state("doc_1") == RECEIVING
    assert await store.documents.state("doc_2") is None
    failed = await put(store, a_document("doc_2"), INDEXING)
    await store.documents.fail(failed, "The model is away.")
    assert await store.documents.state("doc_2") == FAILED
    found = await store.shelves.get("doc_2")
    assert found is not None
    assert found.error == "The model is away."
    await store.documents.retire(SHOP, "faq", [])
    assert await store.documents.state("doc_2") == GONE
