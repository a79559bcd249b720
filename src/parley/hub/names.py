"""Reads the name of a model on a hub: `org/repo`, `org/repo:Q4_K_M` or `org/repo:file.gguf`."""

import re

from msgspec import Struct

from parley.hub.errors import HubError

PAGES = ("https://huggingface.co/", "https://hf.co/", "huggingface.co/", "hf.co/")
"""What stands before a name where it was copied from a browser."""
REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


class Wanted(Struct, frozen=True):
    """A repository, and which of its files: a quantisation, a file's name, or nothing."""

    repo: str
    pick: str


def read_name(text: str) -> Wanted:
    """What `text` asks for. Raises HubError."""
    name = next((text.removeprefix(page) for page in PAGES if text.startswith(page)), text)
    repo, _, pick = name.partition(":")
    repo = repo.strip("/")
    if not REPO.fullmatch(repo) or ".." in repo:
        raise HubError(f"{text!r} is no model's name: write it as organisation/model or organisation/model:Q4_K_M.")
    return Wanted(repo, pick.strip())
