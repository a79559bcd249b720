"""Look up: answers from the cache what was answered before, and asks equal questions at the same time once.

Reads: what the intent or the routing config says of the cache, the request's headers, the cache.
Writes: the status in the answer's headers and record; what is answered is kept together with the record.
Fails: open (a cache that does not answer counts as empty).
Costs: under a microsecond where the cache is off; some 20 for a key and a hit in memory, about 300 for a look into the
store; for a question in other words its embedding and one or two milliseconds.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import structs

from parley.accounts.config import CacheConfig
from parley.cache.answers import AnswerCache
from parley.cache.keeping import answerable
from parley.cache.key import Question, question_of
from parley.cache.wish import Wish
from parley.core.call import Caching, Call
from parley.pipeline.again import again, identity
from parley.pipeline.flights import Passenger, alone, together
from parley.pipeline.house import Answer, House
from parley.pipeline.stages.record import Entry
from parley.routing.router import Way

Ask = Callable[[Call, Way, House, Entry], Coroutine[Any, Any, Answer]]
"""What answers a call that the cache can not."""

PLAIN = Caching()


async def look_up(call: Call, way: Way, house: House, entry: Entry, ask: Ask) -> Answer:
    """The answer from the cache, else what `ask` gives. Raises what `ask` raises."""
    settled = house.applications.defaults(call.whose.application, call.whose.intent).config
    if settled.cache is None and way.cache is None:
        return await ask(call, way, house, entry)
    cache, wish = house.cache, wished(way, settled.cache)
    if cache is None or wish is None or not answerable(call.ask, wish):
        return await ask(call, way, house, entry)
    question = question_of(call, way.mark, settled.sentinels)
    if question is None:
        return await ask(call, way, house, entry)
    answer = await _looked_up(call, way, house, entry, ask, cache, wish, question)
    return structs.replace(answer, headers=(*answer.headers, (b"x-parley-cache-key", question.key.encode())))


async def _looked_up(
    call: Call, way: Way, house: House, entry: Entry, ask: Ask, cache: AnswerCache, wish: Wish, question: Question
) -> Answer:
    asked = call.caching or PLAIN
    if not asked.refresh:
        found = await cache.find(question, wish)
        if found is not None:
            entry.given(found.target)
            reply = found.again(identity(call), int(time.time()))
            return again(reply, found.target, call, "SEMANTIC HIT" if found.semantic else "HIT")
    who = Passenger(
        call=call,
        entry=entry,
        question=question,
        wish=wish,
        missed="REFRESH" if asked.refresh else wish.missed,
        asking=lambda: ask(call, way, house, entry),
    )
    if asked.refresh or not asked.share:
        return await alone(who, cache)
    return await together(who, cache, house.flights)


def wished(way: Way, settled: CacheConfig | None) -> Wish | None:
    """What the request wants of the cache: its routing config's word counts before its intent's; None: nothing."""
    base = Wish()
    if settled is not None:
        base = Wish(
            semantic=settled.mode == "semantic",
            max_age=settled.max_age,
            tool_calls=settled.tool_calls,
            max_temperature=settled.max_temperature,
        )
    if way.cache is not None:
        age = way.cache.max_age or base.max_age
        return structs.replace(base, semantic=way.cache.mode == "semantic", max_age=age)
    return None if settled is None or settled.mode == "off" else base
