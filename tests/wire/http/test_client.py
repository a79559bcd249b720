"""Exchanges over a socket: what is sent, what is read, and which connection carries it."""

import asyncio
import zlib
from gzip import compress
from pathlib import Path

import pytest

from parley.wire.http import (
    BodyTooLarge,
    ConnectFailed,
    ConnectionCut,
    HttpClient,
    HttpRequest,
    ProtocolViolated,
    RequestInvalid,
    Url,
)
from tests.scripted import Upstream, Visit, answer, answering, chunk, head, in_turn, json_answer
from tests.wire.http.asking import PATIENT, ask, ask_all, chunks, request


async def test_a_request_arrives_as_it_was_meant_and_its_answer_comes_back(client: HttpClient) -> None:
    async with Upstream(answering(json_answer({"a": 1}, 201, X_Name="value"))) as upstream:
        url = Url.parse(upstream.url + "/v1")
        response = await client.send(HttpRequest("POST", url, "/chat?q=1", [(b"X-A", b"1")], b'{"b":2}'), PATIENT)
        assert (response.status, response.headers["x-name"], response.headers.get("X-NAME")) == (201, "value", "value")
        assert await response.read(100) == b'{"a": 1}'
        (seen,) = upstream.requests
        assert (seen.method, seen.target, seen.headers["x-a"], seen.json) == ("POST", "/v1/chat?q=1", "1", {"b": 2})
        assert seen.headers["host"] == f"127.0.0.1:{upstream.port}"


async def test_connections_are_used_again_the_last_used_first(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok"), delay=0.02)) as upstream:
        await asyncio.gather(*(ask_all(client, upstream) for _ in range(3)))
        assert len(upstream.visits) == 3
        for _ in range(4):
            await ask_all(client, upstream)
        assert sorted(len(visit.requests) for visit in upstream.visits) == [1, 1, 5]


async def test_many_exchanges_at_once_do_not_wake_each_other(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok"))) as upstream:

        async def often() -> None:
            for _ in range(50):
                assert await ask_all(client, upstream) == b"ok"

        async with asyncio.timeout(20):
            await asyncio.gather(*(often() for _ in range(16)))
        assert len(upstream.visits) <= 16


async def test_an_answer_sent_byte_by_byte_is_the_same(client: HttpClient) -> None:
    data = head(chunked=True) + chunk(b"hello ") + chunk(b"world") + chunk(b"")

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(*(data[at : at + 1] for at in range(len(data))))

    async with Upstream(script) as upstream:
        assert await ask_all(client, upstream) == b"hello world"


async def test_bytes_that_came_together_are_given_together(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(chunked=True) + chunk(b"a") + chunk(b"b"))
        await visit.wait(0.1)
        await visit.send(chunk(b"c") + chunk(b"d") + chunk(b""))

    async with Upstream(script) as upstream:
        assert await chunks(await ask(client, upstream)) == [b"ab", b"cd"]


async def test_interim_answers_are_passed_over(client: HttpClient) -> None:
    async with Upstream(answering(head(100) + head(103, link="x") + answer(b"ok"))) as upstream:
        assert await ask_all(client, upstream) == b"ok"
        assert await ask_all(client, upstream) == b"ok"
        assert len(upstream.visits) == 1


@pytest.mark.parametrize(("method", "said"), [("HEAD", head(length=50)), ("GET", head(204)), ("GET", head(304))])
async def test_an_answer_without_body_keeps_its_connection(client: HttpClient, method: str, said: bytes) -> None:
    async with Upstream(answering(said)) as upstream:
        for _ in range(2):
            response = await client.send(request(upstream, method=method, body=b""), PATIENT)
            assert await response.read(0) == b""
        assert len(upstream.visits) == 1


async def test_a_body_without_length_ends_with_the_connection(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.0 200 OK\r\n\r\n", b"all there ", b"is")
        await visit.close()

    async with Upstream(script) as upstream:
        assert await ask_all(client, upstream) == b"all there is"


@pytest.mark.parametrize("said", [answer(b"ok") + b"extra", answer(b"ok", connection="close")])
async def test_a_connection_that_can_not_be_trusted_is_not_used_again(client: HttpClient, said: bytes) -> None:
    async with Upstream(answering(said)) as upstream:
        assert await ask_all(client, upstream) == b"ok"
        assert await ask_all(client, upstream) == b"ok"
        assert len(upstream.visits) == 2
        await upstream.all_closed()


async def test_bytes_that_come_while_a_connection_rests_close_it(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"ok"))
        await visit.wait(0.05)
        await visit.send(answer(b"poison"))

    async with Upstream(script) as upstream:
        assert await ask_all(client, upstream) == b"ok"
        await upstream.all_closed()
        assert await ask_all(client, upstream) == b"ok"


async def test_an_answer_before_the_whole_request_was_taken_costs_the_connection(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        visit.transport.pause_reading()
        await visit.send(answer(b"too large", 413))
        await asyncio.sleep(0.2)
        visit.transport.resume_reading()
        await visit.closed()

    async with Upstream(script) as upstream:
        response = await client.send(request(upstream, body=b"x" * (64 << 20)), PATIENT)
        assert (response.status, await response.read(100)) == (413, b"too large")
        await upstream.all_closed()


@pytest.mark.parametrize("end", [Visit.close, Visit.cut])
async def test_a_kept_connection_closed_before_the_answer_is_replaced_once(client: HttpClient, end: object) -> None:
    assert callable(end)

    async def dying(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"first"))
        await visit.request()
        await end(visit)

    async with Upstream(in_turn(dying, answering(answer(b"second")))) as upstream:
        assert await ask_all(client, upstream) == b"first"
        assert await ask_all(client, upstream) == b"second"
        assert [len(visit.requests) for visit in upstream.visits] == [2, 1]


async def test_the_replacement_is_fresh_and_is_not_replaced_again(client: HttpClient) -> None:
    async def dying(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"first"))
        await visit.request()
        await visit.close()

    async def refusing(visit: Visit) -> None:
        await visit.request()
        await visit.close()

    async with Upstream(in_turn(dying, refusing)) as upstream:
        await ask_all(client, upstream)
        with pytest.raises(ConnectionCut) as caught:
            await ask_all(client, upstream)
        assert not caught.value.bytes_seen
        assert [len(visit.requests) for visit in upstream.visits] == [2, 1]


async def test_a_kept_connection_cut_after_a_byte_is_not_replaced(client: HttpClient) -> None:
    async def dying(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"first"))
        await visit.request()
        await visit.send(b"H")
        await visit.close()

    async with Upstream(dying) as upstream:
        await ask_all(client, upstream)
        with pytest.raises(ConnectionCut) as caught:
            await ask_all(client, upstream)
        assert caught.value.bytes_seen
        assert len(upstream.visits) == 1


async def test_a_fresh_connection_closed_before_the_answer_is_an_error(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.close()

    async with Upstream(script) as upstream:
        with pytest.raises(ConnectionCut):
            await ask_all(client, upstream)
        assert len(upstream.visits) == 1


@pytest.mark.parametrize(
    "said", [head(length=10) + b"half", head(chunked=True) + chunk(b"half"), head(chunked=True) + b"5\r\nhal"]
)
@pytest.mark.parametrize("end", [Visit.close, Visit.cut])
async def test_a_cut_body_is_an_error_after_what_came(client: HttpClient, said: bytes, end: object) -> None:
    assert callable(end)

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(said)
        await end(visit)

    async with Upstream(script) as upstream:
        response = await ask(client, upstream)
        first = await response.next_chunk()
        assert first is not None and b"half".startswith(first)
        with pytest.raises(ConnectionCut):
            await response.next_chunk()
        with pytest.raises(ConnectionCut):
            await ask_all(client, upstream)


async def test_a_refused_connection_is_an_error_with_the_address(client: HttpClient) -> None:
    async with Upstream(answering(b"")) as upstream:
        gone = request(upstream)
    with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1"):
        await client.send(gone, PATIENT)
    with pytest.raises(ConnectFailed, match="nowhere"):
        await client.send(HttpRequest("GET", Url.parse("unix:/tmp/nowhere.sock"), "/"), PATIENT)


@pytest.mark.parametrize("said", [b"SMTP ready\r\n", answer(b"x", content_encoding="br"), head(101, upgrade="x")])
async def test_an_answer_that_can_not_be_read_is_an_error_and_closes(client: HttpClient, said: bytes) -> None:
    async with Upstream(answering(said)) as upstream:
        with pytest.raises(ProtocolViolated):
            await ask_all(client, upstream)


@pytest.mark.parametrize("said", [answer(b"x" * 101), head(chunked=True) + chunk(b"x" * 101), head(length=101)])
async def test_a_body_beyond_the_limit_is_refused_and_the_rest_given_up(client: HttpClient, said: bytes) -> None:
    async with Upstream(answering(said)) as upstream:
        response = await ask(client, upstream)
        with pytest.raises(BodyTooLarge, match="100 bytes"):
            await response.read(100)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", compress(b"hello" * 100)),
        ("deflate", zlib.compress(b"hello" * 100)),
        ("deflate", zlib.compress(b"hello" * 100, wbits=-15)),
        ("identity", b"hello" * 100),
    ],
)
async def test_an_encoded_body_is_decoded(client: HttpClient, coding: str, body: bytes) -> None:
    async with Upstream(answering(answer(body, content_encoding=coding))) as upstream:
        assert await ask_all(client, upstream) == b"hello" * 100
        assert b"".join(await chunks(await ask(client, upstream))) == b"hello" * 100
        assert "accept-encoding" not in upstream.requests[0].headers


async def test_an_encoded_body_is_bounded_by_what_it_becomes_and_must_be_whole(client: HttpClient) -> None:
    bomb = compress(b"\0" * (8 << 20))
    async with Upstream(
        answering(answer(bomb, content_encoding="gzip"), answer(bomb[:-20], content_encoding="gzip"))
    ) as upstream:
        with pytest.raises(BodyTooLarge):
            await ask_all(client, upstream)
        response = await ask(client, upstream)
        with pytest.raises(ProtocolViolated, match="middle"):
            await response.read(64 << 20)


async def test_a_redirect_is_an_answer_like_others(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"", 302, location="http://elsewhere/"))) as upstream:
        response = await ask(client, upstream)
        assert (response.status, response.headers["location"]) == (302, "http://elsewhere/")


async def test_a_unix_socket_is_asked_like_a_host(client: HttpClient, tmp_path: Path) -> None:
    async with Upstream(answering(answer(b"ok")), unix=tmp_path / "x.sock") as upstream:
        url = Url.parse(upstream.url + "|/v1")
        response = await client.send(HttpRequest("GET", url, "/models"), PATIENT)
        assert await response.read(10) == b"ok"
        assert (upstream.requests[0].target, upstream.requests[0].headers["host"]) == ("/v1/models", "localhost")


async def test_a_request_that_can_not_be_sent_opens_no_connection(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok"))) as upstream:
        with pytest.raises(RequestInvalid):
            await client.send(request(upstream, target="/a b"), PATIENT)
        assert not upstream.visits


async def test_a_large_body_arrives_whole_both_ways(client: HttpClient) -> None:
    body = bytes(range(256)) * 8192

    async def script(visit: Visit) -> None:
        seen = await visit.request()
        await visit.send(answer(seen.body))

    async with Upstream(script) as upstream:
        response = await client.send(request(upstream, body=body), PATIENT)
        assert await response.read(len(body)) == body


async def test_closing_the_client_closes_every_connection_and_ends_what_runs() -> None:
    client = HttpClient()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(chunked=True))
        await visit.closed()

    async with Upstream(script) as upstream, Upstream(answering(answer(b"ok"))) as other:
        await ask_all(client, other)
        response = await ask(client, upstream)
        await client.aclose()
        await asyncio.gather(upstream.all_closed(), other.all_closed())
        with pytest.raises(ConnectionCut, match="given up"):
            await response.next_chunk()
        with pytest.raises(RequestInvalid, match="closed"):
            await ask(client, upstream)
