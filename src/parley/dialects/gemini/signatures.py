"""Thought signatures: what Gemini attaches to parts of an answer and wants back on the same parts in the next turn.

A client gets and returns them among the `thinking_blocks` of a message, as
`{"type": "gemini_signature", "issuer": ..., "signature": ...}` with `tool_call_id` where it belongs to a tool call and
`thought` where it belongs to a thought; else to the text. Google's own `extra_content` on a tool call is read too. The
API-key service and Vertex refuse each other's signatures (seen 2026-09), so only the issuer's own go back.
From Gemini 3 on a function call without its signature is refused, so one from elsewhere (another model, a client that
dropped it) gets the value that Google documents for this (ai.google.dev/gemini-api/docs/thought-signatures, 2026-11).
"""

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest

TYPE = "gemini_signature"

UNSIGNED = "skip_thought_signature_validator"


class Signatures:
    """The signatures that one message brings back."""

    def __init__(self, message: Message, at: str, issuer: str) -> None:
        """Raises BadRequest if `thinking_blocks` is not a list of objects; blocks of other providers are left out."""
        given = message.get("thinking_blocks") or []
        if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
            param = f"{at}.thinking_blocks"
            raise BadRequest(f"`{param}` must be a list of objects.", param=param, code="invalid_value")
        ours = [
            block
            for block in given
            if block.get("type") == TYPE and block.get("issuer") == issuer and isinstance(block.get("signature"), str)
        ]
        self.thoughts: list[Json] = [
            {"text": str(block["thought"]), "thought": True, "thoughtSignature": block["signature"]}
            for block in ours
            if "thought" in block
        ]
        self._calls = {str(block["tool_call_id"]): block["signature"] for block in ours if "tool_call_id" in block}
        texts = [block["signature"] for block in ours if "thought" not in block and "tool_call_id" not in block]
        self.text: str | None = texts[-1] if texts else None

    def of(self, call: dict[str, Json]) -> str | None:
        """The signature of a tool call, in either spelling."""
        known = self._calls.get(str(call.get("id")))
        if known is not None:
            return str(known)
        extra = call.get("extra_content")
        google = extra.get("google") if isinstance(extra, dict) else None
        signature = google.get("thought_signature") if isinstance(google, dict) else None
        return signature if isinstance(signature, str) else None


def block(signature: str, issuer: str, *, tool_call_id: str | None = None, thought: str | None = None) -> Json:
    """The block that carries `signature` to the client."""
    told: dict[str, Json] = {"type": TYPE, "issuer": issuer, "signature": signature}
    if tool_call_id is not None:
        told["tool_call_id"] = tool_call_id
    if thought is not None:
        told["thought"] = thought
    return told
