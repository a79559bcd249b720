"""Text completions, both ways."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import structs
from openai.types import Completion

from parley.core.asks import TextCompletion
from parley.core.call import Source
from parley.core.errors import BadRequest, UpstreamCut
from parley.core.reply import Choice, Delta, Event, Raw, Reply, Usage
from parley.dialects import openai_completions as dialect

from .cutting import cut_everywhere, folded, frames, read

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def chunk(text: str, finish: str | None = None, **rest: Any) -> dict[str, Any]:
    choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": finish, "odd": 1}
    return {"id": "u", "object": "text_completion", "created": 1, "model": "m", "choices": [choice], **rest}


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "prompt": "Once", **fields}).encode()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": []}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"logprobs": 21}, "logprobs"),
        ({"stream_options": {}}, "stream_options"),
        ({"best_of": 1, "n": 2}, "best_of"),
        ({"best_of": 2, "stream": True}, "best_of"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        dialect.read_completion(body(**fields))
    assert caught.value.param == param


def test_the_clients_bytes_go_through() -> None:
    ask, fields = dialect.read_completion(body(stream=True, odd={"a": [1]}, session_id="s", min_p=0))
    source = Source(dialect=dialect.NAME, fields=fields, asked=ask)
    told = json.loads(dialect.write_call(ask, source, model="up", accepts=frozenset(), provider="acme"))
    expected = {"model": "up", "prompt": "Once", "stream": True, "odd": {"a": [1]}}
    assert told == {**expected, "stream_options": {"include_usage": True}}


def test_a_reply_goes_through_with_what_octoais_client_needs() -> None:
    ask, _ = dialect.read_completion(body())
    reply = dialect.read_reply(json.dumps(chunk(" upon", "stop")).encode())
    told = json.loads(dialect.write_reply(reply, ask))
    assert told["choices"][0]["odd"] == 1
    assert (told["system_fingerprint"], told["usage"]["total_tokens"]) == ("", 0)
    rendered = dialect.write_reply(msgspec.structs.replace(reply, raw=None), ask)
    assert Completion.model_validate_json(rendered).choices[0].text == " upon"


def test_a_stream_goes_through_in_any_pieces() -> None:
    data = frames(
        chunk(" upon", usage=None), chunk(" a", "stop", usage=None), {**chunk(""), "choices": [], "usage": USAGE}
    )
    events = cut_everywhere(dialect.StreamReader, data)
    assert folded(events).choices[0].text == " upon a"
    plain = dialect.StreamWriter(dialect.read_completion(body(stream=True))[0], "p", "m", 1)
    assert plain.write(events) + plain.end() == frames(chunk(" upon"), chunk(" a", "stop"))
    asked = dialect.read_completion(body(stream=True, stream_options={"include_usage": True}))[0]
    counting = dialect.StreamWriter(asked, "p", "m", 1)
    told = (counting.write(events) + counting.end()).split(b"\n\n")
    assert json.loads(told[-3][6:])["usage"] == USAGE


def test_a_cut_stream_is_an_error() -> None:
    with pytest.raises(UpstreamCut):
        read(dialect.StreamReader(), [frames(chunk(" upon"), done=False)])


def test_what_parley_says_beside_an_answer_is_in_it() -> None:
    ask = TextCompletion(prompt="Hello", model="m")
    reply = Reply(id="c", model="m", created=1, choices=(Choice(text="Hi", finish="stop"),), notes={"note": 1})
    assert msgspec.json.decode(dialect.write_reply(reply, ask))["note"] == 1
    raw = Raw(dialect.NAME, b'{"id":"c","system_fingerprint":"x","choices":[],"usage":{}}')
    kept = structs.replace(reply, raw=raw, usage=Usage())
    assert msgspec.json.decode(dialect.write_reply(kept, ask)) == {**msgspec.json.decode(raw.data), "note": 1}
    event = Event(deltas=(Delta(text="Hi"),), raw=Raw(dialect.NAME, b'{"choices":[]}'), notes={"note": 1})
    told = dialect.StreamWriter(ask, "c", "m", 1).write([event])
    assert b'"note":1' in told
