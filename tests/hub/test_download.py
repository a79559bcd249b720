"""Fetching a file from a hub that redirects to a CDN, over real sockets, and every way in which that fails."""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parley.hub import Hub, HubError, HubFile, fetch
from parley.wire.http import HttpClient, HttpError
from tests.hub_server import REPO, HubServer

DATA = os.urandom(3_000_000)
NAME = "small-Q4_0.gguf"


@pytest.fixture
def server() -> Iterator[HubServer]:
    """A hub with one file."""
    with HubServer(files={NAME: DATA}) as made:
        yield made


async def listed(server: HubServer, token: str | None = None) -> list[HubFile]:
    """What the hub lists."""
    async with HttpClient() as client:
        return await Hub(client, server.url, token).files(REPO)


async def fetched(server: HubServer, to: Path, token: str | None = None, **more: Any) -> list[int]:
    """Fetches the file, and says what was told of its progress."""
    told: list[int] = []
    async with HttpClient() as client:
        hub = Hub(client, server.url, token)
        (file,) = await hub.files(REPO)
        await fetch(hub, REPO, file, to, told.append, pause=0.01, **more)
    return told


async def test_a_file_comes_whole_and_only_then_has_its_name(server: HubServer, tmp_path: Path) -> None:
    to = tmp_path / "models" / NAME
    told = await fetched(server, to)
    assert to.read_bytes() == DATA
    assert [place.name for place in to.parent.iterdir()] == [NAME]
    assert told[0] == 0 and told[-1] == len(DATA) and told == sorted(told)


async def test_a_fetch_that_is_cut_goes_on_from_there(server: HubServer, tmp_path: Path) -> None:
    server.cuts = [1_000_000, 500_000]
    await fetched(server, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA
    starts = [headers.get("range") for headers in server.asked_of("cdn")]
    assert starts == [None, "bytes=1000000-", "bytes=1500000-"]


async def test_an_earlier_try_counts(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(DATA[:2_000_000])
    told = await fetched(server, tmp_path / NAME)
    assert told[0] == 2_000_000
    assert (tmp_path / NAME).read_bytes() == DATA
    assert [headers.get("range") for headers in server.asked_of("cdn")] == ["bytes=2000000-"]


async def test_a_server_without_ranges_gives_it_again_from_the_beginning(server: HubServer, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / f"{NAME}.part").write_bytes(b"wrong" * 1000)
    await fetched(server, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA


async def test_a_server_that_gives_nothing_more_is_given_up_and_what_came_stays(
    server: HubServer, tmp_path: Path
) -> None:
    server.cuts = [700_000] + [0] * 20
    with pytest.raises(
        HubError, match=r"did not come whole: .* 700\.0 KB of 3\.0 MB are here; the same command goes on"
    ):
        await fetched(server, tmp_path / NAME)
    assert (tmp_path / f"{NAME}.part").read_bytes() == DATA[:700_000]


async def test_wrong_bytes_are_deleted(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(b"x" * 1000)
    with pytest.raises(HubError, match="came damaged"):
        await fetched(server, tmp_path / NAME)
    assert not list(tmp_path.iterdir())


async def test_the_answers_own_hash_counts_where_the_list_has_none(server: HubServer, tmp_path: Path) -> None:
    server.listed_hash = lambda data: None
    (tmp_path / f"{NAME}.part").write_bytes(DATA)
    await fetched(server, tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == DATA


async def test_a_file_without_any_hash_is_not_taken(server: HubServer, tmp_path: Path) -> None:
    server.listed_hash = server.linked_hash = lambda data: None
    with pytest.raises(HubError, match="names no checksum"):
        await fetched(server, tmp_path / NAME)


async def test_a_file_that_changes_while_it_is_asked_for_is_not_taken(server: HubServer, tmp_path: Path) -> None:
    server.linked_hash = lambda data: hashlib.sha256(b"newer").hexdigest()
    with pytest.raises(HubError, match="was changed on the hub just now"):
        await fetched(server, tmp_path / NAME)


async def test_the_token_goes_to_the_hub_and_not_to_where_it_redirects(server: HubServer, tmp_path: Path) -> None:
    server.token = "hf_secret"
    await fetched(server, tmp_path / NAME, token="hf_secret")
    assert {headers["authorization"] for headers in server.asked_of("hub")} == {"Bearer hf_secret"}
    assert not [headers for headers in server.asked_of("cdn") if "authorization" in headers]


@pytest.mark.parametrize("token", [None, "hf_wrong"])
async def test_a_hub_that_wants_a_token_says_so(server: HubServer, token: str | None) -> None:
    server.token = "hf_secret"
    with pytest.raises(HubError, match=r"\(401\).*HF_TOKEN") as told:
        await listed(server, token)
    assert "hf_" not in str(told.value)


@pytest.mark.parametrize(("status", "says"), [(403, "accept the model's terms"), (404, "check the name"), (418, "418")])
async def test_refusals_are_one_sentence(server: HubServer, status: int, says: str) -> None:
    server.statuses = [status]
    with pytest.raises(HubError, match=says):
        await listed(server)


async def test_a_busy_hub_is_asked_again_for_a_file(server: HubServer, tmp_path: Path) -> None:
    async with HttpClient() as client:
        hub = Hub(client, server.url)
        (file,) = await hub.files(REPO)
        server.statuses = [503, 429]
        await fetch(hub, REPO, file, tmp_path / NAME, lambda _: None, pause=0.01)
    assert (tmp_path / NAME).read_bytes() == DATA


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.org/a", "http://user@127.0.0.1/a", "gopher:x"]
)
async def test_a_redirect_that_leaves_http_is_not_followed(server: HubServer, tmp_path: Path, location: str) -> None:
    server.location = location
    with pytest.raises(HubError, match=r"redirects|address"):
        await fetched(server, tmp_path / NAME)


async def test_redirects_in_a_circle_end(server: HubServer, tmp_path: Path) -> None:
    server.location = f"/{REPO}/resolve/main/{NAME}"
    with pytest.raises(HubError, match="again and again"):
        await fetched(server, tmp_path / NAME)


async def test_a_disk_without_room_is_said_before_anything_is_fetched(server: HubServer, tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"needs 3\.0 MB more, and the disk of .* has 1\.0 MB free"):
        await fetched(server, tmp_path / NAME, free=lambda _: 1_000_000)
    assert not server.asked_of("cdn")


async def test_a_folder_that_can_not_be_written_is_one_sentence(server: HubServer, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(HubError, match="can not be written"):
        await fetched(server, tmp_path / "models" / NAME)


async def test_a_file_that_is_here_is_not_fetched_again(server: HubServer, tmp_path: Path) -> None:
    await fetched(server, tmp_path / NAME)
    assert await fetched(server, tmp_path / NAME) == [len(DATA)]
    assert len(server.asked_of("cdn")) == 1
    (tmp_path / NAME).write_bytes(b"another")
    with pytest.raises(HubError, match="is not the hub's file"):
        await fetched(server, tmp_path / NAME)


async def test_two_fetches_of_one_file_do_not_mix(server: HubServer, tmp_path: Path) -> None:
    both = await asyncio.gather(*(fetched(server, tmp_path / NAME) for _ in range(2)), return_exceptions=True)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert all(not isinstance(one, BaseException) or "Another command" in str(one) for one in both)


async def test_a_long_list_comes_in_pages(server: HubServer) -> None:
    server.files = {f"small-{number}.gguf": b"x" for number in range(25)}
    server.page = 10
    assert len(await listed(server)) == 25


async def test_a_hub_that_is_not_there_is_an_http_error() -> None:
    async with HttpClient() as client:
        with pytest.raises(HttpError):
            await Hub(client, "http://127.0.0.1:1").files(REPO)


@pytest.mark.parametrize(("endpoint", "token"), [("huggingface.co", None), ("http://a", "hf x"), ("http://a", "hf\nx")])
async def test_an_address_or_token_that_is_none_is_refused(endpoint: str, token: str | None) -> None:
    async with HttpClient() as client:
        with pytest.raises(HubError, match="HF_"):
            Hub(client, endpoint, token)
