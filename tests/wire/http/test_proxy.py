"""Requests go through the proxy that the environment names: plain ones whole, the others by a tunnel."""

from pathlib import Path

import pytest

from parley.wire.http import HttpClient, HttpRequest, Proxies, Proxy, ProxyRefused, RequestInvalid, Url
from parley.wire.http.addresses import is_public
from tests.scripted import Upstream, Visit, answer, answering, head
from tests.wire.http.asking import PATIENT
from tests.wire.http.authority import make_authority


def through(upstream: Upstream, user: str = "") -> Proxies:
    proxy = f"http://{user}127.0.0.1:{upstream.port}"
    return Proxies.from_environment({"HTTP_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "direct.example"})


async def test_a_plain_request_is_given_to_the_proxy_whole() -> None:
    async with Upstream(answering(answer(b"ok"))) as proxy, HttpClient(proxies=through(proxy, "me:p%40ss@")) as client:
        for _ in range(2):
            url = Url.parse("http://somewhere.example:8080/v1")
            response = await client.send(HttpRequest("POST", url, "/x?q", [(b"x-a", b"1")], b"{}"), PATIENT)
            assert await response.read(10) == b"ok"
        (visit,) = proxy.visits
        assert visit.requests[0].target == "http://somewhere.example:8080/v1/x?q"
        assert visit.requests[0].headers["host"] == "somewhere.example:8080"
        assert visit.requests[0].headers["proxy-authorization"] == "Basic bWU6cEBzcw=="


async def test_a_secure_request_goes_through_a_tunnel_and_shows_the_proxy_nothing(tmp_path: Path) -> None:
    made = make_authority(tmp_path, "somewhere.example")

    async def tunnel(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await visit.to_tls(made.server)
        await answering(answer(b"ok"))(visit)

    async with (
        Upstream(tunnel) as proxy,
        HttpClient(ca_file=made.ca_file, proxies=through(proxy, "me:pass@")) as client,
    ):
        for _ in range(2):
            url = Url.parse("https://somewhere.example/v1")
            response = await client.send(HttpRequest("POST", url, "/x", [(b"authorization", b"a")], b"{}"), PATIENT)
            assert await response.read(10) == b"ok"
        (visit,) = proxy.visits
        connect, first, _ = visit.requests
        assert (connect.method, connect.target) == ("CONNECT", "somewhere.example:443")
        assert "authorization" not in connect.headers
        assert (first.target, first.headers["host"]) == ("/v1/x", "somewhere.example")
        assert "proxy-authorization" not in first.headers


@pytest.mark.parametrize(
    "said",
    [answer(b"no", 407), head(200) + b"\x16\x03\x01 too early", b"SSH-2.0\r\n", b"HTTP/1.1 2", b""],
)
async def test_a_proxy_that_opens_no_tunnel_is_an_error(said: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(said)
        await visit.close()

    async with Upstream(script) as proxy, HttpClient(proxies=through(proxy)) as client:
        with pytest.raises(ProxyRefused, match="no tunnel"):
            await client.send(HttpRequest("GET", Url.parse("https://somewhere.example"), "/"), PATIENT)
        await proxy.all_closed()


async def test_a_vetted_request_is_tunnelled_to_the_address_that_was_vetted() -> None:
    async def tunnel(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(200))
        await answering(answer(b"ok"))(visit)

    async with Upstream(tunnel) as proxy, HttpClient(proxies=through(proxy)) as client:
        response = await client.send(HttpRequest("GET", Url.parse("http://1.1.1.1/v1"), "/x"), PATIENT, is_public)
        assert await response.read(10) == b"ok"
        connect, first = proxy.requests
        assert (connect.target, first.target) == ("1.1.1.1:80", "/v1/x")


@pytest.mark.parametrize(
    ("direct", "url", "proxied"),
    [
        ("", "http://a.example", True),
        ("*", "http://a.example", False),
        ("a.example", "http://a.example", False),
        ("a.example", "http://b.a.example", False),
        (".a.example", "http://b.a.example", False),
        ("*.a.example", "http://b.a.example", False),
        ("a.example", "http://ba.example", True),
        ("a.example:8080", "http://a.example:8080", False),
        ("a.example:8080", "http://a.example", True),
        ("x, 10.0.0.0/8 ,y", "http://10.1.2.3", False),
        ("10.0.0.0/8", "http://11.1.2.3", True),
        ("10.0.0.0/8", "http://a.example", True),
        ("fd00::/8", "http://[fd00::1]", False),
        ("", "http://127.0.0.1", False),
        ("", "https://localhost", False),
        ("", "unix:/run/x.sock", False),
    ],
)
def test_some_hosts_are_asked_directly(direct: str, url: str, proxied: bool) -> None:
    proxies = Proxies.from_environment({"http_proxy": "proxy:1", "HTTPS_PROXY": "http://proxy:2/", "no_proxy": direct})
    assert (proxies.for_url(Url.parse(url)) is not None) == proxied


def test_without_proxies_in_the_environment_all_is_asked_directly() -> None:
    assert Proxies.from_environment({"http_proxy": ""}) == Proxies()


@pytest.mark.parametrize("text", ["https://proxy:1", "socks5://proxy:1", "http://proxy:1/path", "http://a b"])
def test_a_proxy_that_can_not_be_spoken_to_is_refused(text: str) -> None:
    with pytest.raises(RequestInvalid):
        Proxy.parse(text)


def test_a_proxys_password_is_never_shown() -> None:
    proxy = Proxy.parse("http://me:secret@proxy:1")
    assert proxy.authorization == b"proxy-authorization: Basic bWU6c2VjcmV0\r\n"
    assert "secret" not in repr(proxy) and "bWU6" not in repr(proxy)
    with pytest.raises(RequestInvalid) as caught:
        Proxy.parse("http://me:sec@ret@pro xy:1")
    assert "sec" not in str(caught.value)
