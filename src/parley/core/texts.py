"""Checks texts or token lists as prompts and embedding inputs give them, and tells one from several."""

from parley.core.asks import Texts
from parley.core.errors import BadRequest


def check_texts(given: Texts, param: str, *, most: int, empty: bool) -> None:
    """Raises BadRequest unless `given` is one text, or at most `most` of one kind; `empty`: an empty text may be."""
    if given == [] or (given == "" and not empty):
        raise _bad(param, "must not be empty")
    if isinstance(given, str):
        return
    kind = type(given[0])
    if kind is not int and len(given) > most:
        raise _bad(param, f"must be a list of at most {most} texts")
    for place, one in enumerate(given):
        if type(one) is not kind:
            raise _bad(f"{param}[{place}]", "must be of the same kind as the others: texts, or token ids")
        if one == [] or (one == "" and not empty):
            raise _bad(f"{param}[{place}]", "must not be empty")


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")
