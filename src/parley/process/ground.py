"""What a gateway stands on: a data directory of its own, and a socket to listen on."""

import fcntl
import os
import resource
import socket
from pathlib import Path

BACKLOG = 2048


class StartError(Exception):
    """Parley can not start; the message is one sentence that says what to do."""


def claim(data: Path) -> int:
    """Makes the data directory and takes it for this process; returns the lock's descriptor. Raises StartError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as e:
        raise StartError(f"The data directory {data} can not be used: {e.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise StartError(
            f"Another gateway (process {holder}) uses the data directory {data}. Stop it, or give this one its own "
            "with --data; several gateways share their data through PostgreSQL."
        ) from None
    try:
        os.ftruncate(lock, 0)
        os.write(lock, b"%d\n" % os.getpid())
    except OSError as e:
        raise StartError(f"The data directory {data} can not be written: {e.strerror}.") from None
    return lock


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises StartError when the address is taken or none of ours."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, proto)
    except OSError as e:
        raise StartError(f"The host {host!r} is no address of this machine: {e.strerror}.") from None
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as e:
        sock.close()
        raise StartError(
            f"Parley can not listen on {host}:{port}: {e.strerror}. Another program may use it; choose one with --port."
        ) from None
    sock.setblocking(False)
    return sock


def allow_many_files() -> None:
    """Raises this process's limit of open files to what the system allows: a stream takes two connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def address_of(sock: socket.socket) -> str:
    """`http://H:P` of a listening socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
