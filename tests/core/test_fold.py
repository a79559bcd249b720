"""Folding and unfolding are each other's inverse."""

import json

from parley.core.fold import Fold, answer_json, join_logprobs, unfold
from parley.core.reply import Choice, Reply, ToolCall, Usage

REPLY = Reply(
    id="r",
    model="m",
    created=1,
    choices=(
        Choice(index=0, text="a", reasoning="hm", thinking=({"x": 1},), logprobs={"content": [1]}, finish="stop"),
        Choice(index=1, refusal="No.", tools=(ToolCall(id="c", name="f", arguments="{}"),), finish="tool_calls"),
    ),
    usage=Usage(prompt_tokens=1, completion_tokens=2),
)


def test_what_is_unfolded_folds_into_the_same() -> None:
    fold = Fold()
    for event in unfold(REPLY):
        fold.add(event)
    assert fold.reply(id="", model="", created=1) == REPLY


def test_the_answer_is_kept_as_a_message_or_a_list_of_them() -> None:
    first, second = json.loads(answer_json(REPLY))
    assert first == {"role": "assistant", "content": "a", "reasoning_content": "hm"}
    assert second["tool_calls"] == [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    one = Reply(id="r", model="m", created=1, choices=REPLY.choices[:1])
    assert json.loads(answer_json(one)) == first


def test_log_probabilities_are_joined() -> None:
    assert join_logprobs([]) is None
    assert join_logprobs([{"content": [1], "refusal": None}, {"content": [2, 3], "refusal": None}]) == {
        "content": [1, 2, 3],
        "refusal": None,
    }
