"""Sockets: a listener, one thread a connection, and a watcher that notices clients that have gone.

The protocol itself is elsewhere (`protocol`, sans-IO); what a connection means is the handler's. A handler is made for each
accepted connection by `handler(connection)` and then called in that connection's own thread:

    received(data)   bytes came; answer with connection.send
    closed()         the connection ended, for whatever reason; called once, last

`connection.send` blocks while the client is slow: its back-pressure is its own. While a handler is busy (it has not returned from
`received`), the watcher looks whether the client is still there and calls `gone()` from its own thread when it is not.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from fedgate import limits
from fedgate.errors import SqlError

_log = logging.getLogger("fedgate.wire")

RECEIVE_BYTES: Final = 64 * limits.KIB
WATCH_S: Final = 0.25
BACKLOG: Final = 512


class Handler(Protocol):
    """What a connection does with bytes. `authenticated` ends the startup time limit."""

    authenticated: bool

    def received(self, data: bytes) -> None: ...

    def gone(self) -> None: ...

    def closed(self) -> None: ...


class Connection:
    """One client's socket. `send` and `close` are for the handler's thread; `abort` is for any."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.number: Final = number
        self.peer: Final = _peer(sock)
        self._socket: Final = sock
        self._closing = False
        self._aborted = threading.Event()
        self.busy = False
        self.accepted_at: Final = time.monotonic()

    def send(self, data: bytes | memoryview) -> None:
        """All of it; blocks while the client is slow. Raises ConnectionError when the client has gone."""
        self._socket.sendall(data)

    def close(self) -> None:
        """End the connection when the handler returns."""
        self._closing = True

    def abort(self) -> None:
        """End the connection now: a blocked send or receive fails."""
        self._aborted.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def is_gone(self) -> bool:
        """Whether the client has closed or reset the connection while it was to be answered."""
        if self._aborted.is_set():
            return True
        with contextlib.suppress(OSError, ValueError):
            poller = select.poll()
            poller.register(self._socket, select.POLLRDHUP | select.POLLERR | select.POLLHUP)
            return bool(poller.poll(0))
        return True

    def receive(self) -> bytes:
        try:
            return self._socket.recv(RECEIVE_BYTES)
        except (ConnectionError, TimeoutError, OSError):
            return b""

    @property
    def ended(self) -> bool:
        return self._closing or self._aborted.is_set()

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()


def _peer(sock: socket.socket) -> str:
    with contextlib.suppress(OSError):
        host, port, *_ = sock.getpeername()
        return f"{host}:{port}"
    return "?"


class Listener:
    """Accepts on one address. Raises SqlError 55006 when it is taken, 58000 when it cannot be had."""

    def __init__(
        self,
        host: str,
        port: int,
        handler: Callable[[Connection], Handler],
        *,
        max_connections: int = limits.CONNECTIONS_MAX,
        startup_s: float = limits.STARTUP_S,
        refuse: Callable[[Connection], None] | None = None,
    ) -> None:
        self._make_handler = handler
        self._max = max_connections
        self._startup_s = startup_s
        self._refuse = refuse
        self._socket = _listen(host, port)
        self.address: Final[tuple[str, int]] = self._socket.getsockname()[:2]
        self._lock = threading.Lock()
        self._open: dict[int, tuple[Connection, Handler]] = {}
        self._threads: set[threading.Thread] = set()
        self._numbers = 0
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to accept, in threads of its own."""
        for target, name in ((self._accept, "accept"), (self._watch, "watch")):
            thread = threading.Thread(target=target, name=f"fedgate-{name}", daemon=True)
            thread.start()
            self._threads.add(thread)

    def close(self, drain_s: float = 5.0) -> None:
        """Stop accepting, end all connections, wait for their threads."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            still_open = list(self._open.values())
            threads = list(self._threads)
        for connection, handler in still_open:
            handler.gone()
            connection.abort()
        deadline = time.monotonic() + drain_s
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    # ------------------------------------------------------------------------------------------------------------ threads

    def _accept(self) -> None:
        previous = threading.stack_size(limits.CONNECTION_STACK_BYTES)
        try:
            while not self._stopping.is_set():
                try:
                    sock, _ = self._socket.accept()
                except OSError as error:
                    if self._stopping.is_set():
                        return
                    _log.warning("accept failed: %s", error)
                    self._stopping.wait(0.05)
                    continue
                self._admit(sock)
        finally:
            threading.stack_size(previous)

    def _admit(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with self._lock:
            self._numbers += 1
            connection = Connection(sock, self._numbers)
            full = len(self._open) >= self._max
        if full:
            if self._refuse is not None:
                with contextlib.suppress(OSError):
                    self._refuse(connection)
            connection.shut()
            return
        handler = self._make_handler(connection)
        thread = threading.Thread(
            target=self._serve, args=(connection, handler), name=f"fedgate-client-{connection.number}", daemon=True
        )
        with self._lock:
            self._open[connection.number] = (connection, handler)
            self._threads.add(thread)
        thread.start()

    def _serve(self, connection: Connection, handler: Handler) -> None:
        try:
            while not connection.ended:
                data = connection.receive()
                if not data:
                    return
                connection.busy = True
                handler.received(data)
                connection.busy = False
        except ConnectionError:
            pass  # the client went away in the middle of an answer
        except Exception:
            _log.exception("connection %d from %s", connection.number, connection.peer)
        finally:
            with self._lock:
                self._open.pop(connection.number, None)
                self._threads.discard(threading.current_thread())
            handler.closed()
            connection.shut()

    def _watch(self) -> None:
        """Ends startups that take too long, and tells busy handlers whose clients have gone."""
        while not self._stopping.wait(WATCH_S):
            with self._lock:
                still_open = list(self._open.values())
            now = time.monotonic()
            for connection, handler in still_open:
                if not handler.authenticated and now - connection.accepted_at > self._startup_s:
                    connection.abort()
                elif connection.busy and connection.is_gone():
                    handler.gone()
                    connection.abort()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == 98:  # EADDRINUSE
            raise SqlError(
                "55006",
                f"port {port} of {host} is in use",
                hint=f"Is another fedgate running? Name another port, as in --listen {host}:{port + 1}; 0 takes a free one.",
            ) from error
        raise SqlError("58000", f"cannot listen on {host}:{port}: {error.strerror}") from error
    return sock
