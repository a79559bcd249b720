"""Splitting keeps every word, the headings, and its sizes."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.context.formats import markdown
from parley.context.formats.block import Block
from parley.context.split import OVERLAP, SIZE, size, split
from parley.core.documents import Chunk

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=400)
BLOCKS = st.builds(
    Block,
    st.lists(st.sampled_from(["A", "B", "C"]), max_size=3).map(tuple),
    st.lists(WORDS, min_size=1, max_size=20).map(" ".join),
    st.booleans(),
)


def words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, max_size=12))
def test_every_letter_of_every_block_is_in_a_chunk_and_no_chunk_is_too_large(blocks: list[Block]) -> None:
    chunks = list(split(blocks))
    said = "".join("".join(chunk.text.split()) for chunk in chunks)
    assert all(letter in said for block in blocks for letter in set(block.text.replace(" ", "")) if letter.strip())
    assert all(size(chunk.text) <= SIZE + OVERLAP + 100 for chunk in chunks)
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))


def a_guide() -> Iterator[Chunk]:
    sentences = " ".join(f"Sentence number {n} says something of its own." for n in range(60))
    return split(markdown.blocks(f"# Guide\n\n{sentences}\n\n## Short\n\nTiny.\n\n## Shorter\n\nTinier.\n"))


def test_a_long_section_is_cut_between_sentences_and_the_last_of_them_stand_again() -> None:
    first, second, *_ = a_guide()
    assert first.path == second.path == ("Guide",)
    assert first.text.endswith(".")
    begun = second.text.partition(".")[0]
    assert begun in first.text
    assert second.text.startswith("Sentence number")


def test_small_neighbours_are_joined_under_what_they_share() -> None:
    *_, last = a_guide()
    assert last.path == ("Guide",)
    assert last.text.splitlines()[-4:] == ["Short", "Tiny.", "Shorter", "Tinier."]


def test_each_piece_of_a_table_has_its_head() -> None:
    rows = "\n".join(f"| key {n} | {'value ' * 10} |" for n in range(60))
    chunks = list(split(markdown.blocks(f"# T\n\n| key | value |\n|---|---|\n{rows}")))
    assert len(chunks) > 3
    assert all(chunk.text.startswith("| key | value |\n|---|---|\n") for chunk in chunks)
    assert sum(chunk.text.count("| key ") for chunk in chunks) == 60 + len(chunks)


def test_a_text_without_any_space_is_cut_too() -> None:
    chunks = list(split([Block((), "漢" * 5000)]))
    assert "".join(chunk.text for chunk in chunks).replace("\n", "") == "漢" * 5000
    assert all(size(chunk.text) <= SIZE for chunk in chunks)


def test_a_hundred_thousand_headings_are_not_as_many_chunks() -> None:
    chunks = list(split(markdown.blocks("# a\n\nb\n\n" * 100_000)))
    assert len(chunks) < 10_000
