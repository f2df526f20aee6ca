"""Composition root: from a configuration to an engine, and the listeners around it."""

from __future__ import annotations

import gc
import ipaddress
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
from fedgate.pgwire.certificates import Certificates
from fedgate.pgwire.connection import Backend
from fedgate.pgwire.login import Access
from fedgate.pgwire.sockets import Bound, listen_tcp, listen_unix
from fedgate.pgwire.transport import Listener
from fedgate.planner.prune import make_ready
from fedgate.serving import Gateway, save_memory
from fedgate.session.audit import AuditLog, NoAudit
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.session.settings import Settings
from fedgate.system.facts import OWNER

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


@contextmanager
def executor(config: Config) -> Iterator[Executor]:
    """What runs plans, with the configured directories and memory around it: secrets, data roots, spools."""
    secrets.set_directory(config.secrets_directory)
    secrets.set_hosts(config.secret_hosts)
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
            secrets.set_hosts({})


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
    """A gateway that listens. Raises SqlError when the address is taken, or open to all."""
    sys.setswitchinterval(GIL_SWITCH_S)
    save_memory(_processors())
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_MAX))
    with engine(config) as core, audited(core, config.audit_log):
        admits = access(config, core.catalog.snapshot())
        backend = Backend(core, admits)
        listener = Listener(bounds(config), backend.handler)
        with closing(Bell()) as bell:
            assert isinstance(core.catalog, Followed)
            gateway = Gateway(core, config, backend, listener, core.catalog.watcher.look_again, bell)
            gateway.follow(config)  # before anybody connects: a session reads what it is told when it begins
            listener.start()
            try:
                with warmed(core):
                    yield gateway
            finally:
                admits.closing.set()
                gateway.drain()


@contextmanager
def audited(core: Engine, path: Path | None) -> Iterator[None]:
    """Meanwhile statements and logins are written to the audit log, if there is to be one. Raises SqlError 58P01."""
    if path is None:
        yield
        return
    log = AuditLog(path)
    core.audit = log
    try:
        yield
    finally:
        core.audit = NoAudit()
        log.close()


def bounds(config: Config) -> list[Bound]:
    """The sockets to listen on, TCP's first. Raises SqlError 55006 when one is taken."""
    tcp = listen_tcp(*config.listen)
    directory = config.unix_socket_directory
    if directory is None:
        return [tcp]
    try:
        return [tcp, listen_unix(directory, tcp.address[1], config.unix_socket_permissions)]
    except SqlError:
        tcp.close()
        raise


_FIRST_QUESTIONS = (
    "SELECT c.oid::regclass, n.nspname, format_type(a.atttypid, a.atttypmod), pg_get_userbyid(c.relowner), obj_description(c.oid), "
    "pg_get_expr(d.adbin, d.adrelid), pg_get_indexdef(c.oid), ARRAY(SELECT rolname FROM pg_roles WHERE rolname ~ '^a') "
    "FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
    "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid WHERE c.relkind IN ('r', 'v') AND pg_table_is_visible(c.oid) ORDER BY 1 LIMIT 1",
)
"""Statements like those that tools send first: what they need of the binder is read by then."""


@contextmanager
def warmed(core: Engine) -> Iterator[None]:
    """Meanwhile make ready, in a thread of its own, what the first statement would wait half a second for."""

    def run() -> None:
        core.executor.merge.cursor().close()
        engines.warm({node.engine for node in core.catalog.snapshot().nodes.values()})
        _make_ready(core.catalog.snapshot())
        core.system.make_ready(core.catalog.snapshot())
        with closing(Session(core, user=OWNER, operator=True)) as session:
            for text in _FIRST_QUESTIONS:
                core.prepare_once(core.parse(text)[0], session.context())
        gc.collect()
        gc.freeze()  # what is there stays: looking through it again and again would stop all for a tenth of a second

    thread = threading.Thread(target=run, name="fedgate-warm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        gc.unfreeze()  # else the engines' objects outlive their modules


def access(config: Config, snapshot: Snapshot) -> Access:
    """What the gateway asks of those who come. Raises SqlError F0000 when anybody at all could come in from elsewhere."""
    host = config.listen[0]
    if config.tls_key is not None and config.tls_certificate is None:
        raise SqlError("F0000", "tls_key is set and tls_certificate is not")
    tls = None
    if config.tls_certificate is not None:
        tls = Certificates(config.tls_certificate, config.tls_key or config.tls_certificate, config.tls_min_version)
    trusts = _is_loopback(host)
    lacks = ["a TLS certificate"] if tls is None else []
    lacks += [] if any(role.verifier for role in snapshot.roles.values()) else ["a role that can log in"]
    if lacks and not trusts:
        raise SqlError(
            "F0000",
            f'fedgate listens on "{host}" only with a TLS certificate and at least one role; it lacks {" and ".join(lacks)}',
            hint="Set tls_certificate and tls_key in fedgate.toml, and add a role by `fedgate user add NAME`; "
            "docs/security.md shows how. 127.0.0.1 needs neither.",
        )
    if config.require_tls and tls is None:
        raise SqlError("F0000", "require_tls is set and tls_certificate is not", hint="docs/security.md shows how to make one.")
    required = not trusts if config.require_tls is None else config.require_tls
    return Access(cache(FilesStore(config.catalog).secret), tls, required, trusts)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
