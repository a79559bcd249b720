"""The talk of `parley chat`: reads a line, shows the answer, obeys the slash commands."""

import asyncio
import sys
from collections.abc import Callable

from parley.cli.answer import answer_streamed, answer_whole
from parley.cli.conversation import Conversation, first_that_chats
from parley.cli.gateway import Gateway
from parley.cli.prompt import Prompt
from parley.cli.trouble import Trouble

HELP = """/model NAME  ask another model      /models  list them
/reset       forget the conversation  /exit    leave (Ctrl-D, too)
A line that ends in \\ goes on; \"\"\" starts and ends a text of many lines. Ctrl-C stops an answer."""


class Talk:
    """One conversation from the first line to the last."""

    def __init__(self, url: str, key: str, conversation: Conversation, *, stream: bool, terminal: bool) -> None:
        self._url = url
        self._key = key
        self._conversation = conversation
        self._stream = stream
        self._terminal = terminal
        self._prompt = Prompt(terminal=terminal)
        self._commands: dict[str, Callable[[str], None]] = {
            "/model": self._choose,
            "/models": self._list,
            "/reset": self._reset,
            "/help": lambda _: self._say(HELP),
        }

    def run(self) -> None:
        """Talks until the person leaves. Raises Trouble only where there is no gateway or no model to begin with."""
        if not self._conversation.model:
            self._conversation.model = self._first_model()
        if self._terminal:
            self._say(f"{self._conversation.model} at {self._url}. /help tells more, Ctrl-D leaves.")
        while (text := self._prompt.read()) is not None:
            word, _, rest = text.strip().partition(" ")
            if word in ("/exit", "/quit"):
                return
            if word in self._commands:
                self._guarded(lambda word=word, rest=rest: self._commands[word](rest.strip()))  # type: ignore[misc]
            elif word.startswith("/") and "\n" not in text and "/" not in word[1:]:
                self._say(f"There is no command {word}.\n{HELP}")
            elif text.strip():
                self._guarded(lambda text=text: self._ask(text))  # type: ignore[misc]

    def _ask(self, text: str) -> None:
        said: list[str] = []
        body = self._conversation.ask(text, stream=self._stream)

        async def one() -> None:
            async with Gateway(self._url, self._key) as gateway:
                parts = (answer_streamed if self._stream else answer_whole)(gateway, body)
                async for part in parts:
                    said.append(part)
                    self._show(part)

        try:
            asyncio.run(one())
        except KeyboardInterrupt:
            self._show(" [stopped]")
        finally:
            if said or self._terminal:
                self._show("\n")
            self._conversation.keep(text, "".join(said))

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except KeyboardInterrupt:
            self._say("")
        except Trouble as e:
            sys.stderr.write(f"{e}\n")
            sys.stderr.flush()

    def _first_model(self) -> str:
        name = first_that_chats(self._models())
        if not name:
            raise Trouble("the gateway has no model that chats; name one with --model, or add one to parley.toml.")
        return name

    def _models(self) -> list[dict[str, object]]:
        async def listed() -> list[dict[str, object]]:
            async with Gateway(self._url, self._key) as gateway:
                found: list[dict[str, object]] = (await gateway.call("GET", "/v1/models"))["data"]
                return found

        return asyncio.run(listed())

    def _choose(self, name: str) -> None:
        if name:
            self._conversation.model = name
        self._say(f"The model is {self._conversation.model}.")

    def _list(self, _: str) -> None:
        for model in self._models():
            self._say(f"{'*' if model['id'] == self._conversation.model else ' '} {model['id']}")

    def _reset(self, _: str) -> None:
        self._conversation.reset()
        self._say("Forgotten.")

    def _say(self, text: str) -> None:
        self._show(text + "\n")

    def _show(self, text: str) -> None:
        sys.stdout.write(_harmless(text))
        sys.stdout.flush()


def _harmless(text: str) -> str:
    """The text without control characters, so that no answer drives the terminal."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f"))
