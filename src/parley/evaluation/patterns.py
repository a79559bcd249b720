"""Patterns that users give: RE2 only, which takes time in proportion to the text whatever the pattern."""

from typing import Any

import re2

from parley.evaluation.check import Wrong

LONGEST = 8000
"""Characters of a pattern."""


def compiled(pattern: str, key: str, *, ignore_case: bool) -> Any:
    """The pattern, ready to search. Raises Wrong where RE2 refuses it."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as e:
        raise Wrong(key, f"is not a pattern that RE2 takes: {said(e)}") from None


def said(error: Exception) -> str:
    """What RE2 complains of, as text."""
    words: Any = error.args[0] if error.args else str(error)
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
