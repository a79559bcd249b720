"""Splits a document into chunks: along its headings, then its paragraphs, then its sentences, with some overlap.

Sizes are bytes of UTF-8, which follow the tokens of an encoder closer than letters do: a Chinese letter is three bytes
and about one token, an English word some five and a little over one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from parley.context.formats.block import Block
from parley.context.terms import pack
from parley.core.documents import Chunk

SIZE = 1100
"""Bytes of a chunk's text: some 250 tokens of English; small encoders read 512."""
OVERLAP = 150
"""Bytes of the end of one chunk that stand again at the beginning of the next."""
SMALL = 400
"""A section that is shorter is joined with its neighbour under the same heading."""
SENTENCE = re.compile(r"(?<=[.!?。！？…])[\s\u3000]+|(?<=[。！？])|\n+")
SPACE = re.compile(r"\s+")

Piece = tuple[tuple[str, ...], str, str]
"""Path, text, and the head that stands above it where it is the first of a chunk."""
Smaller = Callable[[str], Iterator[str]]
"""Cuts what is still too large."""


def split(blocks: Iterable[Block]) -> Iterator[Chunk]:
    """The chunks, numbered from 0."""
    for number, (path, text) in enumerate(_packed(_pieces(blocks))):
        terms, length = pack(f"{' '.join(path)}\n{text}")
        yield Chunk(number=number, path=path, text=text, terms=terms, length=length)


def _pieces(blocks: Iterable[Block]) -> Iterator[Piece]:
    for block in blocks:
        if size(block.text) + size(block.head) <= SIZE:
            yield block.path, block.text, block.head
            continue
        room = max(SIZE - size(block.head), SIZE // 2) if block.head else SIZE - OVERLAP
        cut = _lines(block.text, room) if block.lines else _sentences(block.text, room)
        for text in cut:
            yield block.path, text, block.head


class _Chunk:
    """A chunk that grows: its sections, each with its texts."""

    def __init__(self) -> None:
        self.sections: list[tuple[tuple[str, ...], list[str]]] = []
        self.size = 0
        self.own = 0  # bytes that the chunk before did not have
        self.head = ""

    def takes(self, piece: Piece) -> bool:
        path, text, head = piece
        if not self.sections:
            return True
        if self.size + size(text) + size(head) > SIZE:
            return False
        last = self.sections[-1][0]
        return path == last or (self.size < SMALL and _kin(self.sections[0][0], path))

    def add(self, piece: Piece) -> None:
        path, text, head = piece
        texts = [head, text] if head and head != self.head else [text]
        self.head = head
        if self.sections and self.sections[-1][0] == path:
            self.sections[-1][1].extend(texts)
        else:
            self.sections.append((path, texts))
        self.size += sum(map(size, texts)) + 2
        self.own += size(text)

    def done(self) -> tuple[tuple[str, ...], str]:
        path = _shared([path for path, _ in self.sections])
        found = []
        for own, texts in self.sections:
            found += [" › ".join(own[len(path) :])] if len(own) > len(path) else []
            found += texts
        return path, "\n".join(found)

    def following(self, piece: Piece) -> "_Chunk":
        """The next chunk, with the end of this one where it goes on in the same section."""
        after = _Chunk()
        path, text, head = piece
        last, texts = self.sections[-1]
        room = min(OVERLAP, SIZE - size(text) - size(head))
        if last == path and not head and (end := tail(texts[-1], room)):
            after.sections.append((path, [end]))
            after.size = size(end) + 2
        return after


def _packed(pieces: Iterable[Piece]) -> Iterator[tuple[tuple[str, ...], str]]:
    growing = _Chunk()
    for piece in pieces:
        if not growing.takes(piece):
            yield growing.done()
            growing = growing.following(piece)
        growing.add(piece)
    if growing.own:
        yield growing.done()


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def tail(text: str, room: int) -> str:
    """The last sentences (or lines) of `text` that fit into `room` bytes; "" where not even one does."""
    found = ""
    for sentence in reversed(SENTENCE.split(text[-4 * OVERLAP :])):
        longer = f"{sentence} {found}".strip()
        if size(longer) > room:
            break
        found = longer
    return found if len(found) < len(text) else ""


def _lines(text: str, room: int) -> Iterator[str]:
    waiting: list[str] = []
    filled = 0
    for line in text.split("\n"):
        if size(line) > room:
            yield from ("\n".join(waiting),) if waiting else ()
            yield from _sentences(line, room)
            waiting, filled = [], 0
            continue
        if waiting and filled + size(line) + 1 > room:
            yield "\n".join(waiting)
            waiting, filled = [], 0
        waiting.append(line)
        filled += size(line) + 1
    if any(waiting):
        yield "\n".join(waiting)


def _sentences(text: str, room: int) -> Iterator[str]:
    """`text` cut at the ends of sentences, else between words, else anywhere."""
    if size(text) <= room:
        yield text
        return
    yield from _filled(_cuts(text, SENTENCE), room, lambda part: _filled(_cuts(part, SPACE), room, _hard(room)))


def _hard(room: int) -> Smaller:
    step = max(room // 4, 1)  # a letter has at most four bytes
    return lambda part: (part[at : at + step] for at in range(0, len(part), step))


def _cuts(text: str, at: re.Pattern[str]) -> Iterator[str]:
    """The parts of `text` between matches, each with the white space that follows it."""
    begin = 0
    for match in at.finditer(text):
        if match.end() > begin:
            yield text[begin : match.end()]
            begin = match.end()
    if begin < len(text):
        yield text[begin:]


def _filled(parts: Iterable[str], room: int, smaller: Smaller) -> Iterator[str]:
    waiting = ""
    filled = 0
    for part in parts:
        length = size(part)
        if filled + length <= room:
            waiting, filled = waiting + part, filled + length
            continue
        if waiting.strip():
            yield waiting.strip()
        waiting, filled = "", 0
        if length <= room:
            waiting, filled = part, length
        else:
            yield from smaller(part)
    if waiting.strip():
        yield waiting.strip()


def _kin(first: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether `path` is below the heading of `first`, or beside it under the same one."""
    return path[: len(first)] == first or path[: len(first) - 1] == first[:-1]


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    first, last = min(paths), max(paths)
    for place, name in enumerate(first):
        if place >= len(last) or last[place] != name:
            return first[:place]
    return first
