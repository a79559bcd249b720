"""Context: documents in the store, their indexes in memory, their vectors by errands."""

from parley.compose.ground import Ground
from parley.context.desk import Limits
from parley.context.indexing import SWEEP
from parley.context.ports import Bounds
from parley.context.rewriting import Rewriting
from parley.context.room import Room
from parley.core.documents import INDEX
from parley.settings.check import parse_size


async def open_context(ground: Ground) -> Room:
    """The documents' room; what an earlier process left undone, or embedded with another model, is owed again."""
    section, errands, store = ground.settings.context, ground.errands, ground.store
    room = Room(
        store.documents,
        store.shelves,
        errands,
        limits=Limits(size=parse_size(section.max_document), chunks=section.max_chunks),
        bounds=Bounds(parts=section.parts, tokens=section.max_tokens, threshold=section.threshold),
        rewriting=Rewriting(errands, section.query_model) if section.query_model else None,
    )
    ground.handlers[INDEX] = room.index
    ground.handlers[SWEEP] = room.sweep
    await room.catch_up()
    return room
