"""What OctoAI's clients want otherwise: a form refused, a fingerprint in every chunk."""

import json

import pytest

from parley.core.errors import BadRequest
from parley.core.reply import Delta, Event, Raw
from parley.dialects import octoai


@pytest.mark.parametrize("body", [b"top_k=4", b"a=1&b=2", b" x= "])
def test_a_form_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="form"):
        octoai.check_body(body)


@pytest.mark.parametrize("body", [b'{"a":"b=c"}', b' \n{"a=b":1}', b"[1]", b"", b"nonsense"])
def test_what_is_no_form_is_left_to_the_reader(body: bytes) -> None:
    octoai.check_body(body)


@pytest.mark.parametrize("data", [b'{"id":"1","choices":[]}', b' { "id":"1" }'])
def test_a_chunk_without_a_fingerprint_gets_one(data: bytes) -> None:
    event = octoai.printed(Event(deltas=(Delta(text="a"),), raw=Raw("openai_completions", data)))
    assert event.raw is not None
    assert json.loads(event.raw.data) == {"system_fingerprint": "", **json.loads(data)}


def test_a_chunk_with_a_fingerprint_stays_as_it_is() -> None:
    event = Event(raw=Raw("openai_completions", b'{"system_fingerprint":"fp_1"}'))
    assert octoai.printed(event) is event
    bare = Event(deltas=(Delta(text="a"),))
    assert octoai.printed(bare) is bare
