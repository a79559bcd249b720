"""Ids for tool calls that came without one, as Gemini's did before 3; they never go back to it."""

PREFIX = "call_gemini_"


def own_id(response: str, place: int) -> str:
    """An id for the `place`th call of a response, unique in a conversation as the response's id is."""
    return f"{PREFIX}{response}_{place}"


def is_own(id: str) -> bool:
    """Whether Parley made it up."""
    return id.startswith(PREFIX)
