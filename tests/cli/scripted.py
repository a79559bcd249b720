"""A scripted gateway on a socket: it answers a chat as the last message says."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Scripted:
    """The server, what it was asked, and whether a client left in the middle of a stream."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.left = threading.Event()
        self.streaming = threading.Event()
        self.models = ["text-embedding-3-small", "demo", "other"]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Scripted":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _json(self, 200, {"data": [{"id": name} for name in script.models]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                script.asked.append(body)
                text = body["messages"][-1]["content"]
                if text == "refuse":
                    _json(self, 429, {"error": {"message": "Too many questions."}})
                elif not body["stream"]:
                    _json(self, 200, {"choices": [{"message": {"content": f"You said {text}."}}]})
                else:
                    script.stream(self, text)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def stream(self, handler: BaseHTTPRequestHandler, text: str) -> None:
        """Streams an answer to `text`."""
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        try:
            if text == "forever":
                self.streaming.set()
                while True:
                    _event(handler, "word ")
                    time.sleep(0.02)
            for piece in ("You ", "said ", text, "\x1b[31m."):
                _event(handler, piece)
            if text == "break":
                handler.wfile.write(b'data: {"error": {"message": "The upstream was cut."}}\n\n')
            elif text != "cut":
                handler.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            self.left.set()
        handler.close_connection = True


def _json(handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def _event(handler: BaseHTTPRequestHandler, text: str) -> None:
    handler.wfile.write(b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n")
    handler.wfile.flush()
