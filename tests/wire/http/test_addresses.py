"""Which addresses are public, and that the one that was vetted is the one that is asked."""

import pytest

from parley.wire.http import AddressRefused, ConnectFailed, HttpClient, HttpRequest, Url, is_loopback, is_public
from parley.wire.http.addresses import resolve
from tests.scripted import Upstream, answer, answering
from tests.wire.http.asking import PATIENT, ask_all, request


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::0101:0101"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "localhost",
        "",
    ],
)
def test_every_other_address_is_not(address: str) -> None:
    assert not is_public(address)


def test_this_machine_is_known_by_name_and_address() -> None:
    assert all(map(is_loopback, ["localhost", "a.localhost", "127.0.0.1", "::1"]))
    assert not any(map(is_loopback, ["example.com", "10.0.0.1", "localhost.example.com"]))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1"])
async def test_a_request_that_wants_public_addresses_never_reaches_this_machine(client: HttpClient, host: str) -> None:
    async with Upstream(answering(answer(b"ok"))) as upstream:
        url = Url.parse(f"http://{host}:{upstream.port}")
        with pytest.raises((AddressRefused, ConnectFailed)):
            await client.send(HttpRequest("GET", url, "/"), PATIENT, is_public)
        assert not upstream.visits


async def test_connections_that_were_not_vetted_are_not_used_by_requests_that_must_be(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok"))) as upstream:
        assert await ask_all(client, upstream) == b"ok"
        with pytest.raises(AddressRefused, match="may be asked"):
            await client.send(request(upstream), PATIENT, is_public)
        vetted: list[str] = []

        def allow(address: str) -> bool:
            vetted.append(address)
            return True

        for _ in range(2):
            response = await client.send(request(upstream), PATIENT, allow)
            assert await response.read(10) == b"ok"
        assert vetted == ["127.0.0.1"]
        assert len(upstream.visits) == 2


async def test_all_addresses_of_a_host_are_tried(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok"))) as upstream:
        # localhost may be ::1 first, where nobody listens.
        url = Url.parse(f"http://localhost:{upstream.port}")
        response = await client.send(HttpRequest("GET", url, "/"), PATIENT)
        assert await response.read(10) == b"ok"


async def test_a_name_without_address_is_an_error(client: HttpClient) -> None:
    with pytest.raises(ConnectFailed, match="has no address"):
        await client.send(HttpRequest("GET", Url.parse("http://nowhere.invalid"), "/"), PATIENT)


async def test_only_allowed_addresses_are_left() -> None:
    assert await resolve("127.0.0.1", 80, lambda address: address == "127.0.0.1") == ["127.0.0.1"]


async def test_a_unix_socket_is_refused_where_addresses_are_vetted(client: HttpClient) -> None:
    with pytest.raises(AddressRefused):
        await client.send(HttpRequest("GET", Url.parse("unix:/run/x.sock"), "/"), PATIENT, is_public)
