"""The whole path of one call. This is the only place where order exists; read it top to bottom."""

from parley.core.call import Call, Caller, Trace
from parley.core.errors import GatewayError
from parley.pipeline.house import Answer, House
from parley.pipeline.stages.admit import admit, permitted
from parley.pipeline.stages.attempt import attempt
from parley.pipeline.stages.judge import judge
from parley.pipeline.stages.look_up import look_up
from parley.pipeline.stages.record import Entry, open_entry, record, refusal
from parley.pipeline.stages.remember import remember
from parley.pipeline.stages.retrieve import retrieve, tell
from parley.pipeline.stages.route import route
from parley.pipeline.stages.shape import shape
from parley.routing.router import Way


async def serve(call: Call, house: House) -> Answer:
    """Answers `call`, whole or as a stream, and leaves its record in the ledger however it ends.

    Raises GatewayError before the first event; a stream raises it later, from the iterator.
    """
    entry = open_entry(call, house)  #                           from here on it is in the books
    with entry:
        call = shape(call, house.applications)  #                what the request leaves out      fails closed
        await admit(call, house, entry)  #                       budgets, limits, models          fails closed
        call = await remember(call, house.memory, entry)  #      history, window, what is known    fails closed
        call = await retrieve(call, house.context, entry)  #     documents that apply             fails open
        way = route(call, house.router)  #                       who may answer, in which order   fails closed
        way = permitted(way, call, house)  #                     without models it may not ask    fails closed
        answer = await look_up(call, way, house, entry, ask)  #  from the cache, or:              fails open
        answer = tell(answer, call)  #                           which documents the model saw
        return await record(answer, call, entry)  #              committed before the last byte   fails open


async def ask(call: Call, way: Way, house: House, entry: Entry) -> Answer:
    """What happens to a call that the cache can not answer; equal calls at the same time share it."""
    answer = await attempt(call, way, house, entry)  #           ask them until one answers       fails closed
    return await judge(answer, call, house.court, entry)  #      hold it up until it may go out   fails open, or not


def refuse(id: str, caller: Caller, mark: Trace, error: GatewayError, house: House) -> None:
    """Leaves a record of a request that was no call at all: not JSON, too large, a value out of range."""
    house.ledger.put(refusal(id, caller, mark, error, house))
