"""OpenAI's Chat Completions, the union surface of Parley's clients and the language of most upstreams.

Facing a client: `read_chat`, `write_reply`, `StreamWriter`, `write_error`.
Facing an upstream: `write_call`, `read_reply`, `StreamReader`, `read_error`.
Reference: OpenAI's API reference of 2026-08; what OctoAI's clients add and tolerate is theirs of 2024-10.
"""

from parley.dialects.openai_chat.asks import read_chat
from parley.dialects.openai_chat.calls import write_call
from parley.dialects.openai_chat.errors import read_error, write_error
from parley.dialects.openai_chat.replies import read_reply, write_reply
from parley.dialects.openai_chat.stream_reader import StreamReader
from parley.dialects.openai_chat.stream_writer import StreamWriter

NAME = "openai_chat"

__all__ = [
    "NAME",
    "StreamReader",
    "StreamWriter",
    "read_chat",
    "read_error",
    "read_reply",
    "write_call",
    "write_error",
    "write_reply",
]
