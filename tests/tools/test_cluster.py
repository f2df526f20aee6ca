"""The throw-away PostgreSQL: what it is, whose it is, and that nothing of it stays."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tools.lib import cluster


def test_the_oracle_is_postgresql_15_in_c_utf_8_and_utc(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.create_database("cluster")) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, datcollate, datctype, now()::text LIKE '%+00' "
            "FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == (15, "C.UTF-8", "C.UTF-8", True)


def test_the_server_ends_with_the_session_that_was_killed(tmp_path: Path) -> None:
    session = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    dsn = cluster.shared(tmp_path, session.pid)
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").fetchone()
    assert row is not None
    checkpointer = os.pidfd_open(row[0])
    try:
        assert cluster.shared(tmp_path, session.pid) == dsn
        session.kill()
        session.communicate()
        assert select.select([checkpointer], [], [], 30)[0], "PostgreSQL outlived its session"
    finally:
        os.close(checkpointer)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from tools.lib.cluster import shared; import os, sys; shared(Path(sys.argv[1]), os.getpid())"
    )
    environment = {**os.environ, "FEDGATE_PG_BIN": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "holds no PostgreSQL 15" in done.stderr
