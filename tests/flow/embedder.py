"""An upstream that embeds and chats: vectors by the words of a text, synonyms alike; it can be held up, or be away."""

import asyncio
import json
import zlib
from typing import Any

from tests.flow.stage import STREAM, WHOLE
from tests.scripted import Visit, json_answer

WIDTH = 256
SAME = {"money": "refund", "cash": "refund", "puppy": "dog", "hound": "dog"}
AWAY = json_answer({}, 503)


class Embedder:
    """`go` lets embeddings of documents through while it is set; `away` answers 503 to all of them."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.away = False
        self.embedded: list[str] = []
        self.chats: list[Any] = []

    async def script(self, visit: Visit) -> None:
        """Answers a connection's requests one after the other."""
        while True:
            asked = await visit.request()
            if not asked.target.endswith("/embeddings"):
                self.chats.append(asked.json)
                await visit.send(STREAM if asked.json.get("stream") else WHOLE)
                continue
            if self.away:
                await visit.send(AWAY)
                continue
            texts = asked.json["input"]
            await self.go.wait()
            self.embedded += texts
            await visit.send(json_answer(_reply(texts)))


def _reply(texts: list[str]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": place, "embedding": vector(text)} for place, text in enumerate(texts)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": data, "model": "up", "usage": usage}


def vector(text: str) -> list[float]:
    """A bag of the longer words."""
    found = [0.0] * WIDTH
    for word in "".join(c if c.isalnum() else " " for c in text.lower()).split():
        if len(word) > 3:
            found[zlib.crc32(SAME.get(word, word).encode()) % WIDTH] += 1.0
    return found


def system_of(chat: Any) -> str:
    """The system message that an upstream was sent, or ""."""
    first = chat["messages"][0]
    return first["content"] if first["role"] == "system" else ""


def body(value: Any) -> bytes:
    """JSON as bytes."""
    return json.dumps(value).encode()
