"""Remember: gives the call its instructions, its session's history, its window, and what is known of its user.

Reads: the ask's `instructions`, `assistant` and `memory_strategy`, whose it is; sessions, summaries and memories.
Writes: the ask's messages. An assistant's call holds its session until its record is committed.
Fails: closed for what was asked wrongly and for a session that can not be read; open for summaries and memories.
Costs: four looks at attributes where nothing of it is asked for; about half a millisecond for a session or a user, and
the model's time for a summary or an embedding.
"""

from parley.core.call import Call
from parley.pipeline.house import Books, Memory


async def remember(call: Call, memory: Memory | None, books: Books) -> Call:
    """The call as the models shall see it. Raises BadRequest, and StoreError where a session can not be read."""
    ask = call.ask
    if memory is None or (
        ask.instructions is None and ask.memory_strategy is None and not ask.assistant and call.whose.user_id is None
    ):
        return call
    return await memory.remember(call, books)
