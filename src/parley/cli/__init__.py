"""The keys of the house: the command `parley`, one file per command.

Each command imports what it needs when it runs, so that `parley serve` starts with nothing but what serving needs.
"""

from parley.cli.app import main

__all__ = ["main"]
