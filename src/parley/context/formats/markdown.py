"""Markdown (CommonMark 0.31, GitHub's tables): headings become the path, everything else stays as it is written.

Only what tells blocks apart is read; a model reads Markdown as it is.
"""

import re
from collections.abc import Iterator

from parley.context.formats.block import Block, below

HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
RULE_OF_TABLE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*\n", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*\)")
MARKS = re.compile(r"[`*_]{1,3}(?=\S)|(?<=\S)[`*]{1,3}")


class _Reader:
    def __init__(self) -> None:
        self.headings: list[tuple[int, str]] = []
        self.lines: list[str] = []

    @property
    def path(self) -> tuple[str, ...]:
        return below((), *(name for _, name in self.headings))

    def enter(self, level: int, name: str) -> None:
        self.headings = [(depth, above) for depth, above in self.headings if depth < level]
        if plain := plainly(name):
            self.headings.append((level, plain))

    def take(self) -> Iterator[Block]:
        text, self.lines = "\n".join(self.lines).strip("\n"), []
        if text.strip():
            yield Block(self.path, text)


def blocks(text: str) -> Iterator[Block]:
    """Each paragraph, list, table and piece of code under its headings."""
    lines = iter(_Peeking(COMMENT.sub("", FRONT_MATTER.sub("", text)).split("\n")))
    reader = _Reader()
    for line, following in lines:
        if fence := FENCE.match(line):
            yield from reader.take()
            yield Block(reader.path, "\n".join([line, *_fenced(lines, fence[1])]), lines=True)
        elif heading := HEADING.match(line):
            yield from reader.take()
            reader.enter(len(heading[1]), heading[2] or "")
        elif not line.strip():
            yield from reader.take()
        elif len(reader.lines) == 1 and (under := UNDERLINE.match(line)):
            name = reader.lines.pop()
            reader.enter(1 if under[1][0] == "=" else 2, name)
        elif not reader.lines and "|" in line and following is not None and _begins_table(following):
            head = f"{line}\n{next(lines)[0]}"
            rows = list(_rows(lines))
            yield Block(reader.path, "\n".join(rows) or head, lines=True, head=head if rows else "")
        else:
            reader.lines.append(line)
    yield from reader.take()


def plainly(heading: str) -> str:
    """A heading without links, code marks and emphasis."""
    return MARKS.sub("", LINK.sub(r"\1", heading)).strip()


class _Peeking:
    """Lines, each with the one that follows; `after` is that one, until it is read itself."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def __iter__(self) -> "_Peeking":
        return self

    def __next__(self) -> tuple[str, str | None]:
        at = self._at
        if at >= len(self._lines):
            raise StopIteration
        self._at += 1
        return self._lines[at], self.after

    @property
    def after(self) -> str | None:
        return self._lines[self._at] if self._at < len(self._lines) else None


def _begins_table(line: str) -> bool:
    return "-" in line and "|" in line and RULE_OF_TABLE.match(line) is not None


def _fenced(lines: Iterator[tuple[str, str | None]], fence: str) -> Iterator[str]:
    for line, _ in lines:
        yield line
        if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            return


def _rows(lines: Iterator[tuple[str, str | None]]) -> Iterator[str]:
    assert isinstance(lines, _Peeking)
    while lines.after is not None and lines.after.strip() and "|" in lines.after:
        yield next(lines)[0]
