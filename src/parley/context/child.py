"""The process that reads a large or dangerous file: limited in memory and time, without keys, and killed if need be.

It reads one `Task` and the file from standard input, and writes one `Outcome` to standard output.
"""

import os
import resource
import sys

import msgspec

from parley.context.formats import pdf
from parley.context.reading import gathered, read_text
from parley.context.task import Outcome, Task
from parley.core.documents import Chunk
from parley.core.errors import BadRequest, CallerError


def main() -> None:
    """Does the one task."""
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    _bound(task)
    data = sys.stdin.buffer.read()
    try:
        outcome = Outcome(chunks=_chunks(task, data))
        answer = msgspec.msgpack.encode(outcome)
    except CallerError as error:
        answer = msgspec.msgpack.encode(
            Outcome(status=error.status, message=error.message, param=error.param, code=error.code)
        )
    except (MemoryError, RecursionError) as error:
        what = "needs too much memory" if isinstance(error, MemoryError) else "is nested too deeply"
        answer = msgspec.msgpack.encode(
            Outcome(status=BadRequest.status, message=f"This document {what} to be read.", param="content")
        )
    sys.stdout.buffer.write(answer)


def _chunks(task: Task, data: bytes) -> list[Chunk]:
    if task.type == "pdf":
        return gathered(pdf.blocks(data), task.chunks)
    return read_text(data, task.type, task.charset, task.chunks)


def _bound(task: Task) -> None:
    """Limits this process; it makes no files and is nobody's hurry."""
    resource.setrlimit(resource.RLIMIT_AS, (task.memory, task.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (task.seconds, task.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


if __name__ == "__main__":
    main()
