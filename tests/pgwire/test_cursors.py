"""Cursors as PostgreSQL 15 has them: long random walks by FETCH and MOVE, on both servers; and what an open cursor holds."""

from __future__ import annotations

import random

import psycopg
import pytest

from fedgate import limits
from fedgate.executor.kept import ALL_MEMORY
from fedgate.executor.spool import ALL_DISK
from tests.conftest import PostgresServer

BARE = ["NEXT", "PRIOR", "FIRST", "LAST", "FORWARD", "BACKWARD", "ALL", "FORWARD ALL", "BACKWARD ALL"]
COUNTED = ["", "ABSOLUTE ", "RELATIVE ", "FORWARD ", "BACKWARD "]
QUERIES = (
    "SELECT n, 'row ' || n FROM generate_series(1, 23) AS n ORDER BY n DESC",
    "SELECT n FROM generate_series(1, 1) AS n ORDER BY n",
    "SELECT n FROM generate_series(1, 0) AS n ORDER BY n",
    "SELECT n FROM generate_series(1, 40000) AS n ORDER BY n",
)


def walk(seed: int) -> list[str]:
    """Statements of one transaction: a cursor and a walk over it. A savepoint before each step outlives its error."""
    dice = random.Random(seed)
    scroll = dice.choice(["SCROLL", "SCROLL", "NO SCROLL"])
    out = ["BEGIN", f"DECLARE c {scroll} CURSOR FOR {dice.choice(QUERIES)}"]
    for _ in range(30):
        number = dice.choice([-30, -3, -2, -1, 0, 1, 2, 3, 5, 24, 39_999])
        step = dice.choice([*BARE, *(f"{word}{number}" for word in COUNTED * 2)])
        out += ["SAVEPOINT s", f"{dice.choice(['FETCH', 'FETCH', 'MOVE'])} {step} FROM c"]
    return [*out, "CLOSE c", "ROLLBACK"]


def answers(dsn: str, statements: list[str]) -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            try:
                done = connection.execute(statement)
            except psycopg.Error as error:
                connection.execute("ROLLBACK TO s")
                out.append((statement, (error.sqlstate, error.diag.message_primary, error.diag.message_hint)))
                continue
            rows = done.fetchall() if done.description else []
            shown = rows if len(rows) < 100 else (len(rows), rows[:3], rows[-3:], hash(tuple(rows)))
            out.append((statement, (done.statusmessage, shown)))
    return out


@pytest.mark.parametrize("seed", range(12))
def test_a_walk_ends_where_postgresql_ends(seed: int, postgres: PostgresServer, gateway: str) -> None:
    statements = walk(seed)
    assert answers(gateway, statements) == answers(postgres.dsn, statements)


def test_walks_meet_what_they_are_to_meet() -> None:
    text = "\n".join(s for seed in range(12) for s in walk(seed))
    assert all(f" {step} FROM c" in text for step in BARE)
    assert all(word in text for word in COUNTED)
    assert "NO SCROLL" in text


def test_rows_behind_and_ahead_go_to_disk_and_come_back(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (ALL_MEMORY.used_bytes, ALL_DISK.used_bytes)
    with psycopg.connect(gateway) as connection, connection.cursor("c", scrollable=True) as cursor:
        cursor.execute("SELECT n, repeat('x', 1000) FROM generate_series(1, 30000) AS n ORDER BY n DESC")
        assert cursor.fetchone() == (30_000, "x" * 1000)
        cursor.scroll(29_999, mode="absolute")
        assert [row[0] for row in cursor.fetchall()] == [1]
        assert ALL_MEMORY.used_bytes - before[0] <= limits.CURSOR_MEMORY_BYTES_MAX
        assert ALL_DISK.used_bytes - before[1] > 10 * limits.MIB
        cursor.scroll(0, mode="absolute")
        assert sum(row[0] for row in cursor) == 30_000 * 30_001 // 2
    assert (ALL_MEMORY.used_bytes, ALL_DISK.used_bytes) == before


def test_more_rows_than_the_disk_may_hold_are_an_error_of_the_fetch(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ALL_DISK, "_limit", ALL_DISK.used_bytes + limits.MIB)
    with psycopg.connect(gateway) as connection:
        connection.execute("DECLARE c SCROLL CURSOR FOR SELECT repeat('x', 1000) FROM generate_series(1, 30000) AS n ORDER BY n")
        with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):
            connection.execute("MOVE LAST FROM c")
        connection.rollback()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_cursor_declared_neither_way_scrolls_while_that_costs_little(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(gateway) as connection:
        connection.execute("DECLARE c CURSOR FOR SELECT n FROM generate_series(1, 40000) AS n ORDER BY n")
        assert connection.execute("FETCH LAST FROM c").fetchall() == [(40_000,)]
        assert connection.execute("FETCH FIRST FROM c").fetchall() == [(1,)]
        monkeypatch.setattr(limits, "CURSOR_BEHIND_BYTES_MAX", 1000)
        connection.execute("MOVE FORWARD 20000 FROM c")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="can only scan forward"):
            connection.execute("FETCH PRIOR FROM c")


def test_a_portal_that_waits_is_read_to_its_end(gateway: str) -> None:
    with psycopg.connect(gateway) as connection, connection.cursor() as cursor:
        rows = list(cursor.stream("SELECT n FROM generate_series(1, 50000) AS n ORDER BY n", size=1000))
        assert rows == [(n,) for n in range(1, 50_001)]


def test_a_cursor_with_hold_goes_on_from_disk(gateway: str) -> None:
    with psycopg.connect(gateway, autocommit=True) as connection:
        cursor = connection.cursor("h", withhold=True, scrollable=True)
        cursor.execute("SELECT n, repeat('y', 900) FROM generate_series(1, 30000) AS n ORDER BY n")
        assert len(cursor.fetchmany(7)) == 7
        assert sum(1 for _ in cursor) == 29_993
        cursor.scroll(-2)
        assert [row[0] for row in cursor.fetchall()] == [30_000]
        cursor.close()


def test_a_cursor_that_waits_for_its_client_does_not_time_out(gateway: str) -> None:
    with psycopg.connect(gateway) as connection:
        connection.execute("SET statement_timeout = '100ms'")
        connection.execute("DECLARE c CURSOR FOR SELECT n FROM generate_series(1, 3) AS n ORDER BY n")
        with psycopg.connect(gateway, autocommit=True) as other:
            assert other.execute(
                "SELECT count(*) FROM generate_series(1, 30000000) AS n WHERE n % 7 = 1"
            ).fetchall()  # longer than the timeout of the waiting one
        assert connection.execute("FETCH ALL FROM c").fetchall() == [(1,), (2,), (3,)]
