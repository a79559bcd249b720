"""What a measurement is aimed at: an address that speaks chat completions, and the process behind it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

QUESTION = "Say hello to the benchmark, please."
SYSTEM = "You are a helpful assistant."


@dataclass(frozen=True)
class Target:
    """Something that answers chat completions on a loopback port.

    `pid` is the process whose time and memory count, None where neither means anything; `ready_ms` is the time from its
    start to its first accepted connection.
    """

    name: str
    port: int
    path: str = "/v1/chat/completions"
    model: str = "bench"
    headers: Mapping[str, str] = field(default_factory=dict)
    pid: int | None = None
    ready_ms: float | None = None

    def body(self, *, stream: bool, question: str = QUESTION) -> bytes:
        """The body of one chat completion."""
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
        ask: dict[str, object] = {"model": self.model, "messages": messages}
        if stream:
            ask |= {"stream": True, "stream_options": {"include_usage": True}}
        return json.dumps(ask, separators=(",", ":")).encode()

    def request(self, body: bytes) -> bytes:
        """The whole HTTP request with `body`."""
        lines = [f"POST {self.path} HTTP/1.1", f"host: 127.0.0.1:{self.port}", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body
