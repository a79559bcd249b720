"""Runs inside a client package's own environment: calls the functions of a drive, and tells what they return or raise.

    python -I worker.py drives/octoai.py

One JSON object a line comes in, `{"function": ..., "arguments": {...}}`; one goes out, `{"returned": ...}` or
`{"raised": ..., "text": ..., "status": ..., "body": ...}`. Knows nothing but the standard library.
"""

import asyncio
import inspect
import json
import runpy
import sys
from typing import Any


def main() -> None:
    """Serves calls until nobody asks any more."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a package prints is no answer
    functions = runpy.run_path(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps(told(functions[asked["function"]], asked["arguments"]), default=str) + "\n")
        answers.flush()


def told(function: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """What came of one call."""
    try:
        value = function(**arguments)
        return {"returned": asyncio.run(value) if inspect.iscoroutine(value) else value}
    except Exception as error:
        status = getattr(error, "status_code", getattr(error, "code", None))
        seen = {"status": status, "body": getattr(error, "body", None), "bases": bases(error)}
        return {"raised": type(error).__name__, "text": words(error), **seen}


def words(error: Exception) -> str:
    """What it says; an error whose `__str__` returns no text (scale-egp's on a 422) can still be shown."""
    try:
        return str(error)
    except TypeError:
        return repr(error)


def bases(error: Exception) -> list[str]:
    """The names that an `except` could catch it by."""
    return [kind.__name__ for kind in type(error).__mro__[1:-1]]


if __name__ == "__main__":
    main()
