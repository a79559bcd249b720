"""Assistants: the client sends one message, the server has the history of the session and adds the turn to it."""

import time
from collections.abc import Callable, Iterable
from functools import partial

import msgspec
from msgspec import Struct

from parley.core.asks import Chat, Message
from parley.core.call import Call
from parley.core.enclosures import Enclosure, TurnRow
from parley.core.errors import BadRequest
from parley.core.fold import answer_json
from parley.core.names import fit
from parley.core.record import ANSWERED, Record
from parley.core.reply import Reply
from parley.memory.names import SessionName, session_of
from parley.memory.ports import SPAN, Books, SessionStore
from parley.memory.turn_taking import TurnTaking
from parley.memory.window import STAYS, closed

LONGEST = 1000
"""Turns of a session that are read; what is older stays in the store and is not shown to models any more."""

_decode = msgspec.json.decode


class Turn(Struct, frozen=True):
    """A call's turn in its session."""

    session: SessionName
    place: int


class Sessions:
    """The sessions of assistants."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._turns = TurnTaking(store)
        self._running: dict[str, Turn] = {}  # by request

    async def with_history(self, call: Call, chat: Chat, books: Books) -> list[Message]:
        """The messages of `chat` with the session's history before the user's, once it is this call's turn.

        The turn is given back when the call's record is committed. Raises BadRequest unless there is one user message.
        """
        standing, asked = only_question(chat.messages)
        at, began = time.time(), time.perf_counter()
        session = session_of(call.whose)
        leave = await self._turns.take(session, call.id)
        books.after(partial(self._end, call.id, leave))
        turns = await self._store.history(session, LONGEST)
        self._running[call.id] = Turn(session, turns[-1].place + 1 if turns else 1)
        books.span(SPAN, "session", at, (time.perf_counter() - began) * 1000, turns=len(turns))
        history = [message for turn in turns for message in (_decode(turn.question), _decode(turn.answer))]
        return [*standing, *closed(history), asked]

    def keep(self, line: Record, call: Call, reply: Reply | None) -> Iterable[Enclosure]:
        """The row of an answered turn, for its record to take along; none where the request wants nothing kept."""
        turn = self._running.get(call.id)
        if turn is None or line.outcome != ANSWERED or reply is None or not reply.choices:
            return ()
        assert isinstance(call.source.asked, Chat)
        if call.ask.log_prompt is False:
            return ()
        _, asked = only_question(call.source.asked.messages)
        session = turn.session
        one = msgspec.structs.replace(reply, choices=reply.choices[:1])
        row = TurnRow(
            id=call.id,
            account=session.account,
            application=session.application,
            session_id=session.session_id,
            user_id=None if call.whose.user_id is None else fit(call.whose.user_id),
            place=turn.place,
            created=call.received,
            question=msgspec.json.encode(asked),
            answer=answer_json(one),
        )
        return (row,)

    def _end(self, id: str, leave: Callable[[], None]) -> None:
        self._running.pop(id, None)
        leave()

    async def close(self) -> None:
        """Gives every turn back."""
        await self._turns.close()


def only_question(messages: list[Message]) -> tuple[list[Message], Message]:
    """The system messages and the one user message. Raises BadRequest for anything else."""
    spoken = [message for message in messages if message.get("role") not in STAYS]
    if len(spoken) != 1 or spoken[0].get("role") != "user":
        raise BadRequest(
            "`messages` must hold exactly one user message, beside system messages, where `assistant` is true: "
            "the server has the history of the session.",
            param="messages",
            code="invalid_value",
        )
    return [message for message in messages if message.get("role") in STAYS], spoken[0]
