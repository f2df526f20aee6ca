"""A running gateway from its first connection to its last: signals, reloading, draining.

SIGINT and SIGTERM end `wait`; then idle sessions end at once, what runs may end within `shutdown_timeout`, and a second signal ends
that, too. SIGHUP reads `fedgate.toml`, certificates and catalog again; what is wrong with them is logged, and the old state stays.
"""

from __future__ import annotations

import ctypes
import logging
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Final

import pyarrow as pa

from fedgate import limits
from fedgate.bell import Bell
from fedgate.config import Config
from fedgate.errors import SqlError
from fedgate.pgwire.connection import Backend
from fedgate.pgwire.sockets import Bound
from fedgate.pgwire.transport import Listener
from fedgate.session.activity import TERMINATED
from fedgate.session.engine import Engine
from fedgate.session.settings import Settings

_log = logging.getLogger("fedgate.server")

CHANGEABLE: Final = frozenset(
    {
        *("max_connections", "superuser_reserved_connections", "authentication_timeout_s", "shutdown_timeout_s"),
        *("log_connections", "log_disconnections", "settings"),
    }
)
"""Fields of `Config` that SIGHUP changes; the others need a restart."""
_M_ARENA_MAX: Final = -8
_FILES_BESIDE: Final = 512
"""Open files that the gateway may need beside its connections: nodes', spools, the merge engine's."""


@dataclass(slots=True)
class Gateway:
    """What serves. `look_again` makes the catalog's watcher read it anew."""

    engine: Engine
    config: Config
    backend: Backend
    listener: Listener
    look_again: Callable[[], None]
    _bell: Bell
    _drains: bool = False

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of TCP."""
        return self.listener.bounds[0].address

    def follow(self, config: Config) -> None:
        """Do what the changeable fields say: existing sessions keep their settings."""
        self.config = config
        activity = self.engine.activity
        activity.max_sessions, activity.reserved = config.max_connections, config.superuser_reserved_connections
        self.backend.logs_ends = config.log_disconnections
        self.listener.startup_s = config.authentication_timeout_s
        self.listener.log_connections = self.backend.logs_connections = config.log_connections
        self.engine.defaults = {**config.settings, **told(config, self.listener.bounds)}
        raise_file_limit(config)

    def stop_on_signals(self) -> None:
        """Let SIGINT and SIGTERM end `wait`, SIGHUP reload; from the main thread, before anybody is told that it serves."""
        self._bell.ring_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def wait(self, reread: Callable[[], Config] | None = None) -> None:
        """Until `stop`, SIGINT or SIGTERM, after which running statements may end. `reread` gives the configuration at SIGHUP."""
        while (rung := self._bell.wait()) == signal.SIGHUP:
            _log.info("received SIGHUP, reloading configuration files")
            self.reload(reread)
        self._drains = True
        if rung:
            _log.info("received %s, ending sessions; statements may run for %g s", _named(rung), self.config.shutdown_timeout_s)

    def stop(self) -> None:
        """End `wait`; from any thread."""
        self._bell.ring()

    def reload(self, reread: Callable[[], Config] | None = None) -> None:
        """Read configuration, certificates and catalog again. What cannot be used is logged and changes nothing."""
        self.look_again()
        self.backend.reload()
        self.engine.audit.reopen()
        try:
            if reread is not None:
                self._change(reread())
        except SqlError as error:
            _log.error("the configuration is not changed: %s%s", error.message, f" ({error.hint})" if error.hint else "")

    def _change(self, new: Config) -> None:
        Settings("check", new.settings, {})
        for name in _fixed_changes(self.config, new):
            _log.warning('parameter "%s" cannot be changed without restarting the server', name)
        self.follow(new)

    def drain(self) -> None:
        """End all sessions; quickly, unless `wait` has ended."""
        self.listener.drain(TERMINATED, self.config.shutdown_timeout_s if self._drains else 0.0, self._hurried)

    def _hurried(self, seconds: float) -> bool:
        """Wait so long for a second signal to end; whether it came."""
        return self._bell.wait(seconds) not in (None, signal.SIGHUP)


def told(config: Config, bounds: tuple[Bound, ...]) -> dict[str, str]:
    """What sessions are told of the server by its fixed settings."""
    (host, port), *unix = [bound.address for bound in bounds]
    return {
        "port": str(port),
        "listen_addresses": host,
        "max_connections": str(config.max_connections),
        "superuser_reserved_connections": str(config.superuser_reserved_connections),
        "authentication_timeout": f"{config.authentication_timeout_s:g}s",
        "unix_socket_directories": unix[0][0] if unix else "",
        "unix_socket_permissions": f"{config.unix_socket_permissions:04o}",
        "ssl": "on" if config.tls_certificate is not None else "off",
        "ssl_min_protocol_version": config.tls_min_version,
        "log_connections": "on" if config.log_connections else "off",
        "log_disconnections": "on" if config.log_disconnections else "off",
    }


def raise_file_limit(config: Config) -> None:
    """Let the process open as many files as its connections need, as far as the system lets it."""
    wanted = config.max_connections + limits.HALF_OPEN_MAX + _FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        _log.warning("the system lets this process open %d files; %d may be needed (ulimit -n, LimitNOFILE=)", most, wanted)


def save_memory(processors: int) -> None:
    """Let the allocators keep what the processors need, not what a thousand threads have touched: a hundred megabytes for as many.

    Arrow's own pool keeps 150 kB for each thread that ever used it. glibc makes an arena for every other thread, up to eight times
    as many as there are processors, each with its own holes (https://man7.org/linux/man-pages/man3/mallopt.3.html).
    """
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, max(processors, 2))


class _NoPandas(MetaPathFinder):
    """Finds no module, and lets nobody after it find pandas."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(f"{fullname} is not wanted in this process", name=fullname)


def leave_out_pandas() -> None:
    """Import no pandas in this process, though it may be installed: Arrow looks for it with the first value made of Python's.

    It takes 45 MB and half a second of a start, and nothing here uses it.
    """
    sys.meta_path.insert(0, _NoPandas())


def _fixed_changes(old: Config, new: Config) -> list[str]:
    return [f.name for f in fields(Config) if f.name not in CHANGEABLE and getattr(old, f.name) != getattr(new, f.name)]


def _named(number: int) -> str:
    return signal.Signals(number).name
