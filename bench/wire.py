"""Measures the plumbing alone, in processor time: a JSON exchange, a chunk of a stream, an event, an id.

    python -m bench.wire [--seconds 3] [--connections 1 16]

The upstream is `bench.upstream` in a process of its own. Processor time counts everything in this process: the loop,
the system calls, the client. "arriving together" is a stream in one write, "one by one" a chunk each half millisecond.
"""

import argparse
import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvloop

from parley.wire.http import HeaderBlock, HttpClient, HttpRequest, Timeouts, Url
from parley.wire.ids import new_id
from parley.wire.sse import SseDecoder, data_frame, named_frame

HEADERS = HeaderBlock([(b"authorization", b"Bearer sk-bench"), (b"content-type", b"application/json")])
ASK = b'{"model":"bare","messages":[{"role":"user","content":"Say hello to the bench."}]%b}'
STREAM = ASK % b',"stream":true'
TIMEOUTS = Timeouts()


@contextmanager
def upstream(*arguments: str) -> Iterator[str]:
    """A running upstream; gives its base URL."""
    argv = [sys.executable, "-m", "bench.upstream", "--port", "0", *arguments]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"(\d+)$", process.stdout.readline().strip())
            assert found is not None, "the upstream did not start"
            yield f"http://127.0.0.1:{found[1]}/v1"
        finally:
            process.kill()


async def exchange(client: HttpClient, url: Url) -> int:
    """One JSON exchange."""
    request = HttpRequest("POST", url, "/chat/completions", HEADERS, ASK % b"")
    response = await client.send(request, TIMEOUTS)
    await response.read(1 << 20)
    return 1


async def stream(client: HttpClient, url: Url) -> int:
    """One stream; gives the number of its events."""
    response = await client.send(HttpRequest("POST", url, "/chat/completions", HEADERS, STREAM), TIMEOUTS)
    decoder, events = SseDecoder(), 0
    while (data := await response.next_chunk()) is not None:
        events += len(decoder.feed(data))
    return events


async def measure(
    name: str, base: str, connections: int, seconds: float, one: Callable[[HttpClient, Url], Awaitable[int]], unit: str
) -> None:
    """Runs `one` over and over on each connection, and prints the cost of a unit."""
    url = Url.parse(base)
    async with HttpClient() as client:
        await one(client, url)
        units, asked = 0, 0
        end = time.perf_counter() + seconds

        async def work() -> None:
            nonlocal units, asked
            while time.perf_counter() < end:
                got = await one(client, url)
                units += got
                asked += 1

        began, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(connections)))
        took, spent = time.perf_counter() - began, time.process_time() - spent
    print(
        f"{name:<28} {connections:>3} connections  {spent / units * 1e6:6.1f} us CPU/{unit:<8}"
        f"  {units / took:>9,.0f} {unit}/s  {took / asked * connections * 1e6:8.0f} us each"
    )


def repeat(name: str, step: Callable[[], object], times: int, each: int = 1) -> None:
    """Runs `step`, which handles `each` units, over and over, and prints the cost of a unit."""
    spent = time.process_time()
    for _ in range(times):
        step()
    print(f"{name:<46} {(time.process_time() - spent) / times / each * 1e6:6.2f} us CPU")


def framing() -> None:
    """The cost of what needs no socket."""
    payload = b'{"id":"chatcmpl-bare","choices":[{"index":0,"delta":{"content":"token "},"finish_reason":null}]}'
    together, crlf = data_frame(payload) * 20, (b"data: " + payload + b"\r\n\r\n") * 20
    named = named_frame(b"content_block_delta", payload) * 20
    decoder = SseDecoder()
    decoder.feed(together)
    repeat("event decoded, 20 in a read", lambda: decoder.feed(together), 20_000, 20)
    repeat("event decoded, 20 in a read, CRLF", lambda: decoder.feed(crlf), 20_000, 20)
    repeat("event decoded, 20 in a read, named", lambda: decoder.feed(named), 20_000, 20)
    one = data_frame(payload)
    repeat("event decoded, one in a read", lambda: decoder.feed(one), 200_000)
    repeat("event framed", lambda: data_frame(payload), 200_000)
    repeat("id made", lambda: new_id("req"), 200_000)


def main() -> None:
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16])
    args = parser.parse_args()
    framing()
    with upstream() as instant, upstream("--gap-ms", "0.5", "--chunks", "100") as paced:
        for connections in args.connections:
            for name, base, one, unit in (
                ("JSON", instant, exchange, "exchange"),
                ("stream, arriving together", instant, stream, "chunk"),
                ("stream, one by one", paced, stream, "chunk"),
            ):
                uvloop.run(measure(name, base, connections, args.seconds, one, unit))


if __name__ == "__main__":
    main()
