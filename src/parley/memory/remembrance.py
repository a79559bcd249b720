"""What a call is given before a model sees it: its session's history, its window, and what is known of its user."""

from msgspec import structs

from parley.core.asks import Chat, Message
from parley.core.call import Call
from parley.core.errors import BadRequest
from parley.core.strategy import LastK, Strategy, TokenBudget, read_strategy
from parley.memory.knowledge import Knowledge
from parley.memory.ports import Books
from parley.memory.sessions import Sessions
from parley.memory.summaries import Summaries
from parley.memory.system import with_instructions, with_note
from parley.memory.window import last_k, token_budget


class Remembrance:
    """The room as the hallway sees it."""

    def __init__(self, sessions: Sessions, summaries: Summaries, knowledge: Knowledge) -> None:
        self._sessions = sessions
        self._summaries = summaries
        self._knowledge = knowledge

    async def remember(self, call: Call, books: Books) -> Call:
        """The call with all that it is to remember. Raises BadRequest for what it asks wrongly; StoreError where a
        session can not be read. Summaries and memories of the user that can not be had are left out."""
        chat = call.ask
        if not isinstance(chat, Chat):
            if call.source.asked.assistant:  # an intent may want it of its chats
                raise BadRequest("`assistant` is for chats; this path has no sessions.", param="assistant")
            return call
        strategy = None if chat.memory_strategy is None else read_strategy(chat.memory_strategy)
        messages = chat.messages
        if chat.assistant:
            messages = await self._sessions.with_history(call, chat, books)
        if chat.instructions:
            messages = with_instructions(messages, chat.instructions)
        if strategy is not None:
            messages = await self._cut(call, messages, strategy, books)
        if call.whose.user_id is not None:
            note = await self._knowledge.about(call, chat, books)
            if note is not None:
                messages = with_note(messages, note)
        if messages is chat.messages:
            return call
        return structs.replace(call, ask=structs.replace(chat, messages=messages))

    async def _cut(self, call: Call, messages: list[Message], strategy: Strategy, books: Books) -> list[Message]:
        if isinstance(strategy, LastK):
            return last_k(messages, strategy.k)
        if isinstance(strategy, TokenBudget):
            return token_budget(messages, strategy.max_tokens)
        return await self._summaries.shortened(call, messages, strategy, books)
