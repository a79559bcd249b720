"""OpenAI's client for Parley: `Parley` and `AsyncParley`."""

from parley_client.client import AsyncParley, Parley
from parley_client.params import Callback, CreateParams, FallbackConfig
from parley_client.results import Chunk, Completion, Evaluation, Verdict
from parley_client.streams import AsyncChunkStream, ChunkStream

__version__ = "0.1.0"

__all__ = [
    "AsyncChunkStream",
    "AsyncParley",
    "Callback",
    "Chunk",
    "ChunkStream",
    "Completion",
    "CreateParams",
    "Evaluation",
    "FallbackConfig",
    "Parley",
    "Verdict",
]
