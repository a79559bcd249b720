"""Answers that are JSON: from `response_format` to a constraint that is proven to hold before it is relied on.

llama.cpp goes on without a constraint that it can not build, and says nothing. So each new schema is tried once: a
token that no JSON begins with is made irresistible; if it comes, nothing holds it back.
"""

from contextlib import aclosing
from typing import Any

import msgspec

from parley.core.errors import BadRequest
from parley.engine.process.choices import one
from parley.engine.process.load import Model
from parley.engine.process.schemas import COMPACT, check
from parley.engine.process.tokens import Vocabulary
from parley.engine.process.tool_grammar import call_grammar, grammar
from parley.engine.process.tools import CLOSE, OPEN, Offer

PARAM = "response_format"
IMPOSSIBLE = "Z"  # no JSON begins with it
REMEMBERED = 256  # constraints per model


def schema_of(response_format: dict[str, Any] | None) -> dict[str, Any] | None:
    """The schema that an answer must fit; None if it may be any text. Raises BadRequest."""
    if response_format is None:
        return None
    kind = response_format.get("type")
    if kind == "text":
        return None
    if kind == "json_object":
        given = response_format.get("schema")
        return {"type": "object"} if given is None else check(given, PARAM)
    if kind == "json_schema":
        named = response_format.get("json_schema")
        if not isinstance(named, dict) or "schema" not in named:
            raise BadRequest("response_format.json_schema has a `name` and a `schema`.", param=PARAM)
        return check(named["schema"], PARAM)
    raise BadRequest("response_format.type is `text`, `json_object` or `json_schema`.", param=PARAM)


async def constraint(model: Model, schema: dict[str, Any] | None, param: str = PARAM) -> dict[str, Any]:
    """What llama.cpp is told, proven to hold. Raises BadRequest if it does not."""
    if schema is None:
        return {}
    told = {"json_schema": {**schema, "x-guidance": COMPACT}}
    await prove(model, told, param)
    return told


async def call_constraint(model: Model, offer: Offer, schema: dict[str, Any] | None) -> dict[str, Any]:
    """What llama.cpp is told where calls may stand beside text, or beside JSON of a schema. Raises BadRequest."""
    await constraint(model, schema)
    await prove(model, {"grammar": call_grammar(offer)}, "tools")
    return {"grammar": grammar(offer, schema, model.vocabulary), "preserved_tokens": [OPEN, CLOSE]}


async def prove(model: Model, told: dict[str, Any], param: str) -> None:
    """Raises BadRequest unless llama.cpp holds to what it is told."""
    key = msgspec.json.encode(told)
    if key not in model.proven:
        if not await holds(model, told):
            raise BadRequest("The engine can not enforce this schema; nothing may fit it.", param=param)
        if len(model.proven) >= REMEMBERED:
            model.proven.clear()
        model.proven[key] = None


async def holds(model: Model, told: dict[str, Any]) -> bool:
    """Whether the constraint keeps an impossible token away."""
    forced = impossible(model.vocabulary)
    body = {
        "prompt": [forced],
        "max_tokens": 1,
        "temperature": 0,
        "logit_bias": [[forced, 1000.0]],
        "logprobs": 1,
        "cache_prompt": False,
        **told,
    }
    written, came = model.vocabulary.piece(forced), ""
    async with aclosing(one(model, 0, body)) as said:
        async for _, chunk in said:
            came += "".join(choice.text for choice in chunk.choices)
    return came.encode() != written


def impossible(vocabulary: Vocabulary) -> int:
    """A token that no JSON begins with."""
    return vocabulary.tokens(IMPOSSIBLE, special=False)[-1]
