"""The shelf holds what was used last, within its bounds, and gives it again under a new name."""

import msgspec

from parley.cache.shelf import OVERHEAD, Shelf, kept
from parley.core.enclosures import CachedAnswer
from parley.core.reply import Choice, Raw, Reply

RAW = b'{"id":"old","created":1,"model":"up","extra":{"kept":true},"choices":[]}'


def row(key: str, *, expires: float = 100.0, size: int = 100, raw: bytes | None = None) -> CachedAnswer:
    choice = Choice(text=f"answer to {key}", finish="stop")
    dialect = Raw("openai_chat", raw) if raw is not None else None
    reply = Reply(id="old", model="up", created=1, choices=(choice,), raw=dialect)
    return CachedAnswer(
        id=f"req_{key}",
        key=key,
        created=0.0,
        expires=expires,
        used=0.0,
        size=size,
        account="a",
        application="app",
        namespace="",
        model="m",
        provider="p",
        upstream_model="up",
        reply=msgspec.json.encode(reply),
    )


def test_an_answer_is_there_until_it_is_too_old() -> None:
    shelf = Shelf(10, 10_000)
    shelf.put(kept(row("a")))
    assert shelf.get("a", 99.0) is not None
    assert shelf.get("a", 100.0) is None
    assert (len(shelf), shelf.size) == (0, 0)


def test_what_was_used_least_goes_first() -> None:
    shelf = Shelf(2, 10_000)
    shelf.put(kept(row("a")))
    shelf.put(kept(row("b")))
    shelf.get("a", 0.0)
    shelf.put(kept(row("c")))
    assert [key for key in "abc" if shelf.get(key, 0.0)] == ["a", "c"]


def test_bytes_are_bounded_too() -> None:
    shelf = Shelf(100, 3 * (OVERHEAD + 100))
    for key in "abcde":
        shelf.put(kept(row(key)))
    assert (len(shelf), shelf.size) == (3, 3 * (OVERHEAD + 100))
    shelf.put(kept(row("large", size=10_000)))
    assert shelf.get("large", 0.0) is None
    assert len(shelf) == 3


def test_a_newer_answer_takes_the_place_of_the_older() -> None:
    shelf = Shelf(10, 10_000)
    shelf.put(kept(row("a")))
    shelf.put(kept(row("a", size=300)))
    assert (len(shelf), shelf.size) == (1, 300 + OVERHEAD)


def test_an_answer_is_given_under_a_new_name_and_says_where_it_comes_from() -> None:
    plain, raw = (kept(row("a", raw=given)).again("new", 7) for given in (None, RAW))
    assert (plain.id, plain.created, plain.notes) == ("new", 7, {"system_fingerprint": "cache"})
    assert raw.raw is not None
    said = msgspec.json.decode(raw.raw.data)
    assert said == {
        **msgspec.json.decode(RAW),
        "id": "new",
        "created": 7,
        "system_fingerprint": "cache",
    }
