"""`fedgate sql` writes what psql and COPY write for the same statement, and JSON and Arrow that their readers take."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from psycopg import sql

from fedgate.cli.main import main
from tests.conftest import PostgresServer

STATEMENTS = [
    "SELECT 'a' AS a, 1 AS numcol, NULL AS n",
    "VALUES ('a', 1, 'x'), ('bb', 22222, 'yyyy'), (NULL, NULL, NULL)",
    "SELECT E'one\\ntwo\\n' AS multi, 7 AS n, E'x\\ny' AS last",
    "SELECT E'x\\n' AS only",
    "SELECT E'1\\n2' AS a, E'\\n' AS b, '' AS c",
    "SELECT E'tab\\there' AS t, E'\\t' AS u, E'cr\\rx\\r\\ny' AS c, E'\\x01\\x7f' AS k, U&'\\0085' AS next_line",
    "SELECT '日本' AS w, 'é' AS e, E'e\\u0301' AS comb, '😀' AS emo, 'ｆｕｌｌ' AS \"幅\"",
    'SELECT \'x\' AS "a\nb", 2 AS "wide日本col"',
    "SELECT '  lead' AS a, 'trail  ' AS b",
    "SELECT 1.50::numeric AS n, true AS b, 5::oid AS o, ARRAY[1, NULL, 3] AS arr, '1 day 02:00'::interval AS i, 'x'::\"char\" AS c",
    "SELECT -0.0::float8 AS z, 'NaN'::float8 AS nan, 1e20::float8 AS big, '-Infinity'::float4 AS inf, 'a'::bytea AS bytes",
    "SELECT 'int4'::regtype AS t, ARRAY['int4'::regtype, 'date'] AS ts, 'pg_catalog'::regnamespace AS s, 'pg_class'::regclass",
    "SELECT '2024-02-29'::date AS d, '2024-02-29 12:00+00'::timestamptz AS t, '{\"a\": [1, 2]}'::jsonb AS j, '12:30'::time AS at",
    "SELECT 1 AS one WHERE false",
    "SELECT",
    "SELECT FROM (VALUES (1), (2)) v",
    "SELECT '\\.' AS dot, '' AS empty, NULL AS nothing, ' x' AS space, E'a\\rb' AS cr, 'a\"b' AS quote, 'a,b' AS comma",
    "SELECT '\\.' AS dot",
    "SELECT '' AS \"a,b\"",
    "SELECT NULL AS a",
]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


def fedgate(fleet: Path, out_format: str, statement: str, capfd: pytest.CaptureFixture[str]) -> str:
    capfd.readouterr()
    assert main(["sql", "--catalog", str(fleet), "--format", out_format, "-c", statement]) == 0
    return capfd.readouterr().out


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_table_is_as_psql_prints_it(
    statement: str, fleet: Path, postgres: PostgresServer, capfd: pytest.CaptureFixture[str]
) -> None:
    psql = shutil.which("psql")
    assert psql, "these tests need psql"
    command = [psql, "-X", "-P", "pager=off", "-d", postgres.dsn, "-c", statement]
    expected = subprocess.run(command, capture_output=True, check=True, env={"PGCLIENTENCODING": "UTF8"}).stdout.decode()
    assert fedgate(fleet, "table", statement, capfd) + "\n" == expected


@pytest.mark.parametrize("statement", STATEMENTS)
def test_csv_is_as_copy_writes_it(statement: str, fleet: Path, postgres: PostgresServer, capfd: pytest.CaptureFixture[str]) -> None:
    with postgres.connect() as connection, connection.cursor() as cursor:
        copy = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(sql.SQL(statement))
        with cursor.copy(copy) as rows:
            expected = b"".join(bytes(row) for row in rows).decode()
    assert fedgate(fleet, "csv", statement, capfd) == expected


def rows_of(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_json_is_json(statement: str, fleet: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows_of(fedgate(fleet, "json", statement, capfd))


def test_json_rounds_nothing(fleet: Path, capfd: pytest.CaptureFixture[str]) -> None:
    statement = """SELECT 1.10 AS n, 9007199254740992 AS exact, -9007199254740993 AS big, 0.1::float8 AS f, 'NaN'::float8 AS nan,
        true AS t, NULL AS nothing, '{"a": 1.0}'::json AS j, ARRAY[1.5, NULL] AS ns, ARRAY[true, NULL] AS bs, '{}'::text[] AS none,
        NULL::int[] AS no_list, ARRAY['a"b', 'c,d'] AS ts, 'é' AS e, '2024-01-01'::date AS d
        UNION ALL SELECT 2.20, 0, 1, 1e300, 'Infinity', false, NULL, '[null]', '{}', NULL, '{x}', '{1,2}', NULL, E'\\n', NULL"""
    assert rows_of(fedgate(fleet, "json", statement, capfd)) == [
        {
            "n": "1.10",
            "exact": 9007199254740992,
            "big": "-9007199254740993",
            "f": 0.1,
            "nan": "NaN",
            "t": True,
            "nothing": None,
            "j": {"a": 1.0},
            "ns": ["1.5", None],
            "bs": [True, None],
            "none": [],
            "no_list": None,
            "ts": ['a"b', "c,d"],
            "e": "é",
            "d": "2024-01-01",
        },
        {
            "n": "2.20",
            "exact": 0,
            "big": 1,
            "f": 1e300,
            "nan": "Infinity",
            "t": False,
            "nothing": None,
            "j": [None],
            "ns": [],
            "bs": None,
            "none": ["x"],
            "no_list": [1, 2],
            "ts": None,
            "e": "\n",
            "d": None,
        },
    ]


def test_json_warns_of_a_name_that_comes_twice(fleet: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "--catalog", str(fleet), "--format", "json", "-c", "SELECT 1 AS a, 2 AS a, 3 AS b"]) == 0
    out, err = capfd.readouterr()
    assert out == '[\n  {"a": 1, "a": 2, "b": 3}\n]\n'
    assert "columns named a;" in err


def test_arrow_is_read_by_pyarrow(fleet: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    statement = """SELECT 1 AS i, 1.50::numeric(4, 2) AS n, 1.5 / 3 AS any, 'x' AS t, '2024-01-01 00:00+00'::timestamptz AS at,
        ARRAY[1, 2] AS list, '1 day'::interval AS span UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL"""
    assert main(["sql", "--catalog", str(fleet), "--format", "arrow", "-c", statement]) == 0
    table = pa.ipc.open_stream(io.BytesIO(capfdbinary.readouterr().out)).read_all()
    assert table.column_names == ["i", "n", "any", "t", "at", "list", "span"]
    types = [field.metadata[b"postgresql_type"].decode() for field in table.schema]
    assert types == ["int4", "numeric", "numeric", "text", "timestamptz", "_int4", "interval"]
    assert table.num_rows == 2
    assert table["list"].to_pylist() == [[1, 2], None]
    assert str(table["n"][0]) == "1.50"
    assert str(table.schema.field("at").type) == "timestamp[us, tz=UTC]"


def test_an_empty_arrow_stream_has_a_schema(fleet: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["sql", "--catalog", str(fleet), "--format", "arrow", "-c", "SELECT 1 AS one WHERE false"]) == 0
    table = pa.ipc.open_stream(io.BytesIO(capfdbinary.readouterr().out)).read_all()
    assert (table.column_names, table.num_rows) == (["one"], 0)
