"""Files that Maitai's client brings before it refers to them: as context, or as parts of messages.

A file lies in the data directory under a name that can not be guessed, for a day; whoever has the name may use it.
"""

import base64
import os
import re
import secrets
import time
from pathlib import Path

from msgspec import Struct

from parley.core.errors import BadRequest, Overloaded

KEPT = 86_400.0
"""Seconds for which a file lies here."""
MOST = 1000
LARGEST = 20_000_000
"""Bytes of one file."""
NAME = re.compile(r"file_[0-9a-f]{32}")


class Laid(Struct, frozen=True):
    """A file as it came, and what it was called."""

    name: str
    media: str
    data: bytes

    @property
    def url(self) -> str:
        """The file as a `data:` URL."""
        return f"data:{self.media};base64,{base64.b64encode(self.data).decode()}"


class Shelf:
    """The folder of files; it does its work at once, so call it in a thread for large ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lay(self, file: Laid) -> str:
        """Keeps a file; its id. Raises Overloaded where too many lie here."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tidy()
        id = f"file_{secrets.token_hex(16)}"
        head = f"{file.name.replace(chr(10), ' ')[:200]}\n{file.media[:100]}\n".encode()
        with os.fdopen(os.open(self._folder / id, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(head + file.data)
        return id

    def take(self, id: str, param: str) -> Laid:
        """The file with this id. Raises BadRequest naming `param`."""
        try:
            if not NAME.fullmatch(id):
                raise FileNotFoundError
            name, media, data = (self._folder / id).read_bytes().split(b"\n", 2)
        except (FileNotFoundError, ValueError):
            raise BadRequest(f"There is no file {id[:80]}; files are kept for a day.", param=param) from None
        return Laid(name.decode(), media.decode(), data)

    def _tidy(self) -> None:
        lying = sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime)
        for file in lying:
            if file.stat().st_mtime < time.time() - KEPT:
                file.unlink(missing_ok=True)
        if len(lying) >= MOST:
            raise Overloaded("Too many files lie here; they are kept for a day.", retry_after="600")
