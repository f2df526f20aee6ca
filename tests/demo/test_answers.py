"""What a newcomer sees of the demo, by real clients, is what PostgreSQL says over the same rows in tables of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from fedgate import server
from fedgate.catalog.snapshot import Snapshot
from fedgate.cli.demo import INVITATION
from fedgate.config import Config
from fedgate.demo.source import extract
from fedgate.serving import Gateway
from tests.conftest import PostgresServer

BY_MONTH = "SELECT origin, date_trunc('month', time_hour) AS m, count(*), avg(dep_delay) FROM flights GROUP BY 1, 2 ORDER BY 1, 2"
QUERIES = [
    BY_MONTH,
    "SELECT name, round(avg(arr_delay), 1) AS delay FROM flights JOIN airlines USING (carrier) GROUP BY name ORDER BY 2, 1",
    "SELECT f.origin, w.wind_dir, count(*), count(w.temp), max(f.dep_delay)"
    " FROM flights f LEFT JOIN weather w USING (origin, time_hour) GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT DISTINCT ON (origin) origin, time_hour, flight FROM flights ORDER BY origin, dep_delay DESC NULLS LAST, flight",
    "SELECT extract(dow FROM time_hour) AS day, count(DISTINCT tailnum), sum(distance) FROM flights GROUP BY 1 ORDER BY 1",
    "SELECT * FROM flights WHERE dest = 'LGA' OR tailnum = 'N14228' ORDER BY time_hour, flight",
    "SELECT model, count(*) FROM planes p WHERE EXISTS (SELECT FROM flights f WHERE f.tailnum = p.tailnum AND dest = 'SFO')"
    " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
    "SELECT origin, month, sum(count(*)) OVER (PARTITION BY origin ORDER BY month) FROM flights GROUP BY 1, 2 ORDER BY 1, 2",
]


@pytest.fixture(scope="module")
def gateway(fleet: Path) -> Iterator[Gateway]:
    with server.running(Config(catalog=fleet.resolve(), listen=("127.0.0.1", 0), data_roots=(fleet.resolve(),))) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def dsn(gateway: Gateway) -> str:
    host, port = gateway.address
    return make_conninfo(host=host, port=port, dbname="fedgate", user="newcomer")


@pytest.fixture(scope="module")
def oracle(gateway: Gateway, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the source's CSV files in tables that are declared as the catalog declares them."""
    dsn = postgres.create_database("demo")
    files = extract(tmp_path_factory.mktemp("csv"))
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        for name, columns in declared(gateway.engine.catalog.snapshot()):
            table = sql.Identifier(name)
            cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
            with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER, NULL 'NA')").format(table)) as rows:
                rows.write(files[name].read_bytes())
    return dsn


def declared(snapshot: Snapshot) -> Iterator[tuple[str, sql.Composable]]:
    for table in snapshot.tables.values():
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(f"{c.type}{' NOT NULL' if c.not_null else ''}"))
            for c in table.columns
        ]
        yield table.name, sql.SQL(", ").join(columns)


def answer(dsn: str, query: str) -> tuple[list[tuple[str, int]], list[tuple[object, ...]]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query)
        assert cursor.description is not None
        return [(c.name, c.type_code) for c in cursor.description], cursor.fetchall()


def psql(dsn: str, *commands: str) -> str:
    program = shutil.which("psql")
    assert program, "these tests need psql"
    arguments = [word for command in commands for word in ("-c", command)]
    done = subprocess.run([program, "-X", "-P", "pager=off", "-d", dsn, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("query", QUERIES)
def test_an_answer_is_postgresqls(query: str, dsn: str, oracle: str) -> None:
    expected = answer(oracle, query)
    assert expected[1]
    assert answer(dsn, query) == expected


def test_psql_shows_the_same_text(dsn: str, oracle: str) -> None:
    assert psql(dsn, BY_MONTH) == psql(oracle, BY_MONTH)


def test_psql_describes_a_table(dsn: str, oracle: str) -> None:
    assert psql(dsn, "\\d flights") == psql(oracle, "\\d flights")


def test_psql_lists_the_tables(dsn: str) -> None:
    listed = re.findall(r"^ public \| (\w+) +\| table \| fedgate$", psql(dsn, "\\dt"), re.MULTILINE)
    assert listed == ["airlines", "airports", "flights", "planes", "weather"]


def test_explain_shows_a_partial_aggregate_for_each_airport(dsn: str) -> None:
    lines = [row[0] for row in answer(dsn, f"EXPLAIN {BY_MONTH}")[1]]
    assert any(re.search(r"Exchange x0 aggregate on public\.flights +shards 3 of 3", str(line)) for line in lines)
    whole = " ".join(str(line).strip() for line in lines)
    assert "count(*) AS p0, sum(dep_delay) AS p1, count(dep_delay) AS p2 FROM" in whole
    fragments = [found[1] for line in lines if (found := re.match(r"\s+1 node \w+ whole: (\w+)$", str(line)))]
    assert fragments == ["ewr", "jfk", "lga"]


def test_the_invitation_tells_the_truth(dsn: str) -> None:
    found = re.findall(r"^    (SELECT [^;]*;)\n     ([^\n:]*)", INVITATION, re.MULTILINE)
    assert len(found) == 2
    for statement, told in found:
        rows = answer(dsn, statement)[1]
        assert ", ".join(" ".join(str(value) for value in row) for row in rows) == told
