"""A model hub on a socket, with a CDN on another port: lists, redirects, ranges, and every way of going wrong."""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

REPO = "acme/small-GGUF"


@dataclass
class HubServer:
    """`files` by path. `cuts`: after how many bytes each answer of the CDN in turn is cut. `token`: what it wants."""

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    token: str | None = None
    ranges: bool = True
    listed_hash: Callable[[bytes], str | None] = lambda data: hashlib.sha256(data).hexdigest()
    linked_hash: Callable[[bytes], str | None] = lambda data: hashlib.sha256(data).hexdigest()
    location: str | None = None
    statuses: list[int] = field(default_factory=list)
    page: int = 100
    stalls: bool = False  # what is cut is not closed but kept waiting
    stalled: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  # hub or cdn, path, headers

    def __enter__(self) -> "HubServer":
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler(who)) for who in ("hub", "cdn")]
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.url, self.cdn = (f"http://127.0.0.1:{server.server_address[1]}" for server in self._servers)
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def asked_of(self, who: str) -> list[dict[str, str]]:
        """The headers of each request to the `hub` or to its `cdn`."""
        return [headers for one, _, headers in self.asked if one == who]

    def _handler(self, who: str) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append((who, self.path, headers))
                if who == "cdn":
                    server.give(self, unquote(self.path.partition("?")[0]).removeprefix("/blob/"), headers)
                else:
                    server.answer(self, headers)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def answer(self, handler: BaseHTTPRequestHandler, headers: dict[str, str]) -> None:
        """The hub's own paths."""
        path, _, query = handler.path.partition("?")
        if self.statuses:
            reply(handler, self.statuses.pop(0), b"")
        elif self.token is not None and headers.get("authorization") != f"Bearer {self.token}":
            reply(handler, 401, b'{"error": "Invalid username or password."}')
        elif path == f"/api/models/{REPO}/tree/main":
            self.list(handler, query)
        elif path.startswith(f"/{REPO}/resolve/main/"):
            self.resolve(handler, unquote(path.removeprefix(f"/{REPO}/resolve/main/")))
        else:
            reply(handler, 404, b'{"error": "Repository not found"}')

    def list(self, handler: BaseHTTPRequestHandler, query: str) -> None:
        """The files, a page at a time."""
        entries: list[dict[str, Any]] = [{"type": "directory", "path": "more", "size": 0, "oid": "0"}]
        for path, data in self.files.items():
            large = {"oid": self.listed_hash(data), "size": len(data), "pointerSize": 134}
            entries.append({"type": "file", "path": path, "size": len(data), "oid": "1", "lfs": large})
        start = int(query.partition("cursor=")[2] or 0)
        more = {}
        if start + self.page < len(entries):
            next_page = f"{self.url}{handler.path.partition('?')[0]}?recursive=1&cursor={start + self.page}"
            more = {"Link": f'<{next_page}>; rel="next"'}
        reply(handler, 200, json.dumps(entries[start : start + self.page]).encode(), more)

    def resolve(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        """Where a file is: at the CDN."""
        if path not in self.files:
            reply(handler, 404, b"Entry not found")
            return
        told = self.linked_hash(self.files[path])
        more = {"X-Linked-Etag": f'"{told}"'} if told else {}
        location = self.location or f"{self.cdn}/blob/{path}?signature=x%2By&expires=1"
        reply(handler, 302, b"", {**more, "Location": location, "X-Linked-Size": str(len(self.files[path]))})

    def give(self, handler: BaseHTTPRequestHandler, path: str, headers: dict[str, str]) -> None:
        """A file's bytes, from where they are asked; perhaps not to the end."""
        data, start = self.files[path], 0
        if self.ranges and "range" in headers:
            start = int(headers["range"].removeprefix("bytes=").rstrip("-"))
        handler.send_response(206 if start else 200)
        handler.send_header("content-length", str(len(data) - start))
        if start:
            handler.send_header("content-range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.end_headers()
        end = start + self.cuts.pop(0) if self.cuts else len(data)
        handler.wfile.write(data[start:end])
        if self.stalls and end < len(data):
            handler.wfile.flush()
            self.stalled.set()
            handler.rfile.read(1)  # until the client is gone
        handler.close_connection = True


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    """A whole answer."""
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
