"""Files and functions stay small enough to be read at once."""

from statistics import median

from tests.house.tree import functions, sources

HOUSE = ("src/", "client/")
EVERYTHING = ("src/", "client/", "bench/", "tests/", "docs/", "models/")


def test_half_of_the_files_have_at_most_150_lines() -> None:
    assert median(source.lines for source in sources(*HOUSE)) <= 150


def test_no_file_has_more_than_600_lines() -> None:
    assert not [source for source in sources(*EVERYTHING) if source.lines > 600]


def test_nine_functions_in_ten_have_fewer_than_30_lines() -> None:
    lengths = sorted(function.lines for function in functions(sources(*HOUSE)))
    assert lengths[int(len(lengths) * 0.9)] < 30


def test_no_function_has_more_than_80_lines() -> None:
    assert not [function for function in functions(sources(*HOUSE)) if function.lines > 80]
