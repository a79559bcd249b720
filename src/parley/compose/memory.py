"""Memory: sessions, windows, and what is known of users, joined to the store and to the models."""

from collections.abc import Iterable
from importlib import import_module

from parley.compose.ground import Ground
from parley.core.call import Call
from parley.core.enclosures import Enclosure
from parley.core.record import Record
from parley.core.reply import Reply
from parley.memory.desk import MemoryDesk
from parley.memory.knowledge import Knowledge
from parley.memory.learning import KIND, Learning
from parley.memory.ports import Vectors
from parley.memory.remembrance import Remembrance
from parley.memory.sessions import Sessions
from parley.memory.summaries import Summaries
from parley.pipeline.house import Answer
from parley.store.revisions import MEMORY


class MemoryRoom:
    """The room, opened: what the hallway and the management API see of it."""

    def __init__(self, ground: Ground) -> None:
        store, models, section = ground.store, ground.errands, ground.settings.memory
        vectors = _vectors(ground)
        self.knowledge = Knowledge(store.memories, vectors, learns=section.model is not None, budget=section.budget)
        self.summaries = Summaries(store.sessions, models, section.model)
        self.sessions = Sessions(store.sessions)
        self.learning = Learning(store.memories, models, vectors, section.model) if section.model else None
        self.remembrance = Remembrance(self.sessions, self.summaries, self.knowledge)
        self.desk = MemoryDesk(store.memories, vectors, self.changed)

    async def changed(self) -> None:
        """Somebody added or removed what is known, or a session."""
        self.summaries.drop()
        await self.knowledge.refresh()

    def __call__(self, line: Record, call: Call, answer: Answer | None, reply: Reply | None) -> Iterable[Enclosure]:
        """The turn of an assistant, and the job that learns from what the user said."""
        turn = self.sessions.keep(line, call, reply) if call.ask.assistant else ()
        if self.learning is None or call.whose.user_id is None:
            return turn
        return (*turn, *self.learning.owe(line, call, reply))


async def open_memory(ground: Ground) -> MemoryRoom:
    """The room of memory; without `[memory] model` nothing is learnt by itself."""
    room = MemoryRoom(ground)
    ground.afterthoughts.append(room)
    ground.watched[MEMORY] = room.changed
    if room.learning is not None:
        ground.handlers[KIND] = room.learning.learn
    ground.stack.push_async_callback(room.sessions.close)
    return room


def _vectors(ground: Ground) -> Vectors | None:
    if ground.settings.embeddings is None:
        return None
    made: Vectors = import_module("parley.memory.vectors").Vectors(ground.errands)
    return made
