"""Property: what Parley does not know survives at every depth, through the whole gateway, both ways."""

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.asking import HELLO, Answer, ask, chat
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, piece, pieces, said
from tests.scripted import Seen, json_answer, sse_answer

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = st.dictionaries(texts.map(lambda name: f"x_{name}"), values, max_size=3)

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def passed(gateway: Gateway, stage: Stage, asked: Any, answer: bytes) -> tuple[Answer, Seen]:
    """The answer, and what the upstream was asked."""

    async def once() -> tuple[Answer, Seen]:
        async with stage.says(answer) as upstream:
            answered = await ask(gateway, asked)
        assert answered.status == 200, answered.body
        return answered, upstream.requests[0]

    return asyncio.run(once())


@FEW
@given(top=fields, message=fields, part=fields, tool=fields, schema=fields)
def test_unknown_fields_of_a_request_reach_the_upstream(
    gateway: Gateway, stage: Stage, top: Any, message: Any, part: Any, tool: Any, schema: Any
) -> None:
    asked = {
        **chat(),
        **top,
        "messages": [*HELLO, {"role": "user", "content": [{"type": "text", "text": "x", **part}], **message}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": schema, **tool}, **tool}],
    }
    _, seen = passed(gateway, stage, asked, json_answer(said()))
    assert seen.json == {**asked, "model": "upstream-model"}


@FEW
@given(top=fields, choice=fields, message=fields, usage=fields)
def test_unknown_fields_of_an_answer_reach_the_client(
    gateway: Gateway, stage: Stage, top: Any, choice: Any, message: Any, usage: Any
) -> None:
    told = {**said(), **top}
    told["choices"] = [{**told["choices"][0], **choice}]
    told["choices"][0]["message"] = {**told["choices"][0]["message"], **message}
    told["usage"] = {**told["usage"], **usage}
    answer, _ = passed(gateway, stage, chat(), json_answer(told))
    assert answer.json == told
    row = gateway.row(answer.id)
    assert json.loads(row["answer"])["content"] == "Good day."


@FEW
@given(top=fields, choice=fields, delta=fields, usage=fields)
def test_unknown_fields_of_a_stream_reach_the_client(
    gateway: Gateway, stage: Stage, top: Any, choice: Any, delta: Any, usage: Any
) -> None:
    first = {**piece({"role": "assistant", "content": "Hi", **delta}), **top}
    first["choices"] = [{**first["choices"][0], **choice}]
    *others, last = pieces()[2:]
    last = {**last, "usage": {**last["usage"], **usage}, **top}
    asked = chat(stream=True, stream_options={"include_usage": True})
    answer, _ = passed(gateway, stage, asked, sse_answer(first, *others, last))
    assert answer.done
    assert answer.chunks[0] == first
    assert answer.chunks[-1] == last
