"""Names on a hub, and the choice between the files of a repository."""

import json

import pytest

from parley.hub import HubError, HubFile, Wanted, choose, read_name, variants
from parley.hub.files import read_files


def some(*paths: str) -> list[HubFile]:
    """Files, each larger than the one before."""
    return [HubFile(path=path, size=1000 * (place + 1)) for place, path in enumerate(paths)]


@pytest.mark.parametrize(
    ("text", "repo", "pick"),
    [
        ("acme/small-GGUF", "acme/small-GGUF", ""),
        ("acme/small-GGUF:Q4_K_M", "acme/small-GGUF", "Q4_K_M"),
        ("acme/small-GGUF:sub/a.gguf", "acme/small-GGUF", "sub/a.gguf"),
        ("https://huggingface.co/acme/small-GGUF/", "acme/small-GGUF", ""),
        ("hf.co/acme/small-GGUF:q8_0", "acme/small-GGUF", "q8_0"),
    ],
)
def test_a_name_is_a_repository_and_perhaps_a_choice(text: str, repo: str, pick: str) -> None:
    assert read_name(text) == Wanted(repo, pick)


@pytest.mark.parametrize(
    "text", ["", "small", "a/b/c", "../../etc", "a b/c", "acme/..", "http://example.org/a/b", "-a/b"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(HubError, match="is no model's name"):
        read_name(text)


def test_the_only_model_needs_no_choice() -> None:
    (there,) = variants(some("small-q4_k_m.gguf"))
    assert choose("acme/small", [there], "") is there
    assert there.label == "Q4_K_M"


@pytest.mark.parametrize("pick", ["Q8_0", "q8_0", "small-Q8_0.gguf"])
def test_one_of_several_is_chosen_by_quantisation_or_by_file(pick: str) -> None:
    there = variants(some("small-Q4_K_M.gguf", "small-Q8_0.gguf", "small-f16.gguf"))
    assert choose("acme/small", there, pick).files[0].path == "small-Q8_0.gguf"


def test_several_models_are_listed_with_how_to_choose() -> None:
    there = variants(some("small-Q4_K_M.gguf", "small-UD-IQ2_XXS.gguf", "other/Q4_K_M/small-Q4_K_M.gguf"))
    with pytest.raises(HubError) as told:
        choose("acme/small", there, "")
    lines = str(told.value).splitlines()
    assert lines[0] == "acme/small has 3 of them; choose one by its whole name:"
    assert lines[1:] == [
        "  acme/small:small-Q4_K_M.gguf  1.0 KB",
        "  acme/small:UD-IQ2_XXS  2.0 KB",
        "  acme/small:other/Q4_K_M/small-Q4_K_M.gguf  3.0 KB",
    ]


def test_a_choice_that_is_not_there_is_answered_with_what_is() -> None:
    with pytest.raises(HubError, match=r"acme/small has no Q2_K; choose .*\n  acme/small:Q4_K_M"):
        choose("acme/small", variants(some("small-Q4_K_M.gguf")), "Q2_K")
    with pytest.raises(HubError, match="has no GGUF files"):
        choose("acme/small", [], "")


def test_the_parts_of_a_split_model_are_one() -> None:
    parts = [f"big-Q4_0-{part:05}-of-00003.gguf" for part in (3, 1, 2)]
    (there,) = variants(some(*parts))
    assert (there.label, [file.path for file in there.files], there.size) == ("Q4_0", sorted(parts), 6000)


def test_a_part_that_is_missing_is_said() -> None:
    with pytest.raises(HubError, match="has 1 of the 2 parts"):
        variants(some("big-00001-of-00002.gguf"))


def test_only_models_with_safe_names_are_read_from_a_listing() -> None:
    paths = [
        "a.gguf",
        "../b.gguf",
        "sub/../c.gguf",
        ".hidden.gguf",
        "mmproj-a-f16.gguf",
        "a.bin",
        "d\\e.gguf",
        "x/d.GGUF",
    ]
    listing = [{"type": "file", "path": path, "size": 1, "lfs": {"oid": "no hash"}} for path in paths]
    found = read_files(json.dumps([*listing, {"type": "directory", "path": "e.gguf"}]).encode())
    assert [(file.path, file.sha256) for file in found] == [("a.gguf", None), ("x/d.GGUF", None)]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": 1}', b"\xff"])
def test_what_is_no_listing_is_one_sentence(body: bytes) -> None:
    with pytest.raises(HubError, match="is no model hub"):
        read_files(body)
