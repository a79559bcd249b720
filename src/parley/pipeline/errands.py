"""Errands: what Parley itself asks of models, for a judge, a correction, a memory, a query or an embedding.

An errand walks the same way as a call, with the same fallbacks and the same breakers. It is not judged, cached or
remembered, and leaves no record of its own: whoever sends it keeps its cost with what it was for.
"""

import asyncio
import time
from collections.abc import Sequence

from msgspec import Struct

from parley.core.asks import Ask, Chat, Embed
from parley.core.call import Call, Caller, Source, Trace, Whose
from parley.core.errors import BadRequest, UpstreamGarbled, UpstreamTimedOut
from parley.core.record import Attempt
from parley.core.reply import Reply, Usage
from parley.core.route import Target
from parley.pipeline.house import House
from parley.pipeline.stages.attempt import attempt
from parley.pipeline.stages.route import route
from parley.wire.ids import new_id

DIALECT = "errand"
LONGEST = 60.0
"""Seconds that an errand may take where its sender names no deadline."""
PIECE = 64
"""Texts that are embedded in one request."""


class Errand(Struct, frozen=True, kw_only=True):
    """What came back: the reply, who gave it, what it cost (US dollars, None: unknown), and how long it took."""

    reply: Reply
    model: str
    provider: str
    usage: Usage | None = None
    cost_usd: float | None = None
    ms: float = 0.0

    @property
    def text(self) -> str:
        """What the first choice says."""
        return (self.reply.choices[0].text or "") if self.reply.choices else ""


class Errands:
    """Sends errands through the house."""

    def __init__(self, house: House, embedder: str | None = None) -> None:
        """`embedder` is the model of `[embeddings]`, None where there is none."""
        self._house = house
        self.embedder = embedder

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Errand:
        """The answer to `chat`, whole; `deadline` in the event loop's time. Raises GatewayError."""
        return await self._send(chat, whose, purpose, deadline)

    async def embed(self, texts: Sequence[str], deadline: float | None = None) -> list[list[float]]:
        """One vector per text, in their order. Raises GatewayError; BadRequest where `[embeddings]` names no model."""
        if self.embedder is None:
            raise BadRequest("No model turns text into vectors: name one under [embeddings].")
        vectors: list[list[float]] = []
        for start in range(0, len(texts), PIECE):
            piece: list[str | int | list[int]] = [*texts[start : start + PIECE]]
            ask = Embed(model=self.embedder, input=piece, encoding_format="float")
            reply = (await self._send(ask, NOBODY, "embedding", deadline)).reply
            if len(reply.vectors) != len(piece):
                raise UpstreamGarbled(f"`{self.embedder}` gave {len(reply.vectors)} vectors for {len(piece)} texts.")
            vectors += reply.vectors
        return vectors

    async def _send(self, ask: Ask, whose: Whose, purpose: str, deadline: float | None) -> Errand:
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST if deadline is None else deadline
        call = _call(ask, whose, purpose, until)
        log = _Log()
        began = time.perf_counter()
        try:
            async with asyncio.timeout_at(until):
                answer = await attempt(call, route(call, self._house.router), self._house, log)
        except TimeoutError:
            raise UpstreamTimedOut(f"`{ask.model}` did not answer the {purpose} in time.") from None
        assert answer.reply is not None
        target, usage = answer.target, answer.reply.usage
        return Errand(
            reply=answer.reply,
            model=target.model,
            provider=target.provider,
            usage=usage,
            cost_usd=self._house.prices.cost(target.provider, target.upstream, usage) if usage else None,
            ms=(time.perf_counter() - began) * 1000,
        )


def _call(ask: Ask, whose: Whose, purpose: str, deadline: float) -> Call:
    id = new_id("err")
    return Call(
        id=id,
        received=time.time(),
        deadline=deadline,
        caller=Caller(key_id="", account=whose.account, scopes=frozenset(), name=purpose),
        whose=whose,
        trace=Trace(trace_id=id),
        ask=ask,
        source=Source(dialect=DIALECT, fields={}, asked=ask),
    )


class _Log:
    """Takes no notes."""

    def tried(self, target: Target) -> None:
        """As `Log` says."""

    def ended(self, attempt: Attempt) -> None:
        """As `Log` says."""

    def continued(self, cut: Target, by: Target, why: str) -> None:
        """As `Log` says."""


NOBODY = Whose(account="", application="", intent="", session_id="")
"""Whose errand an embedding is: texts are embedded for whoever has them."""
