"""A fedgate over an empty catalog, and the question whether it does what PostgreSQL 15 does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

import psycopg
import pytest

from fedgate.config import Config
from fedgate.server import running
from tests.conftest import PostgresServer

T = TypeVar("T")
Connection: TypeAlias = "psycopg.Connection[tuple[object, ...]]"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its connection string."""
    with running(Config(catalog=tmp_path_factory.mktemp("catalog"), listen=("127.0.0.1", 0))) as server:
        host, port = server.address
        yield f"host={host} port={port} user=me dbname=fedgate"


def differences(postgres: PostgresServer, gateway: str, asked: Iterable[T], ask: Callable[[Connection, T], object]) -> str:
    """What is answered otherwise than by PostgreSQL, asked in one session of each; "" when nothing is."""
    different = []
    with psycopg.connect(postgres.dsn, autocommit=True) as theirs, psycopg.connect(gateway, autocommit=True) as ours:
        theirs.execute("SET timezone = 'UTC'")
        for each in asked:
            expected, got = ask(theirs, each), ask(ours, each)
            if expected != got:
                different.append(f"{each}\n  expected {expected}\n  got      {got}")
    return "\n".join(different)
