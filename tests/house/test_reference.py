"""The reference says what the program says: every setting, provider, path, command, parameter, error and figure."""

import pytest

from docs.generator.__main__ import BLOCKS, PAGES, read, wanted


@pytest.mark.parametrize("place", [*PAGES, *BLOCKS])
def test_the_page_is_what_the_program_says(place: str) -> None:
    assert read(place) == wanted(place), "run `make docs`"
