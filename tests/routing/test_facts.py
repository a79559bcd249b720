"""The facts of a real call."""

import msgspec

from parley.core.asks import Chat
from parley.core.call import Call, Caller, Source, Trace, Whose
from parley.routing.facts import CallFacts

BODY = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 7, "vendor": {"x": 1}}'


def call() -> Call:
    ask = msgspec.json.decode(BODY, type=Chat)
    whose = Whose(account="a", application="b", intent="c", session_id="s", user_id="u", metadata={"plan": "pro"})
    return Call(
        id="1",
        received=0.0,
        deadline=1.0,
        caller=Caller(key_id="k", account="a", scopes=frozenset()),
        whose=whose,
        trace=Trace(trace_id="t"),
        ask=ask,
        source=Source(dialect="openai", fields=msgspec.json.decode(BODY, type=dict[str, msgspec.Raw]), asked=ask),
    )


def test_a_calls_facts_are_its_own_words() -> None:
    facts = CallFacts(call(), "/v1/chat/completions")
    assert (facts.session_id, facts.user_id, facts.metadata) == ("s", "u", {"plan": "pro"})
    assert facts.params["model"] == "m"
    assert facts.params["vendor"] == {"x": 1}
    assert "temperature" not in facts.params
    assert (facts.tokens, facts.output_tokens, facts.content) == (6, 7, frozenset({"text"}))
