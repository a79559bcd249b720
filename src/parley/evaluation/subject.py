"""The subject of an evaluation: one choice of an answer, with what was asked, as sentinels see it."""

from msgspec import Struct, structs

from parley.core.asks import Chat, Json, Message
from parley.core.reply import Choice, ToolCall


class Subject(Struct, frozen=True, kw_only=True):
    """One answer and what it answers.

    `id` is the request's (sampling is drawn from it). `text` is empty where the answer has none. `chat` is the ask as
    the model got it: messages, tools, response format. `context` is what was retrieved for it. `finish` is OpenAI's
    finish reason, None while an answer grows. `model` answered, and judges where no judge is named.
    """

    id: str
    chat: Chat
    text: str = ""
    tools: tuple[ToolCall, ...] = ()
    finish: str | None = "stop"
    refusal: str | None = None
    choice: int = 0
    context: str = ""
    model: str = ""

    @property
    def messages(self) -> list[Message]:
        """What was asked."""
        return self.chat.messages

    @property
    def schema(self) -> Json:
        """The JSON schema that the ask wants the answer to follow, or None."""
        wanted = self.chat.response_format or {}
        inner = wanted.get("json_schema")
        return inner.get("schema") if isinstance(inner, dict) else None


def subject_of(id: str, chat: Chat, choice: Choice, *, context: str = "", model: str = "") -> Subject:
    """The subject that one choice of a reply is."""
    return Subject(
        id=id,
        chat=chat,
        text=choice.text or "",
        tools=choice.tools,
        finish=choice.finish,
        refusal=choice.refusal,
        choice=choice.index,
        context=context,
        model=model or chat.model or "",
    )


def with_text(subject: Subject, text: str) -> Subject:
    """The subject with another text."""
    return structs.replace(subject, text=text)
