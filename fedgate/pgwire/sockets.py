"""The sockets that a gateway listens on: TCP addresses and Unix-domain sockets in a directory.

A Unix socket is PostgreSQL's: `.s.PGSQL.PORT` in the directory, and beside it `.s.PGSQL.PORT.lock` whose first line is the process
id, so that neither takes the other's place (https://www.postgresql.org/docs/15/runtime-config-connection.html). The lock file is
held locked as well: what a killed process left behind is told from what a live one uses, whatever has its process id by now.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fedgate import limits
from fedgate.errors import SqlError

LOCAL: Final = "[local]"
"""The host of a peer at a Unix socket, as PostgreSQL's log writes it."""
_UNIX_PATH_BYTES_MAX: Final = 107
_CONNECT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end. `port` is -1 at a Unix socket, as in pg_stat_activity."""

    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Whether it came through a Unix socket."""
        return self.host == LOCAL

    @property
    def words(self) -> str:
        """As PostgreSQL's log writes it."""
        return f"host={self.host}" if self.is_local else f"host={self.host} port={self.port}"

    def __str__(self) -> str:
        return self.host if self.is_local else f"{self.host}:{self.port}"


def peer_of(sock: socket.socket) -> Peer:
    """The other end of an accepted socket."""
    if sock.family == socket.AF_UNIX:
        return Peer(LOCAL, -1)
    with contextlib.suppress(OSError):
        host, port, *_ = sock.getpeername()
        return Peer(str(host), int(port))
    return Peer("?", 0)


@dataclass(frozen=True, slots=True)
class Bound:
    """A socket that is listened on. `address` is (host, port), for a Unix socket (its directory, port)."""

    socket: socket.socket
    address: tuple[str, int]
    _forget: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Stop listening, and remove what is in the file system of it."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self._forget()


def listen_tcp(host: str, port: int) -> Bound:
    """Raises SqlError 55006 when the port is taken, 58000 when it cannot be had. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(limits.ACCEPT_BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise SqlError(
                "55006",
                f"port {port} of {host} is in use",
                hint=f"Is another fedgate running? Name another port, as in --listen {host}:{port + 1}; 0 takes a free one.",
            ) from error
        raise SqlError("58000", f"cannot listen on {host}:{port}: {error.strerror}") from error
    return Bound(sock, sock.getsockname()[:2])


def listen_unix(directory: Path, port: int, permissions: int = 0o770) -> Bound:
    """The socket of a port in a directory. Raises SqlError 55006 when a live process has it, 58000 when it cannot be had.

    A socket that a dead process left is replaced.
    """
    path = directory / f".s.PGSQL.{port}"
    if len(os.fsencode(path)) > _UNIX_PATH_BYTES_MAX:
        raise SqlError("58000", f'Unix-domain socket path "{path}" is too long (maximum {_UNIX_PATH_BYTES_MAX} bytes)')
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    lock = None
    try:
        lock = _Lock(path, port)
        if _answers(path):
            raise _in_use(path, "a process that listens there")
        path.unlink(missing_ok=True)
        with _umask(0o777 & ~permissions):  # nobody else may connect before chmod
            sock.bind(str(path))
        path.chmod(permissions)
        sock.listen(limits.ACCEPT_BACKLOG)
    except OSError as error:
        sock.close()
        if lock is not None:
            lock.release()
        raise SqlError(
            "58000",
            f'cannot listen on the Unix-domain socket "{path}": {error.strerror}',
            hint="unix_socket_directory names a directory that exists and may be written to.",
        ) from error
    except SqlError:
        sock.close()
        if lock is not None:
            lock.release()
        raise

    def forget() -> None:
        path.unlink(missing_ok=True)
        lock.release()

    return Bound(sock, (str(directory), port), forget)


class _Lock:
    """`<socket>.lock`, written as PostgreSQL writes it and held locked. Raises SqlError 55006 when somebody else holds it."""

    def __init__(self, path: Path, port: int) -> None:
        self._path: Final = path.with_name(path.name + ".lock")
        self._file: Final = self._held(path)
        text = f"{os.getpid()}\n{Path.cwd()}\n{int(time.time())}\n{port}\n{path.parent}\n\n"
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def _held(self, path: Path) -> int:
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(file, 32, 0).split(b"\n")[0].decode(errors="replace")
                os.close(file)
                raise _in_use(path, f"process {holder}") from None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file), os.stat(self._path)):
                    return file
            os.close(file)  # its last holder removed it between open and lock

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def _in_use(path: Path, who: str) -> SqlError:
    return SqlError(
        "55006",
        f'the Unix-domain socket "{path}" is in use by {who}',
        hint="Is another fedgate or PostgreSQL running? Name another port or unix_socket_directory.",
    )


def _answers(path: Path) -> bool:
    """Whether a live process listens on the socket; a full queue of its own is an answer, too."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_S)
        try:
            probe.connect(str(path))
        except (BlockingIOError, TimeoutError):
            return True
        except OSError:
            return False
        return True


@contextlib.contextmanager
def _umask(mask: int) -> Iterator[None]:
    previous = os.umask(mask)
    try:
        yield
    finally:
        os.umask(previous)
