"""Which addresses a request may name, and where their names may lead."""

import pytest

from parley.routing.custom_hosts import CustomHosts
from parley.wire.http import Url

HOSTS = CustomHosts(
    ["api.example.com", "api.example.com:8443", "10.1.2.3:8000", "models.corp=10.1.0.0/16", "[::1]:9000"]
)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1",
        "http://API.example.com",
        "https://api.example.com:8443/v1",
        "http://10.1.2.3:8000/v1",
        "http://models.corp/v1",
        "http://[0:0::1]:9000/v1",
    ],
)
def test_what_is_listed_is_allowed(url: str) -> None:
    assert HOSTS.refuse(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com:444/v1",
        "https://api.example.com./v1",
        "https://api.example.com.evil.org/v1",
        "https://user@api.example.com/v1",
        "https://api.example.com@evil.org/v1",
        "http://10.1.2.3/v1",
        "http://167838211:8000/v1",
        "http://0xa.1.2.3:8000/v1",
        "http://10.66051:8000/v1",
        "http://012.1.2.3:8000/v1",
        "http://[::ffff:10.1.2.3]:8000/v1",
        "http://\uff11\uff10.1.2.3:8000/v1",
        "unix:/run/engine.sock",
        "file:///etc/passwd",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert HOSTS.refuse(url)


def test_without_a_list_nothing_is_allowed() -> None:
    assert "server.custom_hosts" in (CustomHosts([]).refuse("https://api.example.com") or "")


@pytest.mark.parametrize(
    ("url", "allowed", "refused"),
    [
        ("https://api.example.com", "93.184.216.34", "127.0.0.1"),
        ("https://api.example.com", "2606:4700::1111", "::ffff:10.0.0.1"),
        ("https://api.example.com:8443", "93.184.216.34", "169.254.169.254"),
        ("http://models.corp", "10.1.9.9", "10.2.0.1"),
        ("http://models.corp", "10.1.9.9", "93.184.216.34"),
        ("http://10.1.2.3:8000", "10.1.2.3", "10.1.2.4"),
    ],
)
def test_a_name_leads_only_where_it_may(url: str, allowed: str, refused: str) -> None:
    vet = HOSTS.vet(Url.parse(url))
    assert vet(allowed)
    assert not vet(refused)
    assert vet is HOSTS.vet(Url.parse(url)), "connections are kept by it"


@pytest.mark.parametrize(
    "entry", ["2130706433", "0x7f.1", "127.1", "host/path", "a b", "models.corp=10.1.2.3/99", "user@host"]
)
def test_an_entry_that_nobody_can_read_is_an_error_with_its_text(entry: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        CustomHosts([entry])
