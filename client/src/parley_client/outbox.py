"""The outbox: answers that were had without Parley, on disk until Parley has them.

A folder with one file per record: written whole, synced, and deleted when it was sent. Several processes may share it;
a record that is sent twice is one record, because it carries its id.
"""

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger("parley_client")

LIMIT = 64 * 1024 * 1024
"""Bytes kept at most; what comes beyond them is dropped, and the log says so."""


def outbox_folder(root: Path | None, base_url: str, api_key: str) -> Path:
    """Where the records for one Parley and one key wait; without `root` it is below the user's state directory."""
    state = os.environ.get("PARLEY_CLIENT_STATE") or os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    whose = hashlib.sha256(f"{base_url}\n{api_key}".encode()).hexdigest()[:16]
    return (root or Path(state) / "parley-client") / whose


class Outbox:
    """One folder of records; every method works on the disk and may take milliseconds."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        """`limit` is in bytes; the folder is made when it is needed."""
        self._folder = folder
        self._limit = limit

    def keep(self, id: str, record: dict[str, object]) -> bool:
        """Writes a record so that it survives a crash; False where it does not fit. Raises OSError."""
        data = json.dumps(record, separators=(",", ":")).encode()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._size() + len(data) > self._limit:
            log.error("the record of %s is dropped: more than %d bytes wait in %s", id, self._limit, self._folder)
            return False
        place, written = self._folder / f"{id}.json", self._folder / f"{id}.{os.getpid()}.part"
        try:
            with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            written.replace(place)
            self._sync()
        except BaseException:
            written.unlink(missing_ok=True)
            raise
        return True

    def waiting(self) -> list[str]:
        """The ids of the records that wait, oldest first."""
        return sorted(place.stem for place in self._folder.glob("*.json")) if self._folder.is_dir() else []

    def read(self, id: str) -> dict[str, object] | None:
        """A record, or None where somebody else has sent it, or the file is no record."""
        with contextlib.suppress(OSError, ValueError):
            record = json.loads((self._folder / f"{id}.json").read_bytes())
            if isinstance(record, dict):
                return record
        return None

    def forget(self, id: str) -> None:
        """Deletes a record that was sent. Raises OSError."""
        (self._folder / f"{id}.json").unlink(missing_ok=True)

    def _size(self) -> int:
        return sum(_sizes(self._folder))

    def _sync(self) -> None:
        """Makes the names in the folder last, where the system can do that."""
        with contextlib.suppress(OSError):
            opened = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)


def _sizes(folder: Path) -> Iterator[int]:
    for place in folder.iterdir():
        with contextlib.suppress(OSError):
            yield place.stat().st_size
