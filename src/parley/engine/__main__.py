"""`python -m parley.engine --fd N`: the engine's process, told its settings on stdin and gone when its parent is."""

import ctypes
import os
import signal
import socket
import sys
import threading

import msgspec

from parley.engine.process.serve import serve
from parley.engine.settings import EngineSettings

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Leave no orphan: the kernel's signal where there is one, and the end of stdin everywhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def read_line() -> bytes:
    """The first line of stdin, unbuffered, so that the watcher sees what follows."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(0, 65536)
        if not piece:
            raise SystemExit("The engine got no settings on stdin; it is started by `parley serve`.")
        line += piece
    return bytes(line)


def main() -> None:
    """Read the settings, adopt the listening socket, serve until SIGTERM."""
    if len(sys.argv) != 3 or sys.argv[1] != "--fd":
        raise SystemExit("usage: python -m parley.engine --fd N (started by `parley serve`)")
    settings = msgspec.json.decode(read_line(), type=EngineSettings)
    die_with_parent()
    listener = socket.socket(fileno=int(sys.argv[2]))
    serve(settings, listener)
    sys.stderr.flush()
    os._exit(0)  # llama.cpp's threads are not waited for: nothing of theirs is to be kept


main()
