"""Which path is answered by which function, and the two paths that only look."""

import time

import msgspec

from parley.engine.process.app import Route
from parley.engine.process.chat import chat
from parley.engine.process.completions import completions
from parley.engine.process.embeddings import embeddings
from parley.engine.process.models import Models


async def list_models(models: Models, _: bytes) -> bytes:
    """`GET /v1/models`."""
    rows = [{"id": name, "object": "model", "created": int(time.time()), "owned_by": "parley"} for name in models.names]
    return msgspec.json.encode({"object": "list", "data": rows})


async def health(models: Models, _: bytes) -> bytes:
    """`GET /health`: how each model is."""
    return msgspec.json.encode({"status": "ok", "models": models.health()})


def routes() -> dict[tuple[str, str], Route]:
    """The table."""
    return {
        ("POST", "/v1/chat/completions"): chat,
        ("POST", "/v1/completions"): completions,
        ("POST", "/v1/embeddings"): embeddings,
        ("GET", "/v1/models"): list_models,
        ("GET", "/health"): health,
    }
