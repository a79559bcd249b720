"""Memory: sessions, windows, and what is known of users, joined to the store and to the models."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from importlib import import_module

from parley.cache.answers import AnswerCache
from parley.compose.ground import Ground
from parley.context.room import Room
from parley.core.call import Call
from parley.core.documents import Place
from parley.core.enclosures import Enclosure
from parley.core.record import Record
from parley.core.reply import Reply
from parley.memory.desk import Elsewhere, MemoryDesk
from parley.memory.knowledge import Knowledge
from parley.memory.learning import KIND, Learning
from parley.memory.ports import Vectors
from parley.memory.remembrance import Remembrance
from parley.memory.session_desk import SessionDesk
from parley.memory.sessions import Sessions
from parley.memory.summaries import Summaries
from parley.pipeline.house import Answer
from parley.store.address import SqliteAddress, read_address
from parley.store.revisions import MEMORY

Refresh = Callable[[], Awaitable[None]]
ALONE, AMONG_OTHERS = 60.0, 1.0
"""Seconds for which a worker trusts that nobody learnt anything of a user of whom nothing was known."""
PIECE = 200
"""Documents that are looked at in one read."""


class MemoryRoom:
    """The room, opened: what the hallway and the management API see of it."""

    def __init__(self, ground: Ground, others: Sequence[Refresh], elsewhere: Sequence[Elsewhere]) -> None:
        """`others` are told when something is to be forgotten at once; `elsewhere` users are forgotten too."""
        store, models, section = ground.store, ground.errands, ground.settings.memory
        vectors = _vectors(ground)
        self.knowledge = Knowledge(
            store.memories,
            vectors,
            learns=section.model is not None,
            budget=section.budget,
            trusted=ALONE if _alone(ground) else AMONG_OTHERS,
        )
        self.summaries = Summaries(store.sessions, models, section.model)
        self.sessions = Sessions(store.sessions)
        self.learning = (
            Learning(store.memories, models, vectors, section.model, self.knowledge.expect) if section.model else None
        )
        self.remembrance = Remembrance(self.sessions, self.summaries, self.knowledge)
        self._others = others
        self.desk = MemoryDesk(store.memories, vectors, self.changed, elsewhere)
        self.session_desk = SessionDesk(store.timelines, self.changed)

    async def changed(self) -> None:
        """Somebody added or removed what is known, or a session."""
        await self.refresh()
        for other in self._others:
            await other()

    async def refresh(self) -> None:
        """Another worker did."""
        self.summaries.drop()
        await self.knowledge.refresh()

    def __call__(self, line: Record, call: Call, answer: Answer | None, reply: Reply | None) -> Iterable[Enclosure]:
        """The turn of an assistant, and the job that learns from what the user said."""
        turn = self.sessions.keep(line, call, reply) if call.ask.assistant else ()
        if self.learning is None or call.whose.user_id is None:
            return turn
        return (*turn, *self.learning.owe(line, call, reply))


async def open_memory(ground: Ground, cache: AnswerCache, context: Room) -> MemoryRoom:
    """The room of memory; without `[memory] model` nothing is learnt by itself."""
    room = MemoryRoom(ground, [cache.refresh], [OwnDocuments(context)])
    ground.afterthoughts.append(room)
    ground.watched[MEMORY] = room.refresh
    if room.learning is not None:
        ground.handlers[KIND] = room.learning.learn
    ground.stack.push_async_callback(room.sessions.close)
    return room


def _alone(ground: Ground) -> bool:
    return ground.shared is None and isinstance(read_address(ground.settings.store.url, ground.data), SqliteAddress)


def _vectors(ground: Ground) -> Vectors | None:
    if ground.settings.embeddings is None:
        return None
    made: Vectors = import_module("parley.memory.vectors").Vectors(ground.errands)
    return made


class OwnDocuments:
    """The documents of a user: those whose `metadata` names them as `user_id`."""

    def __init__(self, documents: Room) -> None:
        self._documents = documents

    async def forget(self, account: str, application: str, user_id: str) -> Mapping[str, int]:
        """Removes them; how many there were."""
        place, after, gone = Place(account, application), None, 0
        while True:
            page = await self._documents.page(place, PIECE, after)
            for shown in page.data:
                if (shown.metadata or {}).get("user_id") == user_id:
                    await self._documents.delete(place, shown.reference)
                    gone += 1
            if (after := page.next) is None:
                return {"documents": gone}
