"""Reads whole replies of a Converse upstream."""

import time

import msgspec
from msgspec import DecodeError

from parley.core.errors import UpstreamGarbled
from parley.core.reply import Choice, Raw, Reply, ToolCall
from parley.dialects.bedrock_converse.reasoning import thinking_block
from parley.dialects.bedrock_converse.shapes import NAME, Block, Response, finish_of

SERVER_TOOL = "server_tool_use"

_RESPONSE = msgspec.json.Decoder(Response)


def read_reply(body: bytes) -> Reply:
    """The upstream's whole reply, without an id and a model's name; `raw` keeps its bytes. Raises UpstreamGarbled."""
    try:
        read = _RESPONSE.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a Converse response: {error}.") from None
    message = read.output.message if read.output is not None else None
    if message is None or message.content is None:
        raise UpstreamGarbled(f"The upstream's answer has no content{_said(read.message)}")
    return Reply(
        id="",
        model="",
        created=int(time.time()),
        choices=(_choice(message.content, finish_of(read.stop_reason)),),
        usage=read.usage.canon() if read.usage is not None else None,
        raw=Raw(NAME, body),
    )


def _said(words: str | None) -> str:
    return f": {words}" if words else "."


def _choice(content: list[Block], finish: str) -> Choice:
    thoughts = [block.reasoning_content for block in content if block.reasoning_content is not None]
    told = [thought.reasoning_text.text for thought in thoughts if thought.reasoning_text.text]
    kept = [
        thinking_block(thought.reasoning_text.text or "", thought.reasoning_text.signature, thought.redacted_content)
        for thought in thoughts
    ]
    used = [block.tool_use for block in content if block.tool_use is not None and block.tool_use.type != SERVER_TOOL]
    texts = [text for block in content for text in _texts(block)]
    return Choice(
        text="".join(texts) if texts else None,
        reasoning="".join(told) if told else None,
        thinking=tuple([block for block in kept if block is not None]),
        tools=tuple([ToolCall(id=tool.tool_use_id, name=tool.name, arguments=arguments(tool.input)) for tool in used]),
        finish=finish,
    )


def _texts(block: Block) -> list[str]:
    """A block's text; with citations it comes in pieces."""
    if block.text is not None:
        return [block.text]
    cited = block.citations_content.content if block.citations_content is not None else None
    return [piece.text for piece in cited or () if piece.text]


def arguments(given: msgspec.Raw) -> str:
    """A tool's input as the text of a JSON object; none at all is an empty one."""
    text = bytes(given).decode("utf-8", "replace")
    return "{}" if text in ("", "null") else text
