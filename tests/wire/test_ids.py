"""Ids sort by time and never meet twice."""

import re

from parley.wire.ids import new_id


def test_an_id_has_its_prefix_and_only_letters_that_a_url_takes() -> None:
    assert re.fullmatch(r"req_[0-9a-f]{36}", new_id("req"))


def test_ids_sort_by_the_time_of_their_making_and_differ() -> None:
    ids = [new_id("req") for _ in range(2000)]
    assert len(set(ids)) == len(ids)
    stamps = [made[4:20] for made in ids]
    assert stamps == sorted(stamps)
