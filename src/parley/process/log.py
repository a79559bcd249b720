"""How a process of Parley logs: warnings and errors, one line each, on stderr."""

import logging


def start_log() -> None:
    """Begins to log; called once in each process."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
