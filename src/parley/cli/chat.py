"""`parley chat`: a conversation with a running gateway; Ctrl-C stops the answer, not the program."""

import os
import sys
from typing import Annotated

import typer

from parley.cli.options import DATA, URL, Data, Secret, Url


def chat(
    model: Annotated[str, typer.Option(help="The model; default: the first that chats.")] = "",
    system: Annotated[str, typer.Option(help="Instructions that come before the conversation.")] = "",
    stream: Annotated[bool, typer.Option("--stream/--no-stream", help="Show the answer as it is made.")] = True,
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """Talk to a running gateway."""
    from parley.cli.conversation import Conversation
    from parley.cli.gateway import FOR_TALK, key_for
    from parley.cli.talk import Talk

    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if terminal:
        import readline  # noqa: F401  gives input() its editing and history
    conversation = Conversation(model=model, system=system)
    secret = key_for(key, data, FOR_TALK, os.environ)
    Talk(url, secret, conversation, stream=stream, terminal=terminal).run()
