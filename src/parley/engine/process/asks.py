"""The requests this process takes: OpenAI's and the engine's own fields, read with their ranges checked."""

import re
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from parley.core.asks import Chat, Embed, TextCompletion
from parley.core.errors import BadRequest

PLACE = re.compile(r" - at `\$\.?(.*)`$")


Scales = dict[str, Annotated[float, Meta(ge=-10, le=10)]]


class ChatAsk(Chat, frozen=True, kw_only=True):
    """A chat, with what vLLM and Hugging Face add for templates, and several adapters at once."""

    loras: Scales | None = None  # adapters by name, with their scales
    chat_template_kwargs: dict[str, Any] | None = None
    add_generation_prompt: bool | None = None


class TextAsk(TextCompletion, frozen=True, kw_only=True):
    """A text completion, with several adapters at once."""

    loras: Scales | None = None


CHAT = msgspec.json.Decoder(ChatAsk)
TEXT = msgspec.json.Decoder(TextAsk)
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


def several(given: str | list[str | int | list[int]], param: str, most: int) -> list[str | list[int]]:
    """A text, a list of tokens, or a list of these, as a list. Raises BadRequest for mixtures and for too many."""
    if isinstance(given, str):
        return [given]
    if given and all(isinstance(item, int) for item in given):
        return [[item for item in given if isinstance(item, int)]]
    texts = [item for item in given if not isinstance(item, int)]
    if len(texts) < len(given):
        raise BadRequest(
            f"`{param}` mixes tokens with texts; send texts, or one or several lists of tokens.", param=param
        )
    if not 0 < len(texts) <= most:
        raise BadRequest(f"`{param}` holds 1 to {most} texts; this one has {len(texts)}.", param=param)
    return texts
