"""The reference says what the program says: every setting, provider, path, command and error."""

import pytest

from docs.generator.__main__ import PAGES, REFERENCE


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_program_says(name: str) -> None:
    assert (REFERENCE / f"{name}.md").read_text() == PAGES[name]() + "\n", "run `make docs`"
