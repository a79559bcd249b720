"""The rooms, each opened on the ground in its turn, and the house with all of them in it."""

from msgspec import Struct, structs

from parley.cache.answers import AnswerCache
from parley.compose.cache import open_cache, retract_faults
from parley.compose.context import open_context
from parley.compose.evaluation import Judging, open_evaluation
from parley.compose.ground import Ground
from parley.compose.hearing import open_webhooks
from parley.compose.memory import MemoryRoom, open_memory
from parley.compose.receipts import open_receipts
from parley.context.room import Room as ContextRoom
from parley.evaluation.webhooks import Webhooks
from parley.jobs.worker import Worker
from parley.pipeline.house import House
from parley.prompts.book import PromptBook
from parley.receipts.book import Book


class Rooms(Struct, frozen=True, kw_only=True):
    """What stands behind a call besides routing, and what is served beside calls."""

    hooks: Webhooks
    judging: Judging
    cache: AnswerCache
    context: ContextRoom
    memory: MemoryRoom
    receipts: Book | None
    prompts: PromptBook


async def open_rooms(ground: Ground) -> Rooms:
    """Every room; what the house has to run for it stays on the ground."""
    prompts = PromptBook(ground.store.prompts)
    ground.watched["prompts"] = prompts.refresh
    hooks = await open_webhooks(ground)
    cache = await open_cache(ground)
    judging = open_evaluation(ground, hooks)
    retract_faults(ground)
    context = await open_context(ground)
    return Rooms(
        hooks=hooks,
        judging=judging,
        cache=cache,
        context=context,
        memory=await open_memory(ground, cache, context),
        receipts=open_receipts(ground),
        prompts=prompts,
    )


def furnished(bare: House, ground: Ground, rooms: Rooms, worker: Worker) -> House:
    """The bare house with the rooms in it."""
    return structs.replace(
        bare,
        cache=rooms.cache,
        context=rooms.context,
        memory=rooms.memory.remembrance,
        court=rooms.judging.court,
        afterthoughts=tuple(ground.afterthoughts),
        workers=worker,
    )
