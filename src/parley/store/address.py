"""Where the store is: reads `store.url`, and never shows the password in it."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from parley.store.errors import StoreError

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
FORMS = "`sqlite:///relative/file.db`, `sqlite:////absolute/file.db` or `postgresql://user@host:5432/database`"


class SqliteAddress(Struct, frozen=True):
    """A file."""

    path: Path

    def __str__(self) -> str:
        return f"the database file {self.path}"


class PostgresAddress(Struct, frozen=True):
    """A server and a database on it; `dsn` holds the password and is shown nowhere."""

    dsn: str

    def __str__(self) -> str:
        return f"PostgreSQL at {masked(self.dsn)}"

    def __repr__(self) -> str:
        return f"PostgresAddress({masked(self.dsn)!r})"


Address = SqliteAddress | PostgresAddress


def read_address(url: str | None, data_dir: Path) -> Address:
    """What `url` means; without one, `parley.db` in the data directory. Raises StoreError."""
    if url is None:
        return SqliteAddress(data_dir / "parley.db")
    if url.startswith(SQLITE):
        name = unquote(url.removeprefix(SQLITE).partition("?")[0])
        if not name or name == ":memory:":
            raise StoreError(f"store.url names no file: the ledger must outlive the process. Write {FORMS}.")
        return SqliteAddress(Path(name))
    if url.startswith(POSTGRES):
        try:
            urlsplit(url).port  # noqa: B018  raises where the port is none
        except ValueError:
            raise StoreError(f"store.url {masked(url)!r} has a port that is no number. Write {FORMS}.") from None
        return PostgresAddress(url)
    raise StoreError(f"store.url {masked(url)!r} is not understood. Write {FORMS}.")


def masked(url: str) -> str:
    """The address without its password, wherever in it the password stands."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return "..."
    authority = rest.rpartition("@") if "@" in rest else ("", "", rest)
    user = authority[0].partition(":")
    shown = f"{user[0]}{':***' if user[1] else ''}@" if authority[1] else ""
    return f"{scheme}://{shown}" + re.sub(r"(?i)(password|passfile|sslpassword)=[^&]*", r"\1=***", authority[2])
