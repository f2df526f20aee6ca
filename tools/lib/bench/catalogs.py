"""Catalog queries over 200 tables beside PostgreSQL's: what psql asks for `\\d`, a JDBC driver's metadata, SQLAlchemy's reflection.

Every round asks for another table, as people do, so no statement is sent twice; each was seen once before its time counts. A JDBC
sweep is all of a driver's questions for every table. Numbers of rows are compared, of all statements, before times count.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy
import yaml

from tests.system.test_same_rows import statements
from tools.lib.bench.rawclient import RawClient
from tools.lib.bench.target import Targets
from tools.lib.cluster import Cluster

TABLES = 200
TIMES_MAX = 5
_STATEMENTS = Path(__file__).parents[3] / "tests" / "system" / "statements"
_TYPES = (
    *("integer", "bigint", "text", "varchar(20)", "numeric(12,4)", "timestamptz"),
    *("double precision", "boolean", "date", "jsonb", "text[]", "uuid"),
)


def build(cluster: Cluster, directory: Path) -> Path:
    """The catalog's documents, and the same tables in PostgreSQL's database `catalogs`."""
    catalog = directory / "catalogs"
    catalog.mkdir()
    documents: list[dict[str, object]] = [{"kind": "node", "name": "a", "engine": "sqlite", "url": "a.db"}]
    made = []
    for number in range(TABLES):
        columns = [("id", "bigint")] + [(f"c{i}", _TYPES[(number + i) % len(_TYPES)]) for i in range(11)]
        documents.append(
            {
                "kind": "table",
                "name": f"t{number}",
                "comment": f"table {number}",
                "columns": [{"name": n, "type": t, "not_null": n == "id", "comment": f"the {n}"} for n, t in columns],
                "primary_key": ["id"],
            }
        )
        made.append(f"CREATE TABLE t{number} ({', '.join(f'{n} {t}' for n, t in columns)}, PRIMARY KEY (id))")
        made.append(f"COMMENT ON TABLE t{number} IS 'table {number}'")
        made += [f"COMMENT ON COLUMN t{number}.{n} IS 'the {n}'" for n, _ in columns]
    (catalog / "fleet.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE catalogs")
    with psycopg.connect(_dsn(cluster.port, "postgres", "catalogs"), autocommit=True) as connection:
        connection.execute(";\n".join(made).encode())
        connection.execute("VACUUM ANALYZE")
    return catalog


def _dsn(port: int, user: str, database: str) -> str:
    return f"host=127.0.0.1 port={port} user={user} dbname={database}"


class _Side:
    """One of the two servers: a connection, and its tables' numbers."""

    def __init__(self, port: int, user: str, database: str) -> None:
        self.url = f"postgresql+psycopg://{user}@127.0.0.1:{port}/{database}"
        self.client = RawClient(port, user, database)
        self.connection = psycopg.connect(_dsn(port, user, database), autocommit=True)
        self.numbers: dict[str, int] = dict(
            self.connection.execute("SELECT relname, oid FROM pg_class WHERE relname ~ '^t[0-9]+$'").fetchall()
        )

    def text(self, statement: str, table: int) -> str:
        """A statement about one of the tables."""
        number = str(self.numbers[f"t{table}"])
        return re.sub(r"\breadings\b", f"t{table}", statement.replace("{class:public.readings}", number))

    def close(self) -> None:
        self.client.close()
        self.connection.close()


def catalogs(cluster: Cluster, port: int, rounds: int, targets: Targets) -> None:
    """All three."""
    server, front = _Side(cluster.port, "postgres", "catalogs"), _Side(port, "bench", "fedgate")
    try:
        print(f"\ncatalog queries over {TABLES} tables: PostgreSQL, fedgate, times (medians)")
        # the long ones first: a gateway makes much ready in its first seconds, beside what it is asked
        _sweep(list(statements(_STATEMENTS / "jdbc.sql")), server, front, targets)
        _reflection(server, front, targets)
        for what, file in (("psql", "psql.sql"), ("JDBC", "jdbc.sql")):
            _each(what, list(statements(_STATEMENTS / file)), server, front, rounds, targets, verdict=what == "psql")
    finally:
        server.close()
        front.close()


def _each(what: str, asked: list[str], server: _Side, front: _Side, rounds: int, targets: Targets, *, verdict: bool = True) -> None:
    worst = 0.0
    rows = [[len(side.connection.execute(side.text(s, 1).encode()).fetchall()) for s in asked] for side in (server, front)]
    for number, (statement, expected, found) in enumerate(zip(asked, *rows, strict=True), 1):
        if found != expected:
            targets.differs(f"{what} {number}")
            continue
        times: dict[str, list[float]] = {"PostgreSQL": [], "fedgate": []}
        for table in range(2, 4 * rounds + 4):
            for name, side in (("PostgreSQL", server), ("fedgate", front)):
                text = side.text(statement, table)
                started = time.perf_counter()
                side.client.query(text)
                times[name].append(time.perf_counter() - started)
        theirs, ours = (statistics.median(times[name][2:]) * 1000 for name in times)
        worst = max(worst, ours / theirs)
        print(f"  {what} {number:2}  {theirs:7.2f} ms {ours:7.2f} ms {ours / theirs:5.1f}   {' '.join(statement.split())[:60]}")
    if verdict:
        print(f"  {what}: the worst {worst:.1f} times" + targets.verdict(f"{what} catalogs", worst <= TIMES_MAX, _WANTED))


_WANTED = f"at most {TIMES_MAX} times"


def _sweep(asked: list[str], server: _Side, front: _Side, targets: Targets) -> None:
    def sweep(side: _Side) -> Callable[[], object]:
        return lambda: [side.client.query(side.text(s, table)) for table in range(TABLES) for s in asked if "readings" in s]

    _compared("JDBC sweep", sweep(server), sweep(front), targets)


def _reflection(server: _Side, front: _Side, targets: Targets) -> None:
    def reflect(side: _Side) -> Callable[[], object]:
        def run() -> object:
            engine = sqlalchemy.create_engine(side.url)
            found = sqlalchemy.MetaData()
            found.reflect(engine)
            engine.dispose()
            return {name: [(c.name, str(c.type), c.primary_key) for c in table.columns] for name, table in found.tables.items()}

        return run

    _compared("SQLAlchemy reflection", reflect(server), reflect(front), targets)


def _compared(what: str, theirs: Callable[[], object], ours: Callable[[], object], targets: Targets) -> None:
    times: dict[str, list[float]] = {"theirs": [], "ours": []}
    for _ in range(3):
        for name, run in (("theirs", theirs), ("ours", ours)):
            started = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - started)
    slow, fast = (statistics.median(times[name]) for name in ("ours", "theirs"))
    print(f"  {what:22} {fast:6.2f} s {slow:6.2f} s {slow / fast:5.1f}" + targets.verdict(what, slow / fast <= TIMES_MAX, _WANTED))
