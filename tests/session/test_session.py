"""What a session does between statements: transactions, cursors, prepared statements, and what it tells of itself."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from tests.session.conftest import Asker


def fails(ask: Asker, script: str) -> str:
    with pytest.raises(SqlError) as raised:
        ask(script)
    ask.session.failed()
    return raised.value.sqlstate


def test_now_stands_still_in_a_transaction(ask: Asker) -> None:
    first = ask("BEGIN; SELECT now()")
    assert ask("SELECT now()") == first
    ask("COMMIT")
    assert ask("SELECT now()") != first


def test_an_error_aborts_the_block_until_it_ends(ask: Asker) -> None:
    ask("BEGIN")
    assert fails(ask, "SELECT nope FROM t") == "42703"
    assert ask.session.transaction.status == "E"
    assert fails(ask, "SELECT 1") == "25P02"
    ask("COMMIT")
    assert ask.tag == "ROLLBACK"
    assert ask("SELECT 1") == [("1",)]


def test_rollback_to_a_savepoint_revives_the_block(ask: Asker) -> None:
    ask("BEGIN; SAVEPOINT a")
    assert fails(ask, "SELECT 1/0") == "22012"
    ask("ROLLBACK TO a")
    assert ask("SELECT 1") == [("1",)]
    assert fails(ask, "ROLLBACK TO b") == "3B001"
    ask("ROLLBACK")


def test_a_cursor_is_read_in_pieces_and_ends_with_its_transaction(ask: Asker) -> None:
    ask("BEGIN; DECLARE c CURSOR FOR SELECT n FROM t ORDER BY n")
    assert ask("FETCH 2 FROM c") == [("1",), ("2",)]
    ask("MOVE 26 FROM c")
    assert ask.tag == "MOVE 26"
    assert ask("FETCH ALL FROM c") == [("29",), ("30",)]
    assert ask("FETCH 1 FROM c") == []
    ask("COMMIT")
    assert fails(ask, "FETCH 1 FROM c") == "34000"


def test_a_cursor_with_hold_outlives_its_transaction(ask: Asker) -> None:
    ask("BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT n FROM t ORDER BY n; FETCH 28 FROM c; COMMIT")
    assert ask("FETCH ALL FROM c") == [("29",), ("30",)]
    ask("CLOSE c")
    assert fails(ask, "FETCH 1 FROM c") == "34000"


def test_a_cursor_needs_a_transaction(ask: Asker) -> None:
    assert fails(ask, "DECLARE c CURSOR FOR SELECT 1") == "25P01"


def test_prepare_and_execute_evaluate_arguments(ask: Asker) -> None:
    ask("PREPARE p (int, text) AS SELECT n, name FROM t WHERE n = $1 OR name = $2 ORDER BY n")
    assert ask("EXECUTE p (1 + 1, 'name ' || 5)") == [("2", "name 2"), ("5", "name 5")]
    assert fails(ask, "EXECUTE p (1)") == "42601"
    assert fails(ask, "PREPARE p AS SELECT 1") == "42P05"
    ask("DEALLOCATE p")
    assert fails(ask, "EXECUTE p (1, 'x')") == "26000"


def test_writes_are_refused(ask: Asker) -> None:
    for statement in ("INSERT INTO t VALUES (1)", "DROP TABLE t", "CREATE TABLE x (a int)", "TRUNCATE t", "UPDATE t SET n = 1"):
        assert fails(ask, statement) == "25006"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("'-1'::numeric", "'-1.000'::numeric"),
        ("0::float8", "'-0'::float8"),
        ("'{1}'::numeric[]", "'{1.00}'::numeric[]"),
        ("8.0", "8.00"),
    ],
)
def test_equal_numbers_that_are_shown_differently_share_no_plan(ask: Asker, first: str, second: str) -> None:
    ask(f"SELECT {first}")
    assert ask(f"SELECT {second}") == [(second.split("'")[1] if "'" in second else second,)]


def test_a_zone_of_hours_and_minutes_counts_west(ask: Asker) -> None:
    ask("SET TimeZone = '-02:00'")
    assert ask("SELECT '2000-01-01'::timestamptz AT TIME ZONE 'UTC'") == [("1999-12-31 22:00:00",)]


def test_set_config_sets(ask: Asker) -> None:
    assert ask("SELECT set_config('statement_timeout', '7s', false)") == [("7s",)]
    assert ask("SHOW statement_timeout") == [("7s",)]
    assert fails(ask, "SELECT set_config(name, '1', false) FROM t") == "0A000"
    ask("PREPARE p (text, text, bool) AS SELECT set_config($1, $2, $3)")
    assert ask("EXECUTE p ('statement_timeout', '8s', false)") == [("8s",)]


def test_pg_sleep_waits_where_it_is_clear_that_it_does(ask: Asker) -> None:
    assert ask("SELECT pg_sleep(0), 1 AS one") == [("", "1")]
    assert ask("SELECT count(*) FROM pg_sleep(0.001)") == [("1",)]
    assert ask("SELECT pg_sleep(NULL)") == [(None,)]
    assert ask("SELECT ARRAY[pg_sleep(0)::text], ROW(pg_sleep(0), 1)") == [('{""}', '("",1)')]
    for text in ("pg_sleep(1) FROM t", "pg_sleep(1) LIMIT 0", "CASE WHEN false THEN pg_sleep(1) END", "(SELECT pg_sleep(1))"):
        assert fails(ask, f"SELECT {text}") == "0A000"


def test_pg_sleep_ends_by_statement_timeout(ask: Asker) -> None:
    ask("SET statement_timeout = '10ms'")
    assert fails(ask, "SELECT pg_sleep(1000)") == "57014"


def test_there_is_no_two_phase_commit(ask: Asker) -> None:
    assert fails(ask, "PREPARE TRANSACTION 'x'") == "55000"


def test_transactions_warn_as_postgresql_does(ask: Asker) -> None:
    ask("BEGIN; BEGIN; COMMIT; COMMIT")
    assert [n.sqlstate for n in ask.session.take_notices()] == ["25001", "25P01"]


@pytest.mark.parametrize(("name", "value"), [("isolation", "serializable"), ("read_only", "on"), ("deferrable", "on")])
def test_a_transaction_begins_with_the_sessions_defaults_and_keeps_them(ask: Asker, name: str, value: str) -> None:
    ask(f"SET default_transaction_{name} = '{value}'")
    ask("BEGIN")
    ask(f"RESET default_transaction_{name}")
    assert ask(f"SHOW transaction_{name}") == [(value,)]
    ask("COMMIT")
    assert ask(f"SHOW transaction_{name}") != [(value,)]


def test_the_last_query_and_its_nodes_are_told(ask: Asker) -> None:
    ask("SELECT count(*) FROM t")
    assert ask("SELECT node, state, rows FROM fedgate.last_query_nodes") == [("n1", "done", "1")]
    assert ask("SELECT state, rows FROM fedgate.queries WHERE query = 'SELECT count(*) FROM t'")[-1:] == [("done", "1")]


def test_only_the_database_fedgate_exists(engine: Engine) -> None:
    with pytest.raises(SqlError) as raised:
        Session(engine, user="ana", database="postgres")
    assert raised.value.sqlstate == "3D000"
    assert "fedgate" in (raised.value.hint or "")


def test_cancel_without_a_statement_does_nothing(ask: Asker) -> None:
    ask.session.cancel()
    assert ask("SELECT 1") == [("1",)]
