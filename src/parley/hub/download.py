"""Fetches one file: into a `.part` beside it, from where an earlier try ended, checked, then renamed."""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from parley.hub.client import Hub
from parley.hub.errors import HubBusy, HubError
from parley.hub.files import HubFile, size_in_words
from parley.wire.http import HttpError

TRIES = 5
"""Tries in a row that bring not one byte before the fetch is given up."""
PAUSE = 2.0
SPARE = 64 << 20
"""Bytes of the disk that are left free."""
PIECE = 1 << 20

Told = Callable[[int], None]
"""Is told how many bytes of the file are here."""


def free_bytes(folder: Path) -> int:
    """Bytes that a file in `folder` may still take."""
    return shutil.disk_usage(folder).free


async def fetch(
    hub: Hub,
    repo: str,
    file: HubFile,
    to: Path,
    told: Told,
    *,
    free: Callable[[Path], int] = free_bytes,
    pause: float = PAUSE,
) -> None:
    """Brings `file` to `to`; what was fetched before counts. `pause`: seconds between tries.

    Raises HubError; the `.part` then stays for the next time, unless its bytes are wrong.
    """
    try:
        if await asyncio.to_thread(_is_here, file, to):
            told(file.size)
            return
        with _alone(to) as out:
            _check_room(file, to, out.seek(0, os.SEEK_END), free)
            right = await _Filling(hub, repo, file, out, told, pause).run()
            _keep(out, to, right=right)
    except OSError as error:
        raise HubError(f"{to} can not be written: {error.strerror}.") from None


class _Filling:
    """A `.part` that grows."""

    def __init__(self, hub: Hub, repo: str, file: HubFile, out: BinaryIO, told: Told, pause: float) -> None:
        self._hub, self._repo, self._file, self._out = hub, repo, file, out
        self._told, self._pause = told, pause
        self._hash = hashlib.sha256()
        self._done = 0
        self._wanted = file.sha256

    async def run(self) -> bool:
        """Fill it; whether the bytes are those that the hub's hash is of."""
        await asyncio.to_thread(self._take_up)
        futile = 0
        while self._done < self._file.size or self._wanted is None:
            before, why = self._done, "its answer ended early"
            try:
                await self._read_on()
            except (HttpError, HubBusy) as error:
                why = str(error)
            futile = 0 if self._done > before else futile + 1
            if futile == TRIES:
                here = f"{size_in_words(self._done)} of {size_in_words(self._file.size)} are here"
                raise HubError(
                    f"{self._file.name} did not come whole: {why} {here}; the same command goes on from there."
                )
            if self._done < self._file.size:
                await asyncio.sleep(self._pause)
        return self._hash.hexdigest() == self._wanted

    def _take_up(self) -> None:
        """Count and hash what is here."""
        self._out.seek(0)
        while piece := self._out.read(PIECE):
            self._hash.update(piece)
            self._done += len(piece)
        if self._done > self._file.size:
            self._restart()
        self._told(self._done)

    async def _read_on(self) -> None:
        if self._done == self._file.size:  # all here, but the hash is not known
            self._restart()
        opened = await self._hub.open(self._repo, self._file.path, self._done)
        async with opened.response as response:
            self._know(opened.sha256)
            if opened.start != self._done:
                self._restart()
            while (piece := await response.next_chunk()) is not None:
                if self._done + len(piece) > self._file.size:
                    raise HubError(
                        f"{self._file.name} is larger than the hub's list says; it changes, try again later."
                    )
                self._out.write(piece)
                self._hash.update(piece)
                self._done += len(piece)
                self._told(self._done)

    def _know(self, sha256: str | None) -> None:
        """Compare what the list and the answer say the bytes hash to."""
        if self._wanted is None:
            self._wanted = sha256
        if self._wanted is None:
            raise HubError(
                f"The hub names no checksum for {self._file.name}. Fetch it by hand, and `parley models add` the file."
            )
        if sha256 is not None and sha256 != self._wanted:
            raise HubError(f"{self._file.name} was changed on the hub just now; ask again.")

    def _restart(self) -> None:
        self._out.truncate(0)
        self._hash, self._done = hashlib.sha256(), 0


@contextmanager
def _alone(to: Path) -> Iterator[BinaryIO]:
    """The open `.part` of `to`, for this process alone. Raises HubError."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with _part(to).open("a+b") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HubError(f"Another command is fetching {to.name} at this moment.") from None
        yield out


def _part(to: Path) -> Path:
    return to.with_name(f"{to.name}.part")


def _keep(out: BinaryIO, to: Path, *, right: bool) -> None:
    """Give the file its name, so that it lasts; or delete what is wrong and raise HubError."""
    if not right:
        _part(to).unlink()
        raise HubError(f"{to.name} came damaged: its SHA-256 is not the hub's. It was deleted; fetch it again.")
    out.flush()
    os.fsync(out.fileno())
    _part(to).replace(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_here(file: HubFile, to: Path) -> bool:
    """Whether the file was fetched before. Raises HubError where another one has its name."""
    if not to.exists():
        return False
    same = to.stat().st_size == file.size
    if same and file.sha256 is not None:
        with to.open("rb") as there:
            same = hashlib.file_digest(there, "sha256").hexdigest() == file.sha256
    if not same:
        raise HubError(f"{to} is there already and is not the hub's file; move it away first.")
    return True


def _check_room(file: HubFile, to: Path, here: int, free: Callable[[Path], int]) -> None:
    """Raises HubError where the disk has no room for the rest."""
    needed, room = file.size - here, free(to.parent)
    if needed + SPARE > room:
        has = f"the disk of {to.parent} has {size_in_words(room)} free"
        raise HubError(f"{file.name} needs {size_in_words(needed)} more, and {has}.")
