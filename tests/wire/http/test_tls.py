"""TLS is verified: the authority, the name, and only HTTP/1.1 is spoken."""

import asyncio
from pathlib import Path

import pytest

from parley.wire.http import ConnectionCut, HttpClient, HttpRequest, RequestInvalid, TlsFailed, Url
from tests.scripted import Upstream, Visit, answer, answering, chunk, head
from tests.wire.http.asking import PATIENT, ask, ask_all, chunks
from tests.wire.http.authority import make_authority


async def test_an_upstream_of_a_trusted_authority_is_asked_by_its_name(tmp_path: Path) -> None:
    made = make_authority(tmp_path)
    asked_for: list[str | None] = []
    made.server.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    async with (
        HttpClient(ca_file=made.ca_file) as client,
        Upstream(answering(answer(b"ok")), tls=made.server) as upstream,
    ):
        for _ in range(2):
            assert await ask_all(client, upstream) == b"ok"
        assert asked_for == ["localhost"]
        spoken = upstream.visits[0].transport.get_extra_info("ssl_object").selected_alpn_protocol()
        assert spoken == "http/1.1"


async def test_an_unknown_authority_is_refused(client: HttpClient, tmp_path: Path) -> None:
    async with Upstream(answering(answer(b"ok")), tls=make_authority(tmp_path).server) as upstream:
        with pytest.raises(TlsFailed, match="unable to get local issuer"):
            await ask_all(client, upstream)
        assert not upstream.requests


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    made = make_authority(tmp_path, "elsewhere.example")
    async with (
        HttpClient(ca_file=made.ca_file) as client,
        Upstream(answering(answer(b"ok")), tls=made.server) as upstream,
    ):
        with pytest.raises(TlsFailed, match="not valid for 'localhost'"):
            await ask_all(client, upstream)
        assert not upstream.requests


async def test_a_server_without_tls_is_refused(client: HttpClient) -> None:
    async def plain(visit: Visit) -> None:
        await visit.send(answer(b"what?"))

    async with Upstream(plain) as upstream:
        url = Url.parse(f"https://localhost:{upstream.port}")
        with pytest.raises(TlsFailed):
            await client.send(HttpRequest("GET", url, "/"), PATIENT)


async def test_streams_cuts_and_cancellation_are_the_same_under_tls(tmp_path: Path) -> None:
    made = make_authority(tmp_path)

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(chunked=True), chunk(b"a"), chunk(b"b"), chunk(b""), gap=0.01)
        await visit.request()
        await visit.send(head(chunked=True) + chunk(b"c"))
        await visit.cut()

    async with HttpClient(ca_file=made.ca_file) as client, Upstream(script, tls=made.server) as upstream:
        assert b"".join(await chunks(await ask(client, upstream))) == b"ab"
        with pytest.raises(ConnectionCut):
            await ask_all(client, upstream)
        assert len(upstream.visits) == 1


async def test_a_cancelled_task_closes_its_upstream_at_once_under_tls(tmp_path: Path) -> None:
    made = make_authority(tmp_path)

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.closed()

    async with HttpClient(ca_file=made.ca_file) as client, Upstream(script, tls=made.server) as upstream:
        task = asyncio.create_task(ask_all(client, upstream))
        while not upstream.requests:
            await asyncio.sleep(0.01)
        left_at = asyncio.get_running_loop().time()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            assert await upstream.visits[0].closed() - left_at < 0.1


def test_a_ca_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for file in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(RequestInvalid, match="can not be read"):
            HttpClient(ca_file=file)
