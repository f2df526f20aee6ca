"""Connections: sockets that are accepted, one thread each, and a watcher that ends what takes too long.

The protocol itself is elsewhere (`protocol`, sans-IO); what a connection means is the handler's. A handler is made for each
accepted connection by `handler(connection)` and then called in that connection's own thread:

    received(data)   bytes came; answer with connection.send
    farewell(error)  the gateway ends the connection and says why; after it nothing is received
    closed()         the connection ended, for whatever reason; called once, last

`connection.send` blocks while the client is slow: its back-pressure is its own. While a handler is busy (it has not returned from
`received`), the watcher looks whether the client is still there and calls `stop(error)` from its own thread when it is not: what
runs is to end with that error.

Connections that have not logged in (half-open ones) are counted apart from sessions and bounded: one too many ends the oldest of
the address that has most of them, so that silent connections keep nobody out. Sessions are bounded where they begin
(`session.activity`).
"""

from __future__ import annotations

import contextlib
import logging
import math
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire.sockets import Bound, Peer, peer_of

_log = logging.getLogger("fedgate.wire")

GONE: Final = SqlError("57P01", "the client has gone")
WATCH_S: Final = 0.25
_DRAIN_LOOK_S: Final = 0.05
_ACCEPT_FAILED_S: Final = 0.05
_ACCEPT_FAILED_LOG_S: Final = 10.0


class Handler(Protocol):
    """What a connection does with bytes. `authenticated` ends the startup time limit."""

    authenticated: bool

    def received(self, data: bytes) -> None: ...

    def stop(self, error: SqlError) -> None: ...

    def farewell(self, error: SqlError) -> None: ...

    def closed(self) -> None: ...


class Connection:
    """One client's socket. `send` and `close` are for the handler's thread; `end` and `abort` are for any."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.number: Final = number
        self.peer: Final[Peer] = peer_of(sock)
        self.accepted_at: Final = time.monotonic()
        self.busy = False
        self.check_s: float | None = WATCH_S
        """How often the watcher looks whether the client is still there while the handler is busy; None: never."""
        self.idle_until = math.inf
        """When a connection that is not busy is ended with `idle_error` (time.monotonic)."""
        self.idle_error: SqlError | None = None
        self.sends = 0
        """Odd while the client is sent something."""
        self.ending: SqlError | None = None
        self._ending_at = math.inf
        self._checked_at = 0.0
        self._socket: Final = sock
        self._want = limits.RECEIVE_BYTES_MIN
        self._closing = False
        self._aborted = threading.Event()

    @property
    def peer_host(self) -> str | None:
        """The client's address, None at a Unix socket."""
        return None if self.peer.is_local else self.peer.host

    def send(self, data: bytes | memoryview) -> None:
        """All of it; blocks while the client is slow. Raises ConnectionError when the client has gone."""
        self.sends += 1
        self._socket.sendall(data)
        self.sends += 1

    def close(self) -> None:
        """End the connection when the handler returns."""
        self._closing = True

    def end(self, error: SqlError) -> None:
        """End the connection when the handler is not busy, or as soon as it is not: it says farewell with this error.

        Nothing more is received; what it says to its client must not take longer than `limits.END_S_MAX`.
        """
        if self.ending is None:
            self._ending_at = time.monotonic()
            self.ending = error
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)  # wakes its thread where it waits for the client

    def abort(self) -> None:
        """End the connection now: a blocked send or receive fails."""
        self._aborted.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def is_gone(self) -> bool:
        """Whether the client has closed or reset the connection while it was to be answered."""
        if self._aborted.is_set():
            return True
        # After `end` the reading side is closed by us.
        wanted = select.POLLERR | select.POLLHUP | (0 if self.ending is not None else select.POLLRDHUP)
        with contextlib.suppress(OSError, ValueError):
            poller = select.poll()
            poller.register(self._socket, wanted)
            return any(events & wanted for _, events in poller.poll(0))
        return True

    def receive(self) -> bytes:
        """What has come, b"" at the end. Little memory is kept ready for it while nothing comes."""
        try:
            data = self._socket.recv(self._want)
        except (ConnectionError, TimeoutError, OSError):
            return b""
        self._want = limits.RECEIVE_BYTES_MAX if len(data) == self._want else limits.RECEIVE_BYTES_MIN
        return data

    def keep_alive(self, option: int, value: int) -> None:
        """Set an option of TCP (seconds, or a count); 0 leaves the system's. A Unix socket has none."""
        if value and not self.peer.is_local:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, option, value)

    @property
    def ended(self) -> bool:
        return self._closing or self._aborted.is_set()

    def watch(self, handler: Handler, now: float) -> None:
        """The watcher's look at a connection that has logged in."""
        if self.ending is not None:
            if self.sends % 2 and now - self._ending_at > limits.END_S_MAX:  # its client reads nothing
                self.abort()
        elif not self.busy:
            if now > self.idle_until and self.idle_error is not None:
                self.end(self.idle_error)
        elif self.check_s is not None and now - self._checked_at >= self.check_s:
            self._checked_at = now
            if self.is_gone():
                handler.stop(GONE)
                self.abort()

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()


class Listener:
    """Accepts on sockets, from `start` until `close`."""

    def __init__(
        self,
        bounds: Sequence[Bound],
        handler: Callable[[Connection], Handler],
        *,
        half_open_max: int = limits.HALF_OPEN_MAX,
        startup_s: float = limits.STARTUP_S,
        log_connections: bool = False,
    ) -> None:
        self.bounds: Final = tuple(bounds)
        self.startup_s = startup_s
        self.log_connections = log_connections
        self._make_handler = handler
        self._half_open_max = half_open_max
        self._lock = threading.Lock()
        self._open: dict[int, tuple[Connection, Handler]] = {}
        self._half_open: dict[int, tuple[Connection, Handler]] = {}  # and perhaps some that have logged in meanwhile
        self._threads: set[threading.Thread] = set()
        self._acceptor: threading.Thread | None = None
        self._numbers = 0
        self._failed_at = -math.inf
        self._stopping = threading.Event()
        self._stopped = threading.Event()
        for bound in self.bounds:
            bound.socket.setblocking(False)

    def start(self) -> None:
        """Begin to accept, in threads of its own."""
        self._acceptor = threading.Thread(target=self._accept, name="fedgate-accept", daemon=True)
        watcher = threading.Thread(target=self._watch, name="fedgate-watch", daemon=True)
        self._threads.add(watcher)
        for thread in (self._acceptor, watcher):
            thread.start()

    def stop_accepting(self) -> None:
        """Nobody else may connect, and all who did are among `connections`; idempotent."""
        if not self._stopping.is_set():
            self._stopping.set()
            for bound in self.bounds:
                bound.close()
            if self._acceptor is not None:
                self._acceptor.join()

    def connections(self) -> list[tuple[Connection, Handler]]:
        """Those that are open now."""
        with self._lock:
            return list(self._open.values())

    def drain(self, error: SqlError, seconds: float, hurried: Callable[[float], bool]) -> None:
        """Stop accepting and end all connections with `error`: idle ones now, busy ones when their statements have ended.

        After `seconds` what still runs is stopped with the error. `hurried(s)` waits so long, or less: then nobody waits any more.
        """
        self.stop_accepting()
        if not self._ended_within(error, seconds, hurried):
            running = [handler for connection, handler in self.connections() if connection.busy]
            if running:
                _log.warning("%d statements still run and are canceled", len(running))
            for handler in running:
                handler.stop(error)
            self._ended_within(error, limits.END_S_MAX, hurried)
        self.close()

    def _ended_within(self, error: SqlError, seconds: float, hurried: Callable[[float], bool]) -> bool:
        deadline = time.monotonic() + seconds
        while still_open := self.connections():
            for connection, handler in still_open:
                if not handler.authenticated:
                    connection.abort()
                elif connection.ending is None:
                    connection.end(error)
            left = deadline - time.monotonic()
            if left <= 0 or hurried(min(_DRAIN_LOOK_S, left)):
                return False
        return True

    def close(self, drain_s: float = 5.0) -> None:
        """Stop accepting, end all connections, wait for their threads."""
        self.stop_accepting()
        for connection, handler in self.connections():
            handler.stop(GONE)
            connection.abort()
        self._stopped.set()
        with self._lock:
            threads = list(self._threads)
        deadline = time.monotonic() + drain_s
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    # ------------------------------------------------------------------------------------------------------------ threads

    def _accept(self) -> None:
        previous = threading.stack_size(limits.CONNECTION_STACK_BYTES)
        poller = select.poll()
        by_file = {bound.socket.fileno(): bound.socket for bound in self.bounds}
        for file in by_file:
            poller.register(file, select.POLLIN)
        try:
            while not self._stopping.is_set():
                for file, _ in poller.poll(1000):
                    self._accept_one(by_file[file])
        finally:
            threading.stack_size(previous)

    def _accept_one(self, listening: socket.socket) -> None:
        try:
            sock, _ = listening.accept()
            sock.setblocking(True)
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:  # too many open files, most likely
            if not self._stopping.is_set():
                self._failed(f"could not accept a connection: {error}")
                self._make_room()
                self._stopping.wait(_ACCEPT_FAILED_S)
            return
        try:
            self._admit(sock)
        except (RuntimeError, OSError) as error:  # no thread, no memory for its stack
            self._failed(f"could not serve a connection: {error}")
            self._make_room()
            sock.close()

    def _failed(self, what: str) -> None:
        """Says it, but not for each of a flood."""
        now = time.monotonic()
        if now - self._failed_at > _ACCEPT_FAILED_LOG_S:
            self._failed_at = now
            _log.error("%s", what)

    def _admit(self, sock: socket.socket) -> None:
        self._numbers += 1
        connection = Connection(sock, self._numbers)
        if not connection.peer.is_local:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self.log_connections:
            _log.info("connection received: %s", connection.peer.words)
        if len(self._half_open) >= self._half_open_max:
            self._make_room(self._half_open_max)
        handler = self._make_handler(connection)
        thread = threading.Thread(
            target=self._serve, args=(connection, handler), name=f"fedgate-client-{connection.number}", daemon=True
        )
        with self._lock:
            self._open[connection.number] = self._half_open[connection.number] = (connection, handler)
            self._threads.add(thread)
        try:
            thread.start()
        except BaseException:
            self._forget(connection, thread)
            raise

    def _make_room(self, fewer_than: int = 1) -> None:
        """Leave fewer half-open connections than this: end the oldest of the address that has most."""
        with self._lock:
            self._half_open = {n: pair for n, pair in self._half_open.items() if not pair[1].authenticated}
            waiting = [connection for connection, _ in self._half_open.values()]
            if len(waiting) < fewer_than:
                return
            most, _ = Counter(connection.peer.host for connection in waiting).most_common(1)[0]
            oldest = next(connection for connection in waiting if connection.peer.host == most)
            del self._half_open[oldest.number]
        self._failed(f"too many connections that have not logged in, the oldest is ended: {oldest.peer.words}")
        oldest.abort()

    def _forget(self, connection: Connection, thread: threading.Thread) -> None:
        with self._lock:
            self._open.pop(connection.number, None)
            self._half_open.pop(connection.number, None)
            self._threads.discard(thread)

    def _serve(self, connection: Connection, handler: Handler) -> None:
        try:
            while not connection.ended and connection.ending is None:
                data = connection.receive()
                if not data:
                    break
                connection.idle_until = math.inf
                connection.busy = True
                handler.received(data)
                connection.busy = False
            if connection.ending is not None and not connection.ended:
                handler.farewell(connection.ending)
        except ConnectionError:
            pass  # the client went away in the middle of an answer
        except Exception:
            _log.exception("connection %d from %s", connection.number, connection.peer)
        finally:
            self._forget(connection, threading.current_thread())
            handler.closed()
            connection.shut()

    def _watch(self) -> None:
        """Ends startups and idle sessions that take too long, and tells busy handlers whose clients have gone."""
        while not self._stopped.wait(WATCH_S):
            now = time.monotonic()
            for connection, handler in self.connections():
                if handler.authenticated:
                    connection.watch(handler, now)
                elif now - connection.accepted_at > self.startup_s and not connection.ended:
                    _log.warning("canceling authentication due to timeout: %s", connection.peer.words)
                    connection.abort()
