"""Hostile strings reach every engine as data and come back: as values of rows, literals, parameters, patterns, lists and names."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest
from psycopg import pq

from tests.conftest import PostgresServer
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec
from tests.fleets.union import UnionFleet
from tests.oracle import hostile
from tests.oracle.gateway import PATIENT, serving
from tests.oracle.hostile import identifier, quoted

ENGINES: tuple[Engine, ...] = ("sqlite", "duckdb", "parquet", "postgres")
CHUNK = 100
ALL = hostile.strings()
CHUNKS = [range(at, min(at + CHUNK, len(ALL))) for at in range(0, len(ALL), CHUNK)]
FEW = range(0, len(CHUNKS), 4)
COLUMNS = tuple(
    {name.casefold(): name for name in hostile.names() if not any(unicodedata.category(c) == "Cc" for c in name)}.values()
)[:150]
"""Names of columns: documents refuse control characters, SQLite and DuckDB tell none apart that differ in case only."""
Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def union(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> UnionFleet:
    """hostile (engine, id, part, s) has every string at every engine; names has columns called so, and in them their names."""
    place = tmp_path_factory.mktemp("hostile")
    rows = ",\n".join(f"('{engine}', {at}, {at // CHUNK}, {quoted(s)})" for engine in ENGINES for at, s in enumerate(ALL))
    columns = ", ".join(f"{identifier(name)} text" for name in COLUMNS)
    named = ", ".join(quoted(name) for name in COLUMNS)
    text = (
        f"create table hostile (engine text, id integer, part integer, s text);\ninsert into hostile values\n{rows};\n"
        f"create table names (engine text, {columns});\n"
        + "".join(f"insert into names values ('{engine}', {named});\n" for engine in ENGINES)
    )
    (place / "schema.sql").write_text(text, encoding="utf-8", newline="")
    nodes = tuple(NodeSpec(engine, engine) for engine in ENGINES)
    placements = tuple(PlacementSpec(table, engine, engine) for table in ("hostile", "names") for engine in ENGINES)
    cuts = {table: lambda _, row: str(row["engine"]) for table in ("hostile", "names")}
    return UnionFleet(postgres, place / "schema.sql", Layout("hostile", nodes, placements, cuts), place / "fleet")


@pytest.fixture(scope="module")
def fed(union: UnionFleet) -> Iterator[Connection]:
    with serving(union.fleet.catalog) as gateway, psycopg.connect(gateway.dsn, autocommit=True) as connection:
        connection.execute(PATIENT)
        yield connection
        left = connection.execute("select engine, count(*), count(distinct s) from hostile group by 1").fetchall()
    assert sorted(left) == sorted((engine, len(ALL), len(ALL)) for engine in ENGINES), "a string has become a statement"


def test_there_are_enough() -> None:
    assert len(set(ALL)) == len(ALL) >= 2000
    assert len(COLUMNS) >= 100
    assert not any("\0" in s for s in ALL)


def test_values_of_rows_come_back(fed: Connection) -> None:
    expected = {(engine, at): s for engine in ENGINES for at, s in enumerate(ALL)}
    for binary in (False, True):
        rows = fed.execute("select engine, id, s from hostile", binary=binary).fetchall()
        assert {(row[0], row[1]): row[2] for row in rows} == expected


def each_once(fed: Connection, filters: Callable[[str], str], parts: Sequence[int] = range(len(CHUNKS))) -> None:
    """Among a part's rows, the filters made of every other string pass the rows of these strings at each engine, and no other."""
    for part in parts:
        for half in (CHUNKS[part][::2], CHUNKS[part][1::2]):
            passing = " or ".join(filters(ALL[at]) for at in half)
            rows = fed.execute(f"select engine, id from hostile where part = {part} and ({passing})".encode()).fetchall()
            assert sorted(rows, key=repr) == sorted(((engine, at) for engine in ENGINES for at in half), key=repr)


def test_literals_compared(fed: Connection) -> None:
    each_once(fed, lambda s: f"s = {quoted(s)}")


def test_like_patterns(fed: Connection) -> None:
    each_once(fed, lambda s: f"s like {quoted(hostile.like_itself(s))}", FEW)
    each_once(fed, lambda s: f"s like {quoted(hostile.like_itself(s, '!'))} escape '!'", FEW)


def test_regular_expressions(fed: Connection) -> None:
    each_once(fed, lambda s: f"s ~ {quoted(hostile.regex_itself(s))}", FEW)


def test_lists_in_filters(fed: Connection) -> None:
    for chunk in CHUNKS[::2]:
        expected = {(engine, at) for engine in ENGINES for at in chunk}
        listed = ", ".join(quoted(ALL[at]) for at in chunk)
        assert set(fed.execute(f"select engine, id from hostile where s in ({listed})".encode())) == expected
        values = ", ".join(f"({quoted(ALL[at])}, {at})" for at in chunk)
        joined = f"select h.engine, h.id from hostile h join (values {values}) v(s, n) on v.s = h.s and v.n = h.id"
        assert set(fed.execute(joined.encode())) == expected
    every = ", ".join(map(quoted, ALL[1:]))
    assert fed.execute(f"select s, count(*) from hostile where s not in ({every}) group by s".encode()).fetchall() == [(ALL[0], 4)]


@pytest.mark.parametrize("how", ["t", "b"])
def test_parameters(fed: Connection, how: str) -> None:
    rows = fed.execute(f"select engine, id, s from hostile where s = any(%{how}::text[])", (list(ALL),)).fetchall()
    assert {(row[0], row[1]): row[2] for row in rows} == {(engine, at): s for engine in ENGINES for at, s in enumerate(ALL)}
    for chunk in CHUNKS:
        marks = ", ".join([f"%{how}"] * len(chunk))
        found = fed.execute(f"select engine, id from hostile where s in ({marks})", [ALL[at] for at in chunk])
        assert set(found) == {(engine, at) for engine in ENGINES for at in chunk}


@pytest.mark.parametrize("spelled", [hostile.escaped, hostile.dollars, hostile.by_numbers])
def test_spellings_come_back(fed: Connection, spelled: Callable[[str], str]) -> None:
    for chunk in CHUNKS:
        texts = [ALL[at] for at in chunk]
        rows = fed.execute(f"values {', '.join(f'({spelled(s)}, {quoted(s)})' for s in texts)}".encode()).fetchall()
        assert rows == [(s, s) for s in texts]


def test_constants_come_back(fed: Connection) -> None:
    for chunk in CHUNKS:
        texts = [ALL[at] for at in chunk]
        listed = ", ".join(f"{quoted(s)} as c" for s in texts)
        rows = fed.execute(f"select engine, {listed} from hostile where id = 0".encode()).fetchall()
        assert sorted(rows, key=repr) == sorted(((engine, *texts) for engine in ENGINES), key=repr)
    for chunk in CHUNKS[::2]:
        texts = [ALL[at] for at in chunk]
        joined = ", ".join(f"max(s || {quoted(s)})" for s in texts)
        assert fed.execute(f"select {joined} from hostile where id = 0".encode()).fetchone() == tuple(ALL[0] + s for s in texts)


def test_names_of_results(fed: Connection) -> None:
    names = hostile.names()
    for at in range(0, len(names), CHUNK):
        some = names[at : at + CHUNK]
        listed = ", ".join(f"{n} as {identifier(name)}" for n, name in enumerate(some))
        cursor = fed.execute(f"select * from (select {listed} from hostile where id = 0 and engine = 'sqlite') q".encode())
        assert [column.name for column in cursor.description or ()] == list(some)
        read = ", ".join(f"q.{identifier(name)}" for name in some)
        row = fed.execute(f"select {read} from (select {listed} from hostile where id = 0) q limit 1".encode()).fetchone()
        assert row == tuple(range(len(some)))


def test_names_of_columns_at_nodes(fed: Connection) -> None:
    cursor = fed.execute("select * from names")
    assert [column.name for column in cursor.description or ()] == ["engine", *COLUMNS]
    assert sorted(cursor, key=repr) == sorted(((engine, *COLUMNS) for engine in ENGINES), key=repr)
    for at in range(0, len(COLUMNS), 30):
        some = COLUMNS[at : at + 30]
        passing = " and ".join(f"{identifier(name)} = {quoted(name)}" for name in some)
        found = fed.execute(f"select count(*), min({identifier(some[0])}) from names where {passing}".encode()).fetchone()
        assert found == (len(ENGINES), some[0])
        groups = fed.execute(f"select {identifier(some[-1])}, count(*) from names group by 1".encode()).fetchall()
        assert groups == [(some[-1], len(ENGINES))]


def test_a_nul_is_refused(fed: Connection) -> None:
    for value in (b"\0", b"a\0b", b"'\0'"):
        result = fed.pgconn.exec_params(b"select count(*) from hostile where s = $1::text", [value], param_formats=[1])
        assert result.status == pq.ExecStatus.FATAL_ERROR
        assert result.error_field(pq.DiagnosticField.SQLSTATE) == b"22021"


def test_patterns_as_postgresql_reads_them(fed: Connection, union: UnionFleet) -> None:
    """The strings as patterns: what they match, and which of them are none."""
    kinds = ("s like {}", "s ilike {}", "s not like {} || '%'", "starts_with(s, {})", "strpos(s, {}) > 1")
    with psycopg.connect(union.union, autocommit=True) as server:
        for part, chunk in enumerate(CHUNKS):
            texts = [quoted(ALL[at]) for at in chunk[::2] if not ALL[at].endswith("\\")]
            kind = kinds[part % len(kinds)]
            counts = ", ".join(f"count(*) filter (where {kind.format(s)})" for s in texts)
            asked = f"select engine, {counts} from hostile where part = {part} group by engine order by engine".encode()
            assert fed.execute(asked).fetchall() == server.execute(asked).fetchall()
