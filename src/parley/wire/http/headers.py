"""Header fields: checked once on the way out, looked up without regard to case on the way in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from parley.wire.http.errors import RequestInvalid

Pairs = Iterable[tuple[bytes, bytes]]

# RFC 9110, section 5.6.2 (a name is a token) and 5.5 (a value holds no control character but the tab).
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch
_VALUE: Final = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*").fullmatch

# The client writes these itself: two opinions about where a message ends are how requests are smuggled.
_OURS: Final = frozenset(
    b"host content-length transfer-encoding connection keep-alive upgrade te trailer expect"
    b" proxy-connection proxy-authorization".split()
)


def render_headers(pairs: Pairs) -> bytes:
    """The lines of a head, checked. Raises RequestInvalid that names the field, never its value."""
    lines: list[bytes] = []
    for name, value in pairs:
        if not _NAME(name) or name.lower() in _OURS:
            raise RequestInvalid(f"The header {name.decode('latin-1')!r} can not be sent: {_why(name)}.")
        if not _VALUE(value):
            raise RequestInvalid(
                f"The header {name.decode()!r} can not be sent: its value holds a line end or control character."
            )
        lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join(lines)


def _why(name: bytes) -> str:
    return "the client writes it itself" if name.lower() in _OURS else "its name is not a token"


class HeaderBlock:
    """Header fields that were checked and rendered once, for requests that share them."""

    __slots__ = ("rendered",)

    rendered: bytes

    def __init__(self, pairs: Pairs = ()) -> None:
        """Raises RequestInvalid."""
        self.rendered = render_headers(pairs)

    def plus(self, pairs: Pairs) -> "HeaderBlock":
        """A block with more fields; only those are checked. Raises RequestInvalid."""
        more = HeaderBlock(pairs)
        more.rendered = self.rendered + more.rendered
        return more

    def __repr__(self) -> str:
        return f"HeaderBlock(<{len(self.rendered)} bytes>)"


class Headers(Mapping[str, str]):
    """An answer's header fields by lower-case name; `[]` and `get` take any case, and join what came several times."""

    __slots__ = ("_joined", "pairs")

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        """`pairs` as they came, names in lower case."""
        self.pairs = pairs
        self._joined: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        joined = self._joined
        if joined is None:
            joined = self._joined = {}
            for raw_name, raw_value in self.pairs:
                name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
                joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined

    def __getitem__(self, name: str) -> str:
        return self._all()[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
