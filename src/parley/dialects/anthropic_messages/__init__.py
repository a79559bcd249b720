"""Anthropic's Messages API (version 2023-06-01), outward: Parley is the client.

`write_call` says a chat in it; `read_reply`, `StreamReader` and `read_error` understand the answers.
Reference: platform.claude.com/docs/en/api/messages, and the types of anthropic 2.11.0, both of 2026-11.
"""

from parley.core.error_shape import refusal as read_error
from parley.dialects.anthropic_messages.calls import write_call
from parley.dialects.anthropic_messages.replies import NAME, read_reply
from parley.dialects.anthropic_messages.stream_reader import StreamReader

VERSION = "2023-06-01"
"""The value of the `anthropic-version` header."""

__all__ = ["NAME", "VERSION", "StreamReader", "read_error", "read_reply", "write_call"]
