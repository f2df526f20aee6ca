"""Connecting over TLS with SCRAM: the gateway beside PostgreSQL, by one libpq in this process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from psycopg import pq

from tests.oracle.gateway import serving
from tests.pgwire import certificates
from tests.pgwire.certificates import Pair
from tools.lib.bench.target import Targets
from tools.lib.bench.timing import medians
from tools.lib.cluster import Cluster

TIMES_MAX = 3.0
"""How many times as long as PostgreSQL's a connection may take."""
CONNECTIONS = 100
_NAME, _PASSWORD = "fedgate_bench_connect", "a password"


def connect(cluster: Cluster, place: Path, rounds: int, targets: Targets) -> None:
    """Print how long a connection takes from each, with and without TLS; channel binding over TLS."""
    pair = certificates.make(place)
    verifier = _role(cluster)
    catalog = place / "roles"
    catalog.mkdir()
    (catalog / "roles.yaml").write_text(f"kind: role\nname: {_NAME}\nverifier: {verifier}\n")
    config = place / "fedgate.toml"
    config.write_text(f'tls_certificate = "{pair.certificate}"\ntls_key = "{pair.key}"\n')
    with _speaking_tls(cluster, pair), serving(catalog, config) as gateway:
        ports = {"PostgreSQL": (cluster.port, "postgres"), "fedgate": (gateway.port, "fedgate")}
        for what, options in (("plain", "sslmode=disable"), ("TLS", "sslmode=require channel_binding=require")):
            dsns = {
                name: f"host=127.0.0.1 port={port} dbname={database} user={_NAME} password='{_PASSWORD}' {options}".encode()
                for name, (port, database) in ports.items()
            }
            taken = medians({name: partial(_once, dsn) for name, dsn in dsns.items()}, rounds * CONNECTIONS)
            theirs, ours = taken["PostgreSQL"] * 1e3, taken["fedgate"] * 1e3
            print(
                f"connecting, SCRAM, {what}: PostgreSQL {theirs:.1f} ms, fedgate {ours:.1f} ms, {ours / theirs:.2f} times"
                + targets.verdict(f"connecting, {what}", ours / theirs <= TIMES_MAX, f"at most {TIMES_MAX:.0f} times")
            )


def _once(dsn: bytes) -> None:
    connection = pq.PGconn.connect(dsn)
    assert connection.status == pq.ConnStatus.OK, connection.error_message
    connection.finish()


def _role(cluster: Cluster) -> str:
    """Make the role at PostgreSQL; its verifier."""
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(f"SET password_encryption = 'scram-sha-256'; CREATE ROLE {_NAME} LOGIN PASSWORD '{_PASSWORD}'")
        row = connection.execute(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{_NAME}'").fetchone()
        assert row is not None
        return str(row[0])


@contextmanager
def _speaking_tls(cluster: Cluster, pair: Pair) -> Iterator[None]:
    """PostgreSQL with TLS, and a password for that role, for so long."""
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        rules = _shown(connection, "hba_file")
        data = Path(_shown(connection, "data_directory"))
        owner = data.stat()
        for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
            shutil.copyfile(source, data / name)
            (data / name).chmod(0o600)
            os.chown(data / name, owner.st_uid, owner.st_gid)
        before = Path(rules).read_text()
        Path(rules).write_text(f"host all {_NAME} 127.0.0.1/32 scram-sha-256\n{before}")
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            Path(rules).write_text(before)
            connection.execute("ALTER SYSTEM RESET ssl")
            connection.execute("SELECT pg_reload_conf()")


def _shown(connection: psycopg.Connection[tuple[object, ...]], name: str) -> str:
    row = connection.execute(f"SHOW {name}").fetchone()
    assert row is not None
    return str(row[0])
