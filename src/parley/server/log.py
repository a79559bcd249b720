"""The log: one line per fault of our own; never a prompt, a key or an answer."""

import logging
import traceback

log = logging.getLogger("parley")


def log_fault(where: str, error: BaseException) -> None:
    """Writes where in the code `error` came from; its message stays out, since it may quote a request."""
    frames = traceback.extract_tb(error.__traceback__)
    trail = " < ".join(f"{f.filename.rpartition('parley/')[2]}:{f.lineno} {f.name}" for f in reversed(frames[-8:]))
    log.error("%s: %s at %s", where, type(error).__name__, trail)
