"""Amazon Bedrock's Converse API (2023-09-30), outward: Parley is the client.

`write_call` says a chat in it; `read_reply`, `StreamReader` and `read_error` understand the answers. Reference:
docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and the service model of botocore 1.44.5,
both of 2026-11.
"""

from parley.dialects.bedrock_converse.calls import write_call
from parley.dialects.bedrock_converse.errors import read_error
from parley.dialects.bedrock_converse.replies import read_reply
from parley.dialects.bedrock_converse.shapes import NAME
from parley.dialects.bedrock_converse.stream_reader import StreamReader

__all__ = ["NAME", "StreamReader", "read_error", "read_reply", "write_call"]
