"""The spool: files of records that wait for the store, one checksummed JSON line each, flushed to disk line by line.

Each process has a file of its own and a lock on it, so a file without a lock was left by a process that died. A file
is removed only after all of its records are committed; records that are there already are passed over, so replaying
a file twice changes nothing.
"""

import fcntl
import logging
import os
import secrets
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from parley.core.record import Record, Sealed
from parley.store.reserve import SIZE, Reserve

log = logging.getLogger(__name__)

ENDING = ".spool"
DAMAGED = ".damaged"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Sealed).decode
_decode_plain = msgspec.json.Decoder(Record).decode


class SpoolFile:
    """One file and the lock on it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size

    def append(self, records: Sequence[Record]) -> None:
        """Adds records; they are on disk when it returns. Raises OSError, and then none of them is in the file."""
        lines = b"".join(map(line_of, records))
        try:
            written = 0
            while written < len(lines):
                written += os.pwrite(self._descriptor, lines[written:], self._size + written)
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(lines)

    def pieces(self, most: int) -> Iterator[list[Record]]:
        """The records, at most `most` at once; a last line that was torn was never promised to anyone."""
        piece: list[Record] = []
        damaged = 0
        with self.path.open("rb") as lines:
            for line in lines:
                record = read_line(line)
                if record is None:
                    damaged += line.endswith(b"\n")
                    continue
                piece.append(record)
                if len(piece) >= most:
                    yield piece
                    piece = []
        if damaged:
            self._keep_damaged(damaged)
        yield piece

    def remove(self) -> None:
        """Ends the file: all of it is committed."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Lets the lock go and leaves the file to the next process."""
        os.close(self._descriptor)

    def _keep_damaged(self, lines: int) -> None:
        copy = self.path.with_suffix(DAMAGED)
        log.error("%d lines of the spool %s are damaged; they are kept in %s", lines, self.path, copy)
        try:
            os.link(self.path, copy)
        except FileExistsError:
            pass


class Spool:
    """A folder of spool files: one that this process writes, and those that wait to be replayed."""

    def __init__(self, folder: Path, reserve: int = SIZE) -> None:
        """`reserve` is how many bytes are set aside for a full disk."""
        self.folder = folder
        self._reserve = Reserve(folder / "reserve", reserve)
        self._own: SpoolFile | None = None

    def prepare(self) -> None:
        """Sets room aside for a full disk."""
        self._reserve.fill()

    def append(self, records: Sequence[Record]) -> None:
        """Adds records to this process's file; they are on disk when it returns. Raises OSError."""
        try:
            self._append(records)
        except OSError as error:
            if not self._reserve.give_up(error):
                raise
            log.error("the disk is full; %s gives up the room that was set aside for this", self.folder)
            self._append(records)

    def _append(self, records: Sequence[Record]) -> None:
        if self._own is None:
            self._own = self._make()
        self._own.append(records)

    def left_over(self) -> list[SpoolFile]:
        """The files of processes that are gone, locked for this one; oldest first."""
        found = sorted(self.folder.glob(f"*{ENDING}")) if self.folder.is_dir() else []
        return [file for path in found if (file := _claimed(path)) is not None]

    def take_own(self) -> SpoolFile | None:
        """This process's file, to be replayed; what comes next goes to a fresh one."""
        own, self._own = self._own, None
        return own

    def close(self) -> None:
        """Leaves what is in it to the next process."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def _make(self) -> SpoolFile:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{os.getpid()}-{secrets.token_hex(6)}{ENDING}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # the name, too, has to survive a power cut
        finally:
            os.close(folder)
        return SpoolFile(path, descriptor)


def line_of(record: Record) -> bytes:
    """A record as a line: CRC-32 in hex, a space, JSON."""
    data = _encode(record)
    return b"%08x %s\n" % (zlib.crc32(data), data)


def read_line(line: bytes) -> Record | None:
    """The record in a line, or None where the line is torn or damaged."""
    checksum, data = line[:8], line[9:-1]
    try:
        if not line.endswith(b"\n") or int(checksum, 16) != zlib.crc32(data):
            return None
        return _decode(data) if b'"enclosures":' in data else _decode_plain(data)
    except (ValueError, msgspec.MsgspecError):
        return None


def _claimed(path: Path) -> SpoolFile | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None  # another process has replayed and removed it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return SpoolFile(path, descriptor)
