"""Scale's dialect: what it reads into the canon, what it refuses, and the shapes that it writes."""

import json
from typing import Any

import pytest

from parley.core.asks import Chat, Embed, TextCompletion
from parley.core.errors import BadRequest, Unprocessable, UpstreamCut
from parley.core.reply import Choice, Delta, Event, Reply, ToolCall, Usage
from parley.dialects import scale_egp as dialect

HELLO = [{"role": "user", "content": "Hello?"}]
USAGE = Usage(prompt_tokens=7, completion_tokens=3)
REPLY = Reply(id="c", model="m", created=1, choices=(Choice(text="Good day.", finish="stop"),), usage=USAGE)
CALLED = Choice(tools=(ToolCall(id="1", name="weather", arguments="{}"),), finish="tool_calls")


def chat(account: str | None = None, **fields: Any) -> Chat:
    """What a chat completion's body is read as."""
    return dialect.read_chat(json.dumps({"model": "m", "messages": HELLO, **fields}).encode(), account)[0]


def frames(data: bytes) -> list[Any]:
    """The values of a stream's frames; each begins exactly so."""
    parts = data.decode().split("\n\n")[:-1]
    assert all(part.startswith("data: ") for part in parts)
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def test_parameters_by_both_spellings() -> None:
    camel = chat(model_parameters={"topP": 0.5, "topK": 4, "stop_sequences": ["a"], "max_tokens": 9})
    snake = chat(model_parameters={"top_p": 0.5, "top_k": 4, "stop_sequences": ["a"], "max_tokens": 9})
    assert camel == snake
    assert (camel.top_p, camel.top_k, camel.stop, camel.max_tokens, camel.temperature) == (0.5, 4, ["a"], 9, None)
    assert chat(model_parameters={"stop_sequences": [], "temperature": None}) == chat()


def test_the_body_names_the_account_before_the_header_does() -> None:
    assert chat("header").account_id == "header"
    assert chat("header", account_id="body").account_id == "body"


def test_what_is_parleys_own_may_stand_beside() -> None:
    asked = chat(session_id="s", application="a", memory_strategy={"name": "last_k", "params": {"k": 2}})
    assert (asked.session_id, asked.application) == ("s", "a")
    assert asked.memory_strategy == {"name": "last_k", "params": {"k": 2}}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model_parameters": {"temperature": 1.1}}, "model_parameters.temperature"),
        ({"model_parameters": {"stop_sequences": list("abcde")}}, "model_parameters.stop_sequences"),
        ({"model_parameters": {"max_tokens": 0}}, "model_parameters.max_tokens"),
        ({"instructions": "a", "messages": [{"role": "system", "content": "b"}]}, "instructions"),
        ({"messages": [{"role": "robot", "content": "b"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "assistant", "content": [{"type": "text", "text": "a"}]}]}, "messages[0].content"),
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat(**fields)
    assert caught.value.param == param


def test_image_data_has_to_be_base64_with_a_type() -> None:
    for image in ({"data": "A"}, {"media_type": "image/png"}, {"type": "url", "data": "A", "media_type": "b"}, "A"):
        content = [{"type": "image_data", "image_data": image}]
        with pytest.raises(BadRequest):
            chat(messages=[{"role": "user", "content": content}])


def test_a_stream_has_pieces_and_one_last_frame() -> None:
    events = [Event(deltas=(Delta(role="assistant", text=""),)), Event(deltas=(Delta(text="Good "),))]
    events += [Event(deltas=(Delta(text="day.", finish="length"),)), Event(usage=USAGE, notes={"evaluation": 1})]
    writer = dialect.ChatStream(chat(stream=True), "id", "m", 1)
    told = frames(b"".join(writer.write([event]) for event in events) + writer.end())
    assert [one["chat_completion"]["message"]["content"] for one in told] == ["Good ", "day.", ""]
    assert [one["completions"] for one in told] == [[["", ["Good "]]], [["", ["day."]]], [["", [""]]]]
    assert [one["finish_reason"] for one in told] == [None, None, "length"]
    assert told[-1]["token_usage"] == {"prompt": 7, "completion": 3, "total": 10}
    assert (told[-1]["response_tokens"], told[-1]["evaluation"]) == (3, 1)


def test_a_stream_that_fails_says_so_and_does_not_end() -> None:
    for kind in (dialect.ChatStream, dialect.CompletionStream):
        said = kind(chat(stream=True), "id", "m", 1).error(UpstreamCut("It was cut."))
        assert said == b'event: error\ndata: {"detail":"It was cut."}\n\n'


def test_nobody_counted() -> None:
    uncounted = Reply(id="c", model="m", created=1, choices=REPLY.choices)
    assert json.loads(dialect.write_chat(uncounted, chat()))["token_usage"] is None
    assert json.loads(dialect.write_completion(uncounted, chat()))["token_usage"] is None


def test_errors() -> None:
    assert json.loads(dialect.write_error(BadRequest("No."))) == {"detail": "No."}
    (told,) = json.loads(dialect.write_error(Unprocessable("No.", param="a", code="b")))["detail"]
    assert told == {"loc": ["body", "a"], "msg": "No.", "type": "b"}


def execute(**fields: Any) -> Any:
    """What a deployment's execution is read as."""
    return dialect.read_execute("m", json.dumps(fields).encode(), "acc")[0]


def test_an_execution_is_what_it_asks_for() -> None:
    tools = [{"name": "weather", "description": "d", "arguments": {"type": "object"}}]
    spoken, agent = execute(messages=HELLO), execute(messages=HELLO, tools=tools, instructions="Be brief.")
    text, vectors = execute(prompts=["a", "b"], max_tokens=3), execute(texts=["a"])
    assert isinstance(spoken, Chat) and isinstance(agent, Chat)
    assert isinstance(text, TextCompletion) and isinstance(vectors, Embed)
    assert {one.model for one in (spoken, agent, text, vectors)} == {"m"}
    assert {one.account_id for one in (spoken, agent, text, vectors)} == {"acc"}
    assert agent.tools and agent.tools[0]["function"] == {
        "name": "weather",
        "parameters": {"type": "object"},
        "description": "d",
    }


def test_each_execution_is_answered_in_its_own_shape() -> None:
    def told(ask: Any, reply: Reply) -> Any:
        return json.loads(dialect.write_execute(reply, ask))

    plain = {"message": {"role": "assistant", "content": "Good day."}, "finish_reason": "stop"}
    assert told(execute(messages=HELLO), REPLY) == plain
    said = {"action": "content", "context": {"content": "Good day.", "tool_request": None}}
    assert told(execute(messages=HELLO, tools=[]), REPLY) == said
    asked = told(execute(messages=HELLO, tools=[]), Reply(id="", model="", created=1, choices=(CALLED,)))
    assert asked["context"] == {"content": None, "tool_request": {"name": "weather", "arguments": "{}"}}
    assert told(execute(prompts=["a"]), REPLY)["completions"] == [["a", ["Good day."]]]
    vectors = Reply(id="", model="", created=1, vectors=([0.5],), usage=USAGE)
    assert told(execute(texts=["a"]), vectors) == {"embeddings": [["a", [0.5]]], "tokens_used": 7}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"query": "q", "chunks": ["c"]},
        {"messages": HELLO, "model_request_parameters": {"bindings": {"a": "1"}}},
        {"messages": HELLO, "temperature": 1.5},
        {"prompts": []},
        {"texts": [""]},
        {"messages": HELLO, "tools": [{"name": "", "arguments": {}}]},
        {"messages": HELLO, "tools": [{"name": "a", "arguments": []}]},
        {"messages": [{"role": "agent", "tool_request": {"name": "a"}}], "tools": []},
        {"messages": [{"role": "tool", "content": "a"}], "tools": []},
    ],
)
def test_an_execution_that_can_not_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        execute(**fields)


def test_an_agents_turns_become_calls_and_results() -> None:
    request = {"name": "weather", "arguments": "{}"}
    turns = [*HELLO, {"role": "agent", "tool_request": request}, {"role": "tool", "name": "weather", "content": "rain"}]
    _, call, result = execute(messages=[*turns], tools=[]).messages
    assert call["tool_calls"][0]["id"] == result["tool_call_id"]
    assert result["content"] == "rain" and call["role"] == "assistant"


def test_a_history_and_a_prompt() -> None:
    body = {"chat_history": HELLO, "prompt": "Well?", "temperature": 1.8, "top_logprobs": 2, "logprobs": True}
    asked, fields = dialect.read_deployed("m", json.dumps(body).encode())
    assert [one["content"] for one in asked.messages] == ["Hello?", "Well?"]
    assert (asked.temperature, asked.top_logprobs) == (1.8, 2)
    assert json.loads(bytes(fields["messages"])) == asked.messages
    told = json.loads(dialect.write_deployed(REPLY, asked))
    assert told["completions"] == [["Well?", ["Good day."]]] and told["choices"] == [{"index": 0, "logprobs": None}]
