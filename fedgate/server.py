"""Composition root: from a configuration to an engine, and the listeners around it."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from fedgate.bell import Bell
from fedgate.catalog.snapshot import Snapshot
from fedgate.catalog.stores.files import FilesStore
from fedgate.catalog.stores.watch import Watcher
from fedgate.config import Config
from fedgate.errors import SqlError
from fedgate.executor.merge import MergeEngine
from fedgate.executor.run import Executor
from fedgate.executor.scratch import scratch_directory
from fedgate.nodes import engines, files, secrets
from fedgate.nodes.duckhost import HOST
from fedgate.pgwire.connection import Backend
from fedgate.pgwire.transport import Listener
from fedgate.planner.prune import make_ready
from fedgate.session.engine import Engine
from fedgate.session.settings import Settings

GIL_SWITCH_S = 0.001
"""Python's default of 5 ms would add to every hand-over between a connection's and a node's thread."""

RECURSION_MAX = 6_000
"""Binding and lowering recurse over the statement's tree; connection threads have the stack for it."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The catalog as a watcher sees it."""

    watcher: Watcher

    def snapshot(self) -> Snapshot:
        return self.watcher.snapshot


@dataclass(slots=True)
class Gateway:
    """A running gateway: its engine, where it listens, and what ends it."""

    engine: Engine
    address: tuple[str, int]
    _stop: Bell

    def stop_on_signals(self) -> None:
        """Let SIGINT and SIGTERM end `wait`; from the main thread, before anybody is told that the gateway serves."""
        self._stop.ring_on(signal.SIGINT, signal.SIGTERM)

    def wait(self) -> None:
        """Until `stop`, or a signal."""
        self._stop.wait()

    def stop(self) -> None:
        self._stop.ring()


@contextmanager
def executor(config: Config) -> Iterator[Executor]:
    """What runs plans, with the configured directories and memory around it: secrets, data roots, spools."""
    secrets.set_directory(config.secrets_directory)
    files.set_roots(config.data_roots or (config.catalog,))
    with scratch_directory(config.temp_directory) as scratch:
        threads = config.merge_threads or _processors()
        merge = MergeEngine(directory=scratch, memory_bytes=config.merge_memory_bytes, threads=threads)
        made = Executor(merge, spool_directory=scratch)
        HOST.spill_to(scratch / "nodes")
        try:
            yield made
        finally:
            made.close()
            HOST.spill_to(None)
            files.set_roots(None)
            secrets.set_directory(None)


@contextmanager
def engine(config: Config) -> Iterator[Engine]:
    """An engine over the configured catalog, in this process; nothing listens."""
    Settings("check", config.settings, {})  # a bad default is an error of the configuration, not of the first session
    watcher = Watcher(FilesStore(config.catalog))
    with executor(config) as runs:
        watcher.start(_make_ready)
        try:
            yield Engine(Followed(watcher), runs, config.settings)
        finally:
            watcher.stop()


def _make_ready(snapshot: Snapshot) -> None:
    make_ready((table, snapshot.shards(table)) for table in snapshot.tables.values())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def running(config: Config) -> Iterator[Gateway]:
    """A gateway that listens. Raises SqlError when the address is taken, or is not loopback."""
    host, port = config.listen
    _require_loopback(host)
    sys.setswitchinterval(GIL_SWITCH_S)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_MAX))
    with engine(config) as core:
        backend = Backend(core)
        listener = Listener(host, port, backend.handler, max_connections=config.max_connections, refuse=backend.refuse)
        told = {"port": str(listener.address[1]), "max_connections": str(config.max_connections)}
        core.defaults = {**core.defaults, **told}  # before anybody connects: a session reads them when it begins
        listener.start()
        try:
            with warmed(core), closing(Bell()) as bell:
                yield Gateway(core, listener.address, bell)
        finally:
            listener.close()


@contextmanager
def warmed(core: Engine) -> Iterator[None]:
    """Meanwhile make ready, in a thread of its own, what the first statement would wait half a second for."""

    def run() -> None:
        core.executor.merge.cursor().close()
        engines.warm({node.engine for node in core.catalog.snapshot().nodes.values()})
        _make_ready(core.catalog.snapshot())

    thread = threading.Thread(target=run, name="fedgate-warm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _require_loopback(host: str) -> None:
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise SqlError(
            "F0000",
            f'fedgate listens on loopback only, not on "{host}"',
            hint="Listening elsewhere needs TLS and roles, which this version does not have.",
        )
