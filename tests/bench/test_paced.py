"""The benchmark counts what really happened: every request, every frame, every lateness."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bench.figures import percentile
from bench.first_token import first_token
from bench.paced import TOKENS, Paced
from bench.paced_streams import CHUNKS, paced_streams
from bench.processes import cpu_seconds, family, resident_mb
from bench.ready import answered, ask, check_stream
from bench.target import Target
from bench.upstream import Count, Script


class Counted:
    """A paced upstream in this process, and how many requests it saw."""

    def __init__(self, target: Target, count: Count) -> None:
        self.target = target
        self.count = count


@pytest.fixture
async def upstream() -> AsyncIterator[Counted]:
    script, count = Script.prepare(chunks=TOKENS), Count()
    server = await asyncio.get_running_loop().create_server(lambda: Paced(script, count), "127.0.0.1", 0)
    async with server:
        yield Counted(Target(name="direct", port=server.sockets[0].getsockname()[1]), count)


async def test_every_paced_frame_is_counted_and_none_is_early(upstream: Counted) -> None:
    round_ = await paced_streams(upstream.target, streams=5)
    assert (round_["complete"], round_["frames"], upstream.count.requests) == (5, 5 * CHUNKS, 5)
    assert 0 <= round_["late_p50_ms"] <= round_["late_p99_ms"] <= round_["late_max_ms"]


async def test_a_stream_that_is_cut_is_not_complete(upstream: Counted) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(Script.prepare().first)
        writer.close()

    async with await asyncio.start_server(cut, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        round_ = await paced_streams(replace(upstream.target, port=port), streams=2)
    assert (round_["complete"], round_["frames"]) == (0, 0)


async def test_the_first_token_is_timed_over_one_connection(upstream: Counted) -> None:
    figures = await asyncio.to_thread(first_token, upstream.target, streams=2)
    assert figures["streams"] == 2
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]


async def test_a_target_is_ready_once_it_answered_and_its_stream_is_whole(upstream: Counted) -> None:
    ready = await asyncio.to_thread(answered, upstream.target)
    assert ready.ready_ms is not None
    await asyncio.to_thread(check_stream, ready)
    status, body = await asyncio.to_thread(ask, ready, stream=True)
    assert status == 200
    assert body.count(b"token ") == TOKENS


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([4, 1, 3, 2], percent) for percent in (25, 50, 99, 100)] == [1, 2, 4, 4]


def test_processor_time_and_memory_are_read_of_a_whole_family() -> None:
    assert family(os.getpid())[0] == os.getpid()
    assert cpu_seconds(os.getpid()) > 0
    assert resident_mb(os.getpid()) > 1
