"""Reasoning, both ways: Converse's blocks and the thinking blocks that clients keep, which have Anthropic's shape.

The shape being one, a conversation with Claude can move between Bedrock and Anthropic; that each takes the other's
signatures could not be confirmed (2026-11). Thoughts without a signature are not sent back.
"""

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest


def reasoning_blocks(message: Message, at: str) -> list[Json]:
    """What a message brings back; blocks of other providers are left out. Raises BadRequest."""
    given = message.get("thinking_blocks") or []
    if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
        param = f"{at}.thinking_blocks"
        raise BadRequest(f"`{param}` must be a list of objects.", param=param, code="invalid_value")
    said: list[Json] = []
    for block in given:
        if block.get("type") == "thinking" and block.get("signature"):
            text = {"text": block.get("thinking") or "", "signature": block["signature"]}
            said.append({"reasoningContent": {"reasoningText": text}})
        elif block.get("type") == "redacted_thinking" and block.get("data"):
            said.append({"reasoningContent": {"redactedContent": block["data"]}})
    return said


def thinking_block(text: str, signature: str | None, redacted: str | None) -> Json | None:
    """The block that a client keeps; none where there is nothing to bring back."""
    if redacted:
        return {"type": "redacted_thinking", "data": redacted}
    return {"type": "thinking", "thinking": text, "signature": signature} if signature else None
