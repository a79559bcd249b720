"""The requests this process takes: OpenAI's and the engine's own fields, read with their ranges checked."""

import re
from typing import Any, TypeVar

import msgspec

from parley.core.asks import Chat, Embed, TextCompletion
from parley.core.errors import BadRequest

PLACE = re.compile(r" - at `\$\.?(.*)`$")


class ChatAsk(Chat, frozen=True, kw_only=True):
    """A chat, with what vLLM and Hugging Face add for templates."""

    chat_template_kwargs: dict[str, Any] | None = None
    add_generation_prompt: bool | None = None


CHAT = msgspec.json.Decoder(ChatAsk)
TEXT = msgspec.json.Decoder(TextCompletion)
EMBED = msgspec.json.Decoder(Embed)

Read = TypeVar("Read")


def read(body: bytes, decoder: "msgspec.json.Decoder[Read]") -> Read:
    """The ask in a body. Raises BadRequest that names the field."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        text = str(error)
        place = PLACE.search(text)
        param = place[1] if place else None
        reason = PLACE.sub("", text)
        where = f"`{param}`: " if param else ""
        raise BadRequest(f"{where}{reason}.", param=re.split(r"[.\[]", param)[0] if param else None) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}.", code="invalid_json") from None
