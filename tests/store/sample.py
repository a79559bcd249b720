"""Records for the tests of the store."""

from typing import Any

from parley.core.record import Record
from parley.core.reply import Usage

PLAIN: dict[str, Any] = {
    "created": 1_700_000_000.25,
    "account": "acme",
    "application": "support",
    "intent": "REFUND",
    "session_id": "ses_1",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "outcome": "answered",
    "status": 200,
}


def a_record(id: str, **changes: Any) -> Record:
    """A record with everything that it must have."""
    return Record(**{**PLAIN, "id": id, **changes})


def a_full_record(id: str, **changes: Any) -> Record:
    """A record with everything that it can have."""
    full: dict[str, Any] = {
        "operation": "completion",
        "model": "gpt-4o-mini",
        "provider": "openai",
        "upstream_model": "gpt-4o-mini-2024-07-18",
        "completion_id": f"chatcmpl-{id}",
        "reference_id": "ref 1",
        "user_id": "user 1",
        "key_id": "key_1",
        "stream": True,
        "usage": Usage(
            prompt_tokens=11, completion_tokens=7, cached_tokens=5, cache_write_tokens=3, reasoning_tokens=2
        ),
        "cost_usd": 0.000123,
        "latency_ms": 12.5,
        "first_token_ms": 3.25,
        "finish_reason": "stop",
        "cache": "MISS",
        "fallback_reason": "timeout",
        "error": "none; just a text with 'quotes' and ünïcödé",
        "metadata": {"team": "red", "depth": {"is": ["kept"]}},
        "messages": b'[{"role":"user","content":"hi"}]',
        "answer": b'[{"index":0}]',
    }
    return a_record(id, **{**full, **changes})
