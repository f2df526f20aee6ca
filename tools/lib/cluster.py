"""A throw-away PostgreSQL 15 server: C.UTF-8, trust on loopback, a free port, no durability; gone with its process.

The server never runs as root. `Cluster` is one server in the hands of one process; `shared` gives every process of one test session
the same server, kept by a keeper process that waits for the session's process to end, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.lib import postgres15

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO, MDY",
    "jit": "off",
    "autovacuum": "off",
    "log_min_messages": "warning",
}


@dataclass
class Cluster:
    """One server. `start` returns when it answers; `stop` when nothing of it is left."""

    settings: dict[str, str] = field(default_factory=dict)
    programs: Path = field(default_factory=postgres15.provide)
    port: int = 0
    directory: Path = Path()
    _server: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"

    @property
    def pid(self) -> int:
        assert self._server is not None
        return self._server.pid

    def start(self) -> Cluster:
        self.directory = Path(tempfile.mkdtemp(prefix="fedgate-pg-"))
        owner = _unprivileged()
        if owner is not None:
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        try:
            self._initdb(owner)
            self._launch(owner)
        except BaseException:
            self.stop()
            raise
        return self

    def _initdb(self, owner: pwd.struct_passwd | None) -> None:
        made = self._run(
            owner, "initdb", "--pgdata", str(self._data), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stdout.decode()}{made.stderr.decode()}")

    def _launch(self, owner: pwd.struct_passwd | None) -> None:
        self.port = free_port()
        settings = {**_SETTINGS, **self.settings, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self._data), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/", **self._as(owner),
            )  # fmt: skip
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            ready = self._run(owner, "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres").returncode == 0
            if ready:
                return
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(self.directory / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Immediate: the data is thrown away, so nothing is worth waiting for."""
        if self._server is not None:
            for how in (signal.SIGQUIT, signal.SIGKILL):
                if self._server.poll() is None:
                    self._server.send_signal(how)
                    try:
                        self._server.wait(STOP_TIMEOUT_S)
                    except subprocess.TimeoutExpired:
                        continue
            self._server = None
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _as(self, owner: pwd.struct_passwd | None) -> dict[str, Any]:
        environment = {**os.environ, **postgres15.library_path(self.programs), "LC_ALL": "C.UTF-8", "PGTZ": "UTC"}
        if owner is None:
            return {"env": environment}
        return {"env": environment, "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def _run(self, owner: pwd.struct_passwd | None, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            [str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/", **self._as(owner),
        )  # fmt: skip
        return done


def free_port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as when this process is root; None: as this process."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return found
    raise RuntimeError("PostgreSQL refuses to run as root and this machine has neither a user postgres nor nobody")


def shared(place: Path, session_pid: int) -> str:
    """The connection string of the session's one server; the first process that asks starts its keeper.

    `place` is a directory that belongs to the session; `session_pid` the process whose end is the session's end.
    """
    with (place / "postgres.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        noted = place / "postgres.json"
        if not noted.exists():
            with (place / "keeper.log").open("wb") as log:
                keeper = subprocess.Popen(
                    [sys.executable, "-m", "tools.lib.cluster", str(place), str(session_pid)],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
                    cwd=Path(__file__).parents[2],
                )  # fmt: skip
            assert keeper.stdout is not None
            with keeper.stdout:
                line = keeper.stdout.readline()
            if not line:
                keeper.wait()
                raise RuntimeError(f"no PostgreSQL 15: {(place / 'keeper.log').read_text()}")
            noted.write_text(json.dumps({"dsn": line.decode().strip(), "keeper": keeper.pid}))
            # The keeper is reaped by whoever inherits it; Python would warn of a child that still runs.
            keeper.returncode = 0
        dsn: str = json.loads(noted.read_text())["dsn"]
        return dsn


def release(place: Path) -> None:
    """End the session's server, if one was started, and wait until it is gone."""
    noted = place / "postgres.json"
    if not noted.exists():
        return
    keeper = json.loads(noted.read_text())["keeper"]
    try:
        watch = os.pidfd_open(keeper)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(watch, signal.SIGTERM)
        select.select([watch], [], [], STOP_TIMEOUT_S)
    finally:
        os.close(watch)


def _keep(place: Path, session_pid: int) -> None:
    """The keeper: start, report the connection string, wait for the session's end or a SIGTERM, stop."""
    wake, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    session = os.pidfd_open(session_pid)
    cluster = Cluster().start()
    try:
        print(cluster.dsn, flush=True)
        os.close(sys.stdout.fileno())
        select.select([session, wake], [], [])
    finally:
        cluster.stop()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
