"""Google's Gemini API (`generateContent`, v1beta, and v1 on Vertex), outward: Parley is the client.

`write_call` says a chat in it, `write_embed` texts to embed; `read_reply`, `read_vectors`, `StreamReader` and
`read_error` understand the answers. Reference: ai.google.dev/api/generate-content and the types of google-genai 3.4.0,
both of 2026-11.
"""

from parley.dialects.gemini.calls import write_call
from parley.dialects.gemini.embeddings import read_vectors, write_embed, write_predict
from parley.dialects.gemini.errors import read_error
from parley.dialects.gemini.replies import read_reply
from parley.dialects.gemini.shapes import NAME
from parley.dialects.gemini.stream_reader import StreamReader

__all__ = [
    "NAME",
    "StreamReader",
    "read_error",
    "read_reply",
    "read_vectors",
    "write_call",
    "write_embed",
    "write_predict",
]
