"""The whole path of one call. This is the only place where order exists; read it top to bottom."""

from parley.core.call import Call, Caller, Trace
from parley.core.errors import GatewayError
from parley.pipeline.house import Answer, House
from parley.pipeline.stages.attempt import attempt
from parley.pipeline.stages.record import open_entry, record, refusal
from parley.pipeline.stages.route import route
from parley.pipeline.stages.shape import shape


async def serve(call: Call, house: House) -> Answer:
    """Answers `call`, whole or as a stream, and leaves its record in the ledger however it ends.

    Raises GatewayError before the first event; a stream raises it later, from the iterator.
    """
    entry = open_entry(call, house)  #                           from here on it is in the books
    with entry:
        call = shape(call, house.applications)  #                what the request leaves out      fails closed
        way = route(call, house.router)  #                       who may answer, in which order   fails closed
        answer = await attempt(call, way, house, entry)  #       ask them until one answers       fails closed
        return await record(answer, call, entry)  #              committed before the last byte   fails open


def refuse(id: str, caller: Caller, mark: Trace, error: GatewayError, house: House) -> None:
    """Leaves a record of a request that was no call at all: not JSON, too large, a value out of range."""
    house.ledger.put(refusal(id, caller, mark, error, house))
