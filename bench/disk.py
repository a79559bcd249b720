"""What the disk under the ledger takes for the smallest commit, so that added latencies can be read."""

import os
import time
from pathlib import Path

from bench.figures import percentile


def sync_ms(room: Path, times: int = 200) -> float:
    """Median milliseconds of appending a page to a file in `room` and waiting until it is on the disk."""
    page, taken = b"\0" * 4096, []
    file = os.open(room / "sync-probe", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(times):
            began = time.monotonic()
            os.write(file, page)
            os.fdatasync(file)
            taken.append((time.monotonic() - began) * 1000)
    finally:
        os.close(file)
        (room / "sync-probe").unlink()
    return percentile(taken, 50)
