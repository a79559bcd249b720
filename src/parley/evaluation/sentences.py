"""Where sentences end: for holding back no more than one of a stream, and for trimming at a whole one."""

import re

END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[”’」』）]*|\n+")
"""The end of a sentence: its mark with what closes after it, before a space; the marks of Chinese and Japanese; a line.
A full stop counts as an end after "e.g." and the like too, which costs nothing here."""


def next_end(text: str, start: int, *, last: bool) -> int:
    """The place behind the sentence that begins at `start`, 0 where none is whole.

    Unless the text is the `last`, a mark at its very end may go on ("?!", "...\\""), so that only what follows it
    shows its end.
    """
    found = END.search(text, start)
    if found is None:
        return 0
    return found.end() if last or found.end() < len(text) else 0
