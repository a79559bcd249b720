"""HTML, with the parser of the standard library: headings become the path; scripts and hidden text are left out."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from parley.context.formats.block import Block, below

SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "svg", "nav", "iframe", "object", "select", "button", "textarea")
)
BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section",
        "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
    }
)  # fmt: skip
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
"""Elements without an end (HTML, Living Standard, 13.1.2, 2026-08)."""
HEADING = re.compile(r"h([1-6])$")
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SPACE = re.compile(r"\s+")


class _Page(HTMLParser):
    """Collects blocks as tags come and go; unclosed tags are forgiven."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self.headings: list[tuple[int, str]] = []
        self.text: list[str] = []
        self.skipping: tuple[str, int] | None = None
        self.verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.skipping is not None:
            if tag == self.skipping[0]:
                self.skipping = (tag, self.skipping[1] + 1)
        elif tag not in VOID and (tag in SKIPPED or _hidden(attrs)):
            self.skipping = (tag, 1)
        elif HEADING.match(tag):
            self.take()
        elif tag in ("td", "th"):
            self.text.append(" | " if "".join(self.text).strip() else "")
        elif tag == "br":
            self.text.append("\n" if self.verbatim else " ")
        elif tag in BLOCKS:
            self.take()
            self.verbatim += tag == "pre"
            self.text += ["- "] if tag == "li" else []

    def handle_endtag(self, tag: str) -> None:
        if self.skipping is not None:
            if tag == self.skipping[0]:
                self.skipping = (tag, self.skipping[1] - 1) if self.skipping[1] > 1 else None
        elif heading := HEADING.match(tag):
            level, name = int(heading[1]), SPACE.sub(" ", "".join(self.text)).strip()
            self.text = []
            self.headings = [(depth, above) for depth, above in self.headings if depth < level]
            self.headings += [(level, name)] if name else []
        elif tag == "title":
            self.text = []  # the page's first heading says it again
        elif tag in BLOCKS and tag not in ("td", "th"):
            self.take()
            self.verbatim -= tag == "pre" and self.verbatim > 0

    def handle_data(self, data: str) -> None:
        if self.skipping is None:
            self.text.append(data)

    def take(self) -> None:
        """Ends a block."""
        text, self.text = "".join(self.text), []
        plain = text.strip("\n") if self.verbatim else SPACE.sub(" ", text).strip()
        if plain.strip() not in ("", "-"):
            path = below((), *(name for _, name in self.headings))
            self.found.append(Block(path, plain, lines=bool(self.verbatim)))


def blocks(text: str) -> Iterator[Block]:
    """Each paragraph, row, list item and piece of code under its headings."""
    page = _Page()
    page.feed(text)
    page.close()
    page.take()
    yield from page.found


def _hidden(attrs: list[tuple[str, str | None]]) -> bool:
    """What a reader of the page would not see, an answer should not draw on either."""
    given = dict(attrs)
    return "hidden" in given or given.get("aria-hidden") == "true" or bool(HIDDEN.search(given.get("style") or ""))
