"""The index ranks as BM25 says, and one that grew and shrank is the one that was built at once."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.context.index import K1, NOTHING, B, Index, grown, normed
from parley.context.ranking import rank
from parley.context.terms import hashed, pack, terms
from parley.core.documents import Leaf

TEXTS = st.lists(
    st.lists(st.sampled_from(["refund", "order", "ship", "delay", "card", "fee"]), min_size=1, max_size=9), min_size=1
)


def a_leaf(name: str, texts: list[str], width: int = 0) -> Leaf:
    packed = [pack(text) for text in texts]
    vectors = []
    if width:
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), width)).astype("<f2")
        vectors = [(0, len(texts), rows.tobytes())]
    return Leaf(name, [terms for terms, _ in packed], [length for _, length in packed], vectors)


def by_hand(texts: list[str], query: str) -> list[float]:
    counted = [Counter(terms(text)) for text in texts]
    mean = sum(sum(counts.values()) for counts in counted) / len(texts)
    scores = [0.0] * len(texts)
    for term in set(terms(query)):
        found = sum(term in counts for counts in counted)
        weight = math.log1p((len(texts) - found + 0.5) / (found + 0.5))
        for row, counts in enumerate(counted):
            held = K1 * (1 - B + B * sum(counts.values()) / max(mean, 1.0))
            scores[row] += weight * counts[term] * (K1 + 1) / (counts[term] + held)
    return scores


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.sampled_from(["refund", "order", "ship", "nothing"]), min_size=1, max_size=4))
def test_scores_are_those_of_bm25(texts: list[list[str]], query: list[str]) -> None:
    joined = [" ".join(words) for words in texts]
    index = grown(NOTHING, (), [a_leaf("d", joined)], "")
    found = index.lexical([hashed(term) for term in terms(" ".join(query))])
    assert found.scores.tolist() == pytest.approx(by_hand(joined, " ".join(query)), rel=1e-4, abs=1e-5)
    assert ((found.covered >= 0) & (found.covered <= 1 + 1e-6)).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), TEXTS), min_size=1, max_size=5), st.sampled_from([0, 4]))
def test_growing_and_shrinking_leads_to_the_index_built_at_once(
    steps: list[tuple[bool, list[list[str]]]], width: int
) -> None:
    index, alive = NOTHING, {}
    for number, (drops, texts) in enumerate(steps):
        leaf = a_leaf(f"d{number}", [" ".join(words) for words in texts], width)
        if drops and alive:
            del alive[next(iter(alive))]
        index = grown(index, list(alive), [leaf], "e")
        alive[leaf.document] = leaf
    whole = grown(NOTHING, (), list(alive.values()), "e")
    assert index.documents == whole.documents
    assert index.starts.tolist() == whole.starts.tolist()
    assert index.lengths.tolist() == whole.lengths.tolist()
    assert index.vectors.tolist() == whole.vectors.tolist()
    assert _postings(index) == _postings(whole)


def _postings(index: Index) -> list[tuple[int, int, float]]:
    return sorted(zip(index.terms.tolist(), index.rows.tolist(), index.counts.tolist(), strict=True))


def test_a_row_knows_its_document_and_number() -> None:
    index = grown(NOTHING, (), [a_leaf("a", ["x", "y"]), a_leaf("b", ["z"])], "")
    assert [index.place(row) for row in range(index.size)] == [("a", 0), ("a", 1), ("b", 0)]


def test_vectors_of_another_width_count_as_none() -> None:
    index = grown(NOTHING, (), [a_leaf("a", ["x"], 4), a_leaf("b", ["y"], 8)], "e")
    assert index.vectors.shape == (2, 4)
    assert not index.vectors[1].any()
    assert not index.similar(normed(np.ones(8, np.float32))).any()


def test_words_and_meaning_are_fused() -> None:
    leaf = a_leaf("a", ["refund policy", "shipping times", "money back"])
    vectors = np.eye(3, dtype="<f2")
    index = grown(NOTHING, (), [Leaf("a", leaf.terms, leaf.lengths, [(0, 3, vectors.tobytes())])], "e")
    query = normed(np.array([0.5, 0.0, 1.0], np.float32))
    found = rank(index, [hashed("refund")], query, 0.0)
    assert [one.row for one in found] == [0, 2]
    assert found[0].score > found[1].score > 0.8
    assert rank(index, [], None, 0.0) == []
