"""When a target counts as ready: it answered one chat completion, whole and as it should."""

import time
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.paced import TOKENS
from bench.processes import alive, tail
from bench.target import Target
from bench.upstream import TEXT

PATIENCE_S = 60


def answered(target: Target, log: Path | None = None) -> Target:
    """`target` with `ready_ms`, the time from this call, right after its start, to the end of its first answer.

    Raises RuntimeError with the end of the log if the process dies, or if there is no right answer within a minute.
    """
    began = time.monotonic()
    last: tuple[int, bytes] | Exception | None = None
    while time.monotonic() - began < PATIENCE_S and (target.pid is None or alive(target.pid)):
        try:
            last = ask(target, stream=False)
        except (OSError, HTTPException) as error:
            last = error
        else:
            if last[0] == 200 and TEXT.encode() in last[1]:
                return replace(target, ready_ms=(time.monotonic() - began) * 1000)
        time.sleep(0.003)
    raise RuntimeError(f"{target.name} did not get ready: {last!r}\n{tail(log) if log else ''}")


def ask(target: Target, *, stream: bool) -> tuple[int, bytes]:
    """Status and body of the answer to one request. Raises OSError or HTTPException if there is none."""
    connection = HTTPConnection("127.0.0.1", target.port, timeout=10)
    try:
        headers = {"content-type": "application/json", **target.headers}
        connection.request("POST", target.path, target.body(stream=stream), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def check_stream(target: Target) -> None:
    """Raises RuntimeError unless a stream arrives whole, with every token and its end."""
    _, received = ask(target, stream=True)
    if received.count(b"token ") < TOKENS or b"[DONE]" not in received:
        raise RuntimeError(f"{target.name} streams something else: {received[:600]!r}")
