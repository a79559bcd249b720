"""A head is rendered in one way, and never carries what could end its line."""

import pytest

from parley.wire.http import HeaderBlock, HttpRequest, RequestInvalid, Timeouts, Url

URL = Url.parse("http://host:81/v1")


def test_a_head_is_rendered() -> None:
    request = HttpRequest("POST", URL, "/chat?a=b", [(b"x-a", b"1"), (b"x-b", b"")], b"{}")
    assert request.head() == (
        b"POST /v1/chat?a=b HTTP/1.1\r\nhost: host:81\r\nx-a: 1\r\nx-b: \r\ncontent-length: 2\r\n\r\n"
    )


def test_a_get_has_no_length_and_an_empty_post_has_one() -> None:
    assert b"content-length" not in HttpRequest("GET", URL, "/").head()
    assert b"content-length: 0\r\n\r\n" in HttpRequest("POST", URL, "/").head()


def test_a_block_is_rendered_as_the_list_would_be() -> None:
    block = HeaderBlock([(b"x-a", b"1")]).plus([(b"x-b", b"2")])
    pairs = [(b"x-a", b"1"), (b"x-b", b"2")]
    assert HttpRequest("GET", URL, "/", block).head() == HttpRequest("GET", URL, "/", pairs).head()
    assert "1" not in repr(HeaderBlock([(b"authorization", b"Bearer 1")])).replace("bytes", "").split("<")[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x", b"a\r\nb: c"),
        (b"x", b"a\nb"),
        (b"x", b"a\rb"),
        (b"x", b"a\0b"),
        (b"x\r\ny", b"a"),
        (b"x y", b"a"),
        (b"x:", b"a"),
        (b"", b"a"),
        (b"Content-Length", b"0"),
        (b"transfer-encoding", b"chunked"),
        (b"host", b"elsewhere"),
        (b"connection", b"close"),
    ],
)
def test_a_field_that_could_break_the_head_is_refused(name: bytes, value: bytes) -> None:
    with pytest.raises(RequestInvalid, match="can not be sent"):
        HeaderBlock([(name, value)])
    with pytest.raises(ValueError, match="can not be sent"):
        HttpRequest("GET", URL, "/", [(name, value)]).head()


def test_a_refusal_does_not_tell_the_value() -> None:
    with pytest.raises(RequestInvalid) as caught:
        HeaderBlock([(b"authorization", b"Bearer secret\n")])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("target", ["/a b", "/a\r\nb", "/a\n", "/ä", "a", "/a#b", "/a\x7f", "//\x00"])
def test_a_target_that_could_break_the_line_is_refused(target: str) -> None:
    with pytest.raises(RequestInvalid):
        HttpRequest("GET", Url.parse("http://host"), target).head()


@pytest.mark.parametrize("method", ["get", "GET ", "", "G\nET"])
def test_a_method_that_could_break_the_line_is_refused(method: str) -> None:
    with pytest.raises(RequestInvalid):
        HttpRequest(method, URL, "/").head()


def test_a_deadline_bounds_the_total_time() -> None:
    assert Timeouts(total=10).end(100) == 110
    assert Timeouts(total=10, deadline=105).end(100) == 105
    assert Timeouts(total=10).until(105).until(108).end(100) == 105
    assert Timeouts(total=None).end(100) == float("inf")
