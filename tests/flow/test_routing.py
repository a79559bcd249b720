"""Routing through a real gateway: fallbacks, races, configs, hosts of the request's own, streams that say nothing."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Line, ask, chat, get, streamed
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM, STREAM_HEAD, WHOLE, Stage, both, event, piece, said
from tests.scripted import Visit, chunk, head, json_answer, silent, sse_answer

SECRET = "sk-of-the-server"
FIRST, SECOND = "first", "second"
REFUSED = json_answer({"error": {"message": "Down.", "type": "x", "param": None, "code": None}}, 503)


@pytest.fixture(scope="module")
def other() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(stage: Stage, other: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    config = f"""
[server]
custom_hosts = ["127.0.0.1:{other.port}", "localhost:{other.port}"]
[engine.models]
[providers.one]
dialect = "openai"
base_url = "{stage.url}"
api_key = "{SECRET}"
first_token_timeout = 1.0
idle_timeout = 3
headers = {{ "x-operator" = "secret too" }}
[providers.two]
dialect = "openai"
base_url = "{other.url}"
api_key = "{SECRET}"
[models.first]
provider = "one"
[models.second]
provider = "two"
[models.backed]
provider = "one"
fallback = ["second"]
[models.waiting]
provider = "one"
fallback = ["second"]
[models.failing]
provider = "one"
fallback = ["second"]
[models.small]
provider = "one"
context = 50
fallback = ["second"]
[models.patient]
provider = "one"
retries = 2
[models.lasting]
provider = "one"
fallback = ["second"]
continue_on_cut = true
[routes.pair]
strategy = {{ mode = "fallback" }}
targets = [{{ model = "first" }}, {{ model = "second" }}]
"""
    with Gateway(tmp_path_factory.mktemp("routing"), config) as made:
        yield made


def attempts_of(row: dict[str, Any]) -> list[tuple[str, int | None]]:
    return [(one["model"], one["status"]) for one in json.loads(row["attempts"])]


def headed(config: Any, **more: str) -> dict[str, str]:
    return {"x-portkey-config": config if isinstance(config, str) else json.dumps(config), **more}


MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@MODES
async def test_a_fallback_is_told_in_the_answer_and_in_the_record(
    gateway: Gateway, stage: Stage, other: Stage, stream: bool
) -> None:
    async with stage.says(REFUSED), other.plays(both):
        given = await ask(gateway, chat("backed", stream=stream))
    assert given.status == 200
    assert given.headers["x-parley-model"] == SECOND
    assert given.headers["x-parley-fallback-reason"] == "backed: Down."
    row = await gateway.closed_row(given.id)
    assert attempts_of(row) == [("backed", 503), ("second", 200)]
    shown = (await get(gateway, f"/api/requests/{given.id}")).json
    assert shown["attempts"][0]["reason"] == "Down."


SAYS_NOTHING = {
    "no event": sse_answer(done=False),
    "only the end": sse_answer(),
    "no choices": sse_answer(piece()),
    "a role and the end": sse_answer(piece({"role": "assistant", "content": ""})),
    "an error inside": sse_answer({"error": {"message": "Sorry.", "code": 503}}),
    "a role, then cut": STREAM_HEAD + event(piece({"role": "assistant", "content": ""})) + chunk(b""),
}


@pytest.mark.parametrize("nothing", SAYS_NOTHING.values(), ids=SAYS_NOTHING.keys())
async def test_a_stream_that_says_nothing_is_replaced_unseen(
    gateway: Gateway, stage: Stage, other: Stage, nothing: bytes
) -> None:
    async with stage.says(nothing), other.plays(both):
        given = await ask(gateway, streamed("backed"))
    assert (given.status, given.text, given.done) == (200, "Good day.", True)
    assert given.headers["x-parley-model"] == SECOND


async def test_an_empty_choice_list_is_replaced(gateway: Gateway, stage: Stage, other: Stage) -> None:
    async with stage.says(json_answer(said(choices=[]))), other.plays(both):
        given = await ask(gateway, chat("backed"))
    assert given.headers["x-parley-model"] == SECOND


@pytest.mark.parametrize("pings", [False, True], ids=["silence", "comments"])
async def test_a_first_chunk_and_then_no_token_is_a_timeout(
    gateway: Gateway, stage: Stage, other: Stage, pings: bool
) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": ""})))
        while pings:
            await visit.send(chunk(b": still here\n\n"), gap=0.1)
        await visit.closed()

    async with stage.plays(script) as upstream, other.plays(both):
        given = await ask(gateway, streamed("waiting"))
        await upstream.all_closed()
    assert (given.status, given.text, given.done) == (200, "Good day.", True)
    assert "did not begin its answer in time" in given.headers["x-parley-fallback-reason"]


async def test_retries_come_before_fallbacks(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(REFUSED, WHOLE) as upstream:
        given = await ask(gateway, chat("patient"))
    assert given.status == 200
    assert given.headers["x-portkey-retry-attempt-count"] == "1"
    assert "x-parley-fallback-reason" not in given.headers
    assert len(upstream.requests) == 2


async def test_a_prompt_that_does_not_fit_goes_to_the_next_model(gateway: Gateway, stage: Stage, other: Stage) -> None:
    async with stage.plays(both) as small, other.plays(both):
        given = await ask(gateway, chat("small", messages=[{"role": "user", "content": "word " * 500}]))
        assert given.headers["x-parley-model"] == SECOND
        assert not small.requests
    assert attempts_of(await gateway.closed_row(given.id)) == [("small", None), ("second", 200)]


@pytest.mark.parametrize(
    "asked", [{"model": "pair"}, {"headers": headed("pair"), "model": None}], ids=["model", "slug"]
)
async def test_a_route_of_the_file_is_a_model_and_a_slug(
    gateway: Gateway, stage: Stage, other: Stage, asked: dict[str, Any]
) -> None:
    async with stage.says(REFUSED), other.plays(both):
        given = await ask(gateway, chat(asked["model"]), headers=asked.get("headers"))
    assert (given.status, given.headers["x-parley-model"]) == (200, SECOND)
    assert given.headers["x-portkey-last-used-option-index"] == "config.targets[1]"


async def test_a_config_sets_parameters_and_a_timeout(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        config = {"override_params": {"model": "first", "temperature": 0.5, "odd": [1]}, "request_timeout": 5000}
        given = await ask(gateway, chat("portkey-default", temperature=1), headers=headed(config))
    assert given.status == 200
    body = upstream.requests[0].json
    assert (body["model"], body["temperature"], body["odd"]) == ("first", 0.5, [1])


async def test_a_timeout_of_a_config_ends_a_silent_upstream(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(silent):
        given = await ask(gateway, chat("first"), headers=headed({"request_timeout": 100}))
    assert given.status == 504


WRONG: dict[str, tuple[Any, str]] = {
    "not JSON": ("{", "JSON"),
    "unknown slug": ("pc-nobody", "pc-nobody"),
    "unknown key": ({"stratgy": {}}, "stratgy"),
    "zero weights": (
        {"strategy": {"mode": "loadbalance"}, "targets": [{"model": "first", "weight": 0}]},
        "strategy",
    ),
    "unknown target": ({"strategy": {"mode": "fallback"}, "targets": [{"provider": "nobody"}]}, "targets[0].provider"),
    "host": ({"provider": "one", "custom_host": "http://10.0.0.1/v1"}, "custom_host"),
}


@pytest.mark.parametrize(("config", "place"), WRONG.values(), ids=WRONG.keys())
async def test_a_config_that_is_wrong_is_refused_with_its_place(gateway: Gateway, config: Any, place: str) -> None:
    given = await ask(gateway, chat("first"), headers=headed(config))
    assert given.status == 400
    assert place in given.json["error"]["message"]


async def test_an_allowed_host_gets_the_requests_own_key_and_nothing_else(gateway: Gateway, other: Stage) -> None:
    async with other.plays(both) as upstream:
        config = {"provider": "one", "api_key": "sk-mine", "custom_host": other.url}
        given = await ask(gateway, chat("first"), headers=headed(config))
        bare = await ask(gateway, chat("first"), headers={"x-portkey-custom-host": other.url})
    assert (given.status, bare.status) == (200, 200)
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-mine"
    assert "authorization" not in upstream.requests[1].headers
    assert not any(SECRET.encode() in seen.head or b"secret too" in seen.head for seen in upstream.requests)


async def test_hosts_that_are_not_allowed_see_no_byte(gateway: Gateway, other: Stage) -> None:
    port = other.port
    spellings = (
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "LOCALHOST.",
        "[::1]",
    )
    async with other.plays(both) as upstream:
        for host in spellings:
            given = await ask(gateway, chat("first"), headers={"x-portkey-custom-host": f"http://{host}:{port}/v1"})
            assert given.status == 400, host
        private = await ask(gateway, chat("first"), headers={"x-portkey-custom-host": f"http://localhost:{port}/v1"})
        assert private.status == 502, "a name that leads to a private address"
        assert not upstream.visits


async def test_a_redirect_is_not_followed(gateway: Gateway, stage: Stage, other: Stage) -> None:
    moved = head(307, length=0, location=f"{stage.url}/chat/completions")
    async with other.says(moved), stage.plays(both) as forbidden:
        given = await ask(gateway, chat("first"), headers={"x-portkey-custom-host": other.url})
        assert given.status == 502
        assert not forbidden.visits


async def slow(visit: Visit) -> None:
    await visit.request()
    await visit.wait(5)


@MODES
@pytest.mark.parametrize("strategy", ["first_response", "reactive", "timeout"])
async def test_of_two_models_that_race_the_loser_is_cancelled_and_recorded(
    gateway: Gateway, stage: Stage, other: Stage, stream: bool, strategy: str
) -> None:
    config: dict[str, Any] = {"model": "second", "strategy": strategy}
    if strategy != "first_response":
        config["timeout"] = 0.1
    async with stage.plays(slow) as loser, other.plays(both):
        given = await ask(gateway, chat("first", stream=stream, fallback_config=config))
        async with asyncio.timeout(1):
            await loser.all_closed()
    assert (given.status, given.headers["x-parley-model"]) == (200, SECOND)
    assert given.headers["x-parley-fallback-reason"]
    row = await gateway.closed_row(given.id)
    assert (row["model"], row["outcome"]) == ("second", "answered")
    tried = {one["model"]: one for one in json.loads(row["attempts"])}
    assert tried["first"]["status"] == 499
    assert tried["first"]["estimated"]
    assert tried["first"]["usage"]["prompt_tokens"] > 0


async def test_a_winner_that_is_cut_afterwards_is_told_as_cut(gateway: Gateway, stage: Stage, other: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Half"})))
        await asyncio.sleep(0.05)
        await visit.cut()

    config = {"model": "second", "strategy": "first_response"}
    async with stage.plays(slow), other.plays(script):
        given = await ask(gateway, streamed("first", fallback_config=config))
    assert (given.text, given.done) == ("Half", False)
    row = await gateway.closed_row(given.id)
    assert row["outcome"] == "failed"
    assert sorted(attempts_of(row)) == [("first", 499), ("second", 502)]


async def test_a_race_that_its_client_leaves_ends_both(gateway: Gateway, stage: Stage, other: Stage) -> None:
    async with stage.plays(slow) as one, other.plays(slow) as two:
        async with Line(gateway) as line:
            await line.post(chat("first", fallback_config={"model": "second", "strategy": "first_response"}))
            while not (one.requests and two.requests):
                await asyncio.sleep(0.01)
        async with asyncio.timeout(1):
            await one.all_closed()
            await two.all_closed()


async def test_a_cut_stream_goes_on_at_the_next_model_where_that_is_wanted(
    gateway: Gateway, stage: Stage, other: Stage
) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Once "})))
        await visit.send(event(piece({"content": "upon"})))
        await visit.cut()

    async with stage.plays(script), other.says(STREAM) as second:
        given = await ask(gateway, streamed("lasting"))
    assert (given.text, given.done) == ("Once uponGood day.", True)
    assert [chunk["choices"][0]["delta"].get("role") for chunk in given.chunks].count("assistant") == 1
    assert len({chunk["id"] for chunk in given.chunks}) == 1
    assert second.requests[0].json["messages"][-1] == {"role": "assistant", "content": "Once upon"}
    row = await gateway.closed_row(given.id)
    assert row["outcome"] == "answered"
    assert "went on with its text" in row["fallback_reason"]
    assert attempts_of(row) == [("lasting", 502), ("second", 200)]


async def test_a_target_that_keeps_failing_is_passed_over(gateway: Gateway, stage: Stage, other: Stage) -> None:
    async with stage.says(REFUSED) as failing, other.plays(both):
        for _ in range(12):
            assert (await ask(gateway, chat("failing"))).status == 200
        assert len(failing.requests) < 12


async def test_a_saved_config_counts_at_once_under_its_name(gateway: Gateway, stage: Stage, other: Stage) -> None:
    path = "/api/configs/saved"
    for model, answered in (("first", "first"), ("second", "second")):
        kept = await ask(gateway, {"model": model}, path, method="PUT")
        assert kept.status == 200, kept.body
        async with stage.plays(both), other.plays(both):
            given = await ask(gateway, chat("saved"))
            assert given.headers["x-parley-model"] == answered
    assert (await ask(gateway, {"model": "nobody"}, path, method="PUT")).status == 400


async def test_how_a_target_does_is_shown_to_operators(gateway: Gateway, stage: Stage, other: Stage) -> None:
    async with stage.says(REFUSED), other.plays(both):
        for _ in range(8):
            await ask(gateway, chat("failing"))
        shown = {one["id"]: one["health"] for one in (await get(gateway, "/api/models")).json["data"]}
        metrics = (await get(gateway, "/metrics")).body.decode()
    assert shown["failing"]["circuit"] in ("open", "half_open")
    assert shown["second"]["circuit"] == "closed"
    assert shown["second"]["latency_ms"] > 0
    assert 'parley_target_circuit{target="one/failing"}' in metrics
    assert "pair" in [one["id"] for one in (await get(gateway, "/v1/models")).json["data"]]
