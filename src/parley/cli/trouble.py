"""What stops a command: one sentence for the person at the terminal."""


class Trouble(Exception):
    """The command can not go on; the message says why and what to do."""
