"""Room set aside on the disk, given up when the disk is full, so that records can still be spooled for a while."""

import errno
import os
from pathlib import Path

SIZE = 16 * 1024 * 1024
FULL = (errno.ENOSPC, errno.EDQUOT)


class Reserve:
    """A file that holds nothing but its place; the processes that spool into one folder share it."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    def fill(self) -> None:
        """Sets the room aside; a disk that has none left keeps none back."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        try:
            os.posix_fallocate(descriptor, 0, self._size)
        except OSError:
            self._path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    def give_up(self, error: OSError) -> bool:
        """Whether `error` says that the disk is full and there was room to give up: try again then."""
        if error.errno not in FULL:
            return False
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
