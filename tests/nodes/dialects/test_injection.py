"""Hostile texts reach engines as data: in constants, parameters, names of relations and columns, shard and node names."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest
from psycopg import sql as pg

from fedgate.catalog.model import ColumnMap, LocalColumn
from fedgate.types import SqlType
from tests.conftest import PostgresServer
from tests.nodes.dialects.bench import Bench, OneTable, Place, table, write_sqlite

TEXTS = (
    "'; DROP TABLE t; --",
    "\\'; SELECT 1; --",
    "'' OR 1=1",
    'a"b',
    "%_\\%",
    "$1 {x} ?1 :n %s",
    "/* */",
    "\x01\x0b\u2028é\U0001f600",
    "*[?]^-",
)
NAME = "we\"ird 't; --"
ENGINES = ("sqlite", "duckdb", "parquet", "postgres")


@pytest.fixture(scope="module")
def benches(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bench]:
    directory = tmp_path_factory.mktemp("hostile")
    target = table("t", {"x": "text"})
    maps = {"x": ColumnMap(LocalColumn(NAME, SqlType(25)))}
    write_sqlite(directory / "h.sqlite", "r", {"z": ""}, [])
    _write_sqlite(directory / "h.sqlite")
    quoted = '"' + NAME.replace('"', '""') + '"'
    with duckdb.connect(str(directory / "h.duckdb")) as connection:
        connection.execute(f"CREATE TABLE {quoted} ({quoted} VARCHAR)")
        connection.executemany(f"INSERT INTO {quoted} VALUES (?)", [(t,) for t in TEXTS])
        connection.execute(f"COPY {quoted} TO '{directory}/we''ird.parquet'")
    dsn = postgres.create_database("hostile")
    with psycopg.connect(dsn, autocommit=True) as server:
        name = pg.Identifier(NAME)
        server.execute(pg.SQL("CREATE TABLE {} ({} text)").format(name, name))
        for text in TEXTS:
            server.execute(pg.SQL("INSERT INTO {} VALUES (%s)").format(name), (text,))
    places = {
        "sqlite": Place.of(target, "sqlite", str(directory / "h.sqlite"), NAME, maps),
        "duckdb": Place.of(target, "duckdb", str(directory / "h.duckdb"), NAME, maps),
        "parquet": Place.of(target, "parquet", str(directory), "we'ird.parquet", maps),
        "postgres": Place.of(target, "postgres", dsn, NAME, maps),
    }
    return {name: Bench(OneTable({"t": target}), {"t": place}) for name, place in places.items()}


def _write_sqlite(path: Path) -> None:
    write_sqlite(path, NAME.replace('"', '""'), {NAME.replace('"', '""'): "TEXT"}, [(t,) for t in TEXTS])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", TEXTS)
def test_constants(benches: dict[str, Bench], engine: str, text: str) -> None:
    bench = benches[engine]
    assert bench.run(f"SELECT x FROM t WHERE x = {_literal(text)}").rows == [(text,)]
    assert bench.run(f"SELECT count(*) FROM t WHERE x IN ({_literal(text)}, 'none')").rows == [("1",)]
    like = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    assert bench.run(f"SELECT x FROM t WHERE x LIKE {_literal(like)}").rows == [(text,)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", TEXTS)
def test_parameters(benches: dict[str, Bench], engine: str, text: str) -> None:
    place = benches[engine]
    one = Bench(place.relations, place.places, {"1": text}, (25,))
    assert one.run("SELECT x FROM t WHERE x = $1").rows == [(text,)]
    assert one.run("SELECT count(*) FROM t WHERE x >= $1 AND x <= $1").rows == [("1",)]
    many = Bench(place.relations, place.places, {"1": (text, None, "none")}, (1009,))
    assert many.run("SELECT count(*) FROM t WHERE x = ANY ($1)").rows == [("1",)]


@pytest.mark.parametrize("engine", ENGINES)
def test_all_rows_are_still_there(benches: dict[str, Bench], engine: str) -> None:
    assert sorted(str(r[0]) for r in benches[engine].run("SELECT x FROM t").rows) == sorted(TEXTS)
