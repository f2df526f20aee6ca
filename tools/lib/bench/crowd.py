"""What many connections cost: log-ins while others stay half-open, and the memory of those that wait and those that work."""

from __future__ import annotations

import json
import socket
import sqlite3
import statistics
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.oracle.gateway import serving
from tests.pgwire import certificates
from tools.lib.bench.rawclient import RawClient
from tools.lib.bench.target import Targets
from tools.lib.bench.wire import resident

HALF_OPEN = 1_000
LOGINS = 100
IDLE = 1_000
ACTIVE = 100
MEMORY_BYTES_MAX = 400e6
DELAY_S_MAX = 0.05
"""What half-open connections may add to a log-in, in the median."""
NODES = 8
ROWS = 20_000
STATEMENT = "SELECT k, count(*), max(n) FROM t WHERE n > 1000 GROUP BY k ORDER BY k"
_STARTUP = struct.pack("!ii", 200, 196608) + b"user\0"
_HELLO = bytes.fromhex("16030102000100")  # the beginning of 512 bytes of a TLS handshake
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def crowd(directory: Path, targets: Targets) -> None:
    """Both measurements, each with a gateway of its own."""
    catalog = build(directory)
    config = directory / "crowd.toml"
    pair = certificates.make(directory)
    config.write_text(f"max_connections = {IDLE + ACTIVE + 100}\ntls_certificate = '{pair.certificate}'\ntls_key = '{pair.key}'\n")
    with serving(catalog, config) as gateway:
        half_open(gateway.port, targets)
    with serving(catalog, config) as gateway:
        memory(gateway.port, gateway.pid, targets)


def build(directory: Path) -> Path:
    """A table over SQLite nodes."""
    catalog = directory / "crowd"
    catalog.mkdir()
    documents: list[dict[str, object]] = [
        {"kind": "table", "name": "t", "columns": [{"name": "n", "type": "bigint"}, {"name": "k", "type": "text"}]}
    ]
    for node in range(NODES):
        with closing(sqlite3.connect(catalog / f"{node}.db")) as file:
            file.execute("CREATE TABLE t (n INTEGER, k TEXT)")
            file.executemany("INSERT INTO t VALUES (?, ?)", ((n * NODES + node, f"kind {n % 7}") for n in range(ROWS)))
            file.commit()
        documents.append({"kind": "node", "name": f"n{node}", "engine": "sqlite", "url": f"{node}.db"})
        documents.append({"kind": "placement", "table": "t", "node": f"n{node}", "relation": "t"})
    (catalog / "all.json").write_text(json.dumps(documents))
    return catalog


def half_open(port: int, targets: Targets) -> None:
    """The time of log-ins alone, and among silent connections, ones that dribble and ones within TLS's handshake."""
    alone = _logins(port)
    with _crowd(port) as kept:
        among = _logins(port)
        there = kept()
    delay = statistics.median(among) - statistics.median(alone)
    print(
        f"\n{LOGINS} log-ins, median and longest: {_shown(alone)}; among {there:,} half-open connections {_shown(among)}"
        + targets.verdict("log-ins in a crowd", delay <= DELAY_S_MAX, f"at most {DELAY_S_MAX * 1e3:.0f} ms more")
    )


def _shown(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e3:.1f} ms, {max(seconds) * 1e3:.1f} ms"


def _logins(port: int) -> list[float]:
    times = []
    for _ in range(LOGINS):
        started = time.perf_counter()
        client = RawClient(port, "bench", "fedgate")
        times.append(time.perf_counter() - started)
        client.close()
    return times


@contextmanager
def _crowd(port: int) -> Iterator[Callable[[], int]]:
    """A third silent, a third that sends a byte of its startup a second, a third that asked for TLS and began with it."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(HALF_OPEN)]
        dribbling, tls = sockets[1::3], sockets[2::3]
        for sock in tls:
            sock.sendall(_SSL_REQUEST)
            if sock.recv(1) != b"S":
                raise RuntimeError("the gateway does not offer TLS")
            sock.sendall(_HELLO)
        ended = threading.Event()

        def dribble() -> None:
            for byte in range(len(_STARTUP)):
                for sock in dribbling:
                    try:
                        sock.send(_STARTUP[byte : byte + 1])
                    except OSError:
                        return
                if ended.wait(1.0):
                    return

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            yield lambda: sum(_is_open(sock) for sock in sockets)
        finally:
            ended.set()
            thread.join()


def _is_open(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        return sock.recv(100) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def memory(port: int, pid: int, targets: Targets) -> None:
    """Resident memory with idle sessions that have each done something, while others run statements all at once."""
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(RawClient(port, "bench", "fedgate"))) for _ in range(IDLE + ACTIVE)]
        for client in clients:
            client.query("SELECT 1")
        idle = resident(pid)
        peak = 0
        active = clients[-ACTIVE:]
        for _ in range(3):
            for client in active:
                client.ask(STATEMENT)
            for client in active:
                client.answer()
                peak = max(peak, resident(pid))
        print(
            f"\n{IDLE + ACTIVE:,} sessions: {idle / 1e6:.0f} MB; {IDLE:,} idle and {ACTIVE} active: {peak / 1e6:.0f} MB"
            + targets.verdict("memory of sessions", peak <= MEMORY_BYTES_MAX, f"at most {MEMORY_BYTES_MAX / 1e6:.0f} MB")
        )
