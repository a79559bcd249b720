"""Addresses are read once, and the ones that could be misread are refused."""

import pytest

from parley.wire.http import RequestInvalid, Url


@pytest.mark.parametrize(
    ("text", "origin", "prefix", "authority"),
    [
        ("http://127.0.0.1:19100/v1", "http://127.0.0.1:19100", "/v1", b"127.0.0.1:19100"),
        ("https://API.openai.com/v1/", "https://api.openai.com", "/v1", b"api.openai.com"),
        ("HTTPS://host:443", "https://host", "", b"host"),
        ("http://[::1]:8080/a/b", "http://[::1]:8080", "/a/b", b"[::1]:8080"),
        ("http://a_b.svc.cluster.local.", "http://a_b.svc.cluster.local.", "", b"a_b.svc.cluster.local."),
        ("unix:/run/x.sock", "unix:/run/x.sock", "", b"localhost"),
        ("unix:/run/x.sock|/v1", "unix:/run/x.sock", "/v1", b"localhost"),
    ],
)
def test_an_address_is_read(text: str, origin: str, prefix: str, authority: bytes) -> None:
    url = Url.parse(text)
    assert (url.origin, url.prefix, url.authority) == (origin, prefix, authority)
    assert Url.parse(str(url)) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host:80",
        "ftp://host",
        "http://",
        "http:///v1",
        "http://user@host",
        "http://good.com@evil.com/",
        "http://good.com\\@evil.com",
        "http://good.com#@evil.com",
        "http://host/a#b",
        "http://host/a?b=c",
        "http://host /",
        "http://ho\tst/",
        "http://host/\r\nx: y",
        "http://host\x00/",
        "http://hóst/",
        "http://ho%73t/",
        "http://a..b/",
        "http://-a/",
        "http://host:0",
        "http://host:65536",
        "http://host:",
        "http://host:80:80",
        "http://host:8O",
        "http://host:٣",
        "http://::1/",
        "http://[::1",
        "http://[fe80::1%eth0]/",
        "http://[::1]x/",
        "unix:run/x.sock",
        "unix:/run/",
        "unix:/run/x.sock|v1",
    ],
)
def test_an_address_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(RequestInvalid, match="can not be used"):
        Url.parse(text)


def test_a_refusal_does_not_tell_a_password() -> None:
    with pytest.raises(RequestInvalid) as caught:
        Url.parse("http://user:secret@host/")
    assert "secret" not in str(caught.value)
    assert "host" in str(caught.value)
