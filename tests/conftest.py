"""What all tests share: one throw-away PostgreSQL 15 a session, the oracle of every answer."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tools.lib import cluster

_PLACE = "FEDGATE_TEST_SESSION"
_RUNNING = "FEDGATE_TEST_PG"
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clients: foreign clients in environments of their own, run by tools/test clients")
    if not hasattr(config, "workerinput"):
        # Workers inherit this; the server itself is started by the first test that asks for it.
        os.environ[_PLACE] = f"{os.getpid()}:{tempfile.mkdtemp(prefix='fedgate-tests-')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _PLACE in os.environ:
        place = Path(os.environ.pop(_PLACE).partition(":")[2])
        cluster.release(place)
        if place.exists():
            for left in place.iterdir():
                left.unlink()
            place.rmdir()


@dataclass
class PostgresServer:
    """A PostgreSQL 15, C.UTF-8, TimeZone UTC. `dsn` is a superuser's connection string."""

    dsn: str
    _made: list[str] = field(default_factory=list)

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A connection in autocommit; close it (or use it in a `with`)."""
        return psycopg.connect(make_conninfo(self.dsn, dbname=database) if database else self.dsn, autocommit=True)

    def create_database(self, name: str) -> str:
        """An empty database whose name starts with `name`; its connection string. It goes at the end of the session."""
        unique = f"{name}_{os.getpid()}_{next(_numbers)}"
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'").format(sql.Identifier(unique))
            )
        self._made.append(unique)
        return make_conninfo(self.dsn, dbname=unique)

    def drop_databases(self) -> None:
        with self.connect() as connection:
            for name in self._made:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.clear()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """PostgreSQL 15: the session's own, or the one that FEDGATE_TEST_PG names."""
    running = os.environ.get(_RUNNING)
    if running:
        dsn = running
    else:
        pid, _, place = os.environ[_PLACE].partition(":")
        dsn = cluster.shared(Path(place), int(pid))
    server = PostgresServer(dsn)
    yield server
    server.drop_databases()
