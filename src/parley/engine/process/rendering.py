"""`python -m parley.engine.process.rendering`: renders templates of requests, a JSON line for each, within limits.

A template from a request may loop for ever or fill the memory, and a thread can not be stopped; a process can.
"""

import ctypes
import resource
import signal
import sys

import msgspec

from parley.core.errors import BadRequest
from parley.engine.process.templates import compiled, render

MEMORY = 512 << 20  # bytes of address space
LONGEST = 4_000_000  # characters of a rendered conversation
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def answer(line: bytes) -> dict[str, str]:
    """The rendered `text`, or the `error` as one sentence."""
    try:
        job = msgspec.json.decode(line)
        text = render(compiled(job["template"]), job["values"])
    except BadRequest as error:
        return {"error": error.message}
    except (MemoryError, RecursionError):
        return {"error": "The chat template needs too much memory."}
    if len(text) > LONGEST:
        return {"error": f"The chat template wrote more than {LONGEST} characters."}
    return {"text": text}


def main() -> None:
    """Read jobs until stdin ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(answer(line)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
