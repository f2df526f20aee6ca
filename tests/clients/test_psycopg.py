"""psycopg 3 by every way that it has into a server: text and binary, prepared, pipelined, by server cursors and streams."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Json, Jsonb

from tests.clients.conftest import Pair

Connection = psycopg.Connection
Both = tuple[Connection, Connection]
UTC = dt.UTC


def same(both: Both, step: Callable[[Connection], Any]) -> Any:
    """What the step gives on fedgate, which has to be what it gives on PostgreSQL."""
    expected, actual = (_outcome(connection, step) for connection in both)
    assert repr(actual) == repr(expected)
    return actual


def _outcome(connection: Connection, step: Callable[[Connection], Any]) -> Any:
    try:
        return step(connection)
    except psycopg.Error as error:
        return type(error).__name__, error.sqlstate, error.diag.message_primary, error.diag.statement_position


VALUES: dict[str, list[Any]] = {
    "boolean": [True, False],
    "smallint": [1, -32768, 32767],
    "integer": [2**31 - 1, -(2**31)],
    "bigint": [2**63 - 1, -(2**63)],
    "real": [1.5, -0.0, float("inf"), float("nan"), 3.4e38, 1e-45],
    "double precision": [0.1, 1e308, 5e-324, float("-inf")],
    "numeric": [
        Decimal(text) for text in ("0", "1.50", "-3.0001", "NaN", "1e20", "12345678901234567890123456789012.5", "1e-20", "Infinity")
    ],
    "numeric(12,4)": [Decimal("1.23456"), Decimal("-99999999.9999"), Decimal("999999999")],
    "text": ["", "é東京😀", "a\\b'\"", "x" * 100_000],
    "varchar": ["abc"],
    "varchar(3)": ["abcdef", "ab"],
    "char(5)": ["ab", "abcdef"],
    "bytea": [b"", b"\x00\xff\\", bytes(range(256))],
    "date": [dt.date(2024, 2, 29), dt.date(1, 1, 1), dt.date(9999, 12, 31)],
    "time": [dt.time(0), dt.time(23, 59, 59, 999999)],
    "timestamp": [dt.datetime(2024, 3, 31, 2, 30, 0, 123456), dt.datetime(1, 1, 1)],
    "timestamp(3)": [dt.datetime(2024, 3, 31, 2, 30, 0, 123556)],
    "timestamptz": [
        dt.datetime(2024, 3, 31, 2, 30, 0, 1, tzinfo=UTC),
        dt.datetime(2024, 3, 31, 2, 30, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    ],
    "timestamptz(0)": [dt.datetime(2024, 3, 31, 2, 30, 0, 500001, tzinfo=UTC)],
    "interval": [dt.timedelta(0), dt.timedelta(days=-3, seconds=5, microseconds=7), dt.timedelta(days=400)],
    "uuid": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)],
    "json": [Json({"a": [1, 2, None, "é"]}), Json(None)],
    "jsonb": [Jsonb({"b": 1, "a": [1.50, True]}), Jsonb("x")],
}


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("placeholder", ["%s", "%t", "%b"])
@pytest.mark.parametrize("name", VALUES)
def test_values_go_both_ways(both: Both, name: str, placeholder: str, binary: bool) -> None:
    def ask(text: str, *parameters: object) -> Callable[[Connection], Any]:
        def step(c: Connection) -> Any:
            cursor = c.execute(text.replace("%s", placeholder), parameters, binary=binary)
            shape = [(d.name, d.type_code, d.internal_size, d.precision, d.scale, d.display_size) for d in cursor.description or ()]
            return cursor.fetchall(), shape

        return step

    for value in [*VALUES[name], None]:
        same(both, ask(f"select %s::{name} as v, pg_typeof(%s::{name})::text as t", value, value))
    plain = [value for value in VALUES[name] if not isinstance(value, Json | Jsonb)]
    for array in ([*plain, None], [], [None]) if plain else ():
        same(both, ask(f"select %s::{name}[] as v", array))
    if plain:
        same(both, ask(f"select %s::{name} = any(%s::{name}[]) as v", plain[0], plain))


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_stored_values(both: Both, binary: bool) -> None:
    rows = same(both, lambda c: c.execute("select * from readings order by site, ts, device, total", binary=binary).fetchall())
    assert len(rows) == 2000


def test_prepared_statements(both: Both) -> None:
    def step(c: Connection) -> Any:
        text = "select count(*) from readings where device = %s and temp > %s"
        return [c.execute(text, (device, 1.5), prepare=True).fetchone() for device in (1, 2, None, 4, 5)]

    same(both, step)


def test_the_port_is_the_one_connected_to(both: Both) -> None:
    for connection in both:
        assert connection.execute("SHOW port").fetchone() == (str(connection.info.port),)


def test_a_pipeline(both: Both) -> None:
    def step(c: Connection) -> Any:
        with c.pipeline():
            first = c.execute("select count(*) from readings where site = %s", ("s1",))
            second = c.execute("select 1")
            third = c.execute("select site from readings where device = %s order by ts limit 3", (1,))
            return first.fetchall(), second.fetchall(), third.fetchall()

    same(both, step)


def test_an_error_in_a_pipeline(both: Both) -> None:
    def step(c: Connection) -> Any:
        seen: list[Any] = []
        try:
            with c.pipeline() as pipeline:
                cursors = [c.execute("select 1")]
                pipeline.sync()
                cursors += [c.execute("select 1 / 0"), c.execute("select 3")]
                pipeline.sync()
                cursors.append(c.execute("select 4"))
                seen += [_outcome(c, lambda _, cursor=cursor: cursor.fetchall()) for cursor in cursors]  # type: ignore[misc]
        except psycopg.Error as error:
            seen.append(type(error).__name__)
        return seen, c.execute("select 5").fetchall()

    same(both, step)


def test_server_cursors(pair: Pair) -> None:
    def read(dsn: str) -> list[Any]:
        with psycopg.connect(dsn) as connection, connection.cursor(name="c1") as cursor:
            cursor.itersize = 7
            cursor.execute("select site, ts, temp from readings where site <> %s and device > %s order by 1, 2, 3", ("d1", 2))
            seen: list[Any] = [cursor.fetchone(), cursor.fetchmany(3)]
            cursor.scroll(5)
            return [*seen, cursor.fetchone(), list(cursor), [d.name for d in cursor.description or ()]]

    assert read(pair.fedgate) == read(pair.postgres)


@pytest.mark.parametrize("binary", [False, True])
def test_a_cursor_with_hold_outlives_its_transaction(pair: Pair, binary: bool) -> None:
    def read(dsn: str) -> list[Any]:
        with psycopg.connect(dsn) as connection:
            cursor = connection.cursor(name="h", withhold=True)
            cursor.execute("select site, price from readings order by site, ts limit %s", (5,), binary=binary)
            connection.commit()
            rows = cursor.fetchall()
            cursor.close()
            return rows

    assert read(pair.fedgate) == read(pair.postgres)


@pytest.mark.parametrize("size", [1, 50])
@pytest.mark.parametrize("binary", [False, True])
def test_streams(both: Both, binary: bool, size: int) -> None:
    if size > 1 and not psycopg.capabilities.has_stream_chunked():
        size = 1
    text = "select * from readings where site = %s order by ts, temp"
    same(both, lambda c: list(c.cursor(binary=binary).stream(text, ("p1",), size=size)))


def test_transactions_and_savepoints(pair: Pair) -> None:
    def run(dsn: str) -> list[Any]:
        seen: list[Any] = []
        with psycopg.connect(dsn) as connection:
            with connection.transaction():
                seen.append(connection.execute("select 1").fetchall())
                try:
                    with connection.transaction():
                        connection.execute("select 1 / 0")
                except errors.DivisionByZero as error:
                    seen += [error.sqlstate, error.diag.message_primary, error.diag.severity, error.diag.severity_nonlocalized]
                seen += [connection.info.transaction_status.name, connection.execute("select 2").fetchall()]
            for text in ("select nope from readings", "select 1"):
                try:
                    connection.execute(text)
                except psycopg.Error as error:
                    seen += [type(error).__name__, error.diag.statement_position, connection.info.transaction_status.name]
            connection.rollback()
            connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
            for name in ("transaction_isolation", "transaction_read_only"):
                seen += connection.execute(f"show {name}").fetchall()
        return seen

    assert run(pair.fedgate) == run(pair.postgres)


def test_notices(pair: Pair) -> None:
    """A stricter level is accepted, and what it does not mean here is said."""
    heard: list[str | None] = []
    with psycopg.connect(pair.fedgate, autocommit=True) as connection:
        connection.add_notice_handler(lambda diagnostic: heard.append(diagnostic.message_primary))
        connection.execute("commit")
        connection.execute("begin isolation level serializable")
        connection.execute("rollback")
    assert heard[0] == "there is no transaction in progress"
    assert "each statement sees every node at a moment of its own" in (heard[1] or "")


def test_cancel(pair: Pair) -> None:
    with psycopg.connect(pair.fedgate, autocommit=True) as connection, psycopg.connect(pair.fedgate, autocommit=True) as other:
        watch = threading.Thread(target=_cancel_when_running, args=(connection, other))
        watch.start()
        with pytest.raises(errors.QueryCanceled, match="canceling statement due to user request"):
            connection.execute("select count(*) from readings a, readings b, readings c")
        watch.join()
        assert connection.execute("select count(*) from readings").fetchone() == (2000,)


def _cancel_when_running(connection: Connection, other: Connection) -> None:
    text = "select count(*) from fedgate.queries where state = 'running' and query like 'select count(%readings c'"
    while other.execute(text).fetchone() != (1,):
        pass
    connection.cancel_safe()


@pytest.mark.parametrize(
    "text",
    [
        "selec", "select * from nope", "select nope from readings", "select readings.nope from readings",
        "select r.site from readings",
        "select 1 / 0", "select 'a'::int", "select lower(1, 2)", "select 1::nope", "select 'x' = 1",
        "select sum(site) from readings",
        "select site, count(*) from readings", "select 1 as a union select 'x'", "select (select 1 union select 2)",
        "select 9999999999 * 9999999999", "select 'x'::numeric(3,1)", "select 12345::numeric(3,1)", "select 'abc'::uuid",
        "select '{'::json", "select '2024-13-01'::date", "select interval 'x'", "select chr(0)", "select E'\\\\x0'::bytea",
        "select array[1, 'a']", "select current_date + 'x'", "select nope()", "set nope = 1", "show nope", "set work_mem = 'x'",
        "execute nope", "deallocate nope", "fetch c", "close c", "savepoint a", "rollback to a", "release a",
        "declare c cursor for select 1", "select nextval('x')", "insert into readings default values", "delete from readings",
        "update readings set site = 'x'", "create table x (a int)", "drop table readings", "create view v as select 1",
        "alter table readings add x int", "create temp table x (a int)", "create or replace view v as select 1",
        "truncate readings",
        "refresh materialized view x", "create unique index on readings (site)",
        "grant select on readings to x", "comment on table readings is 'x'",
    ],
)  # fmt: skip
def test_error_classes(both: Both, text: str) -> None:
    same(both, lambda c: c.execute(text).statusmessage)


@pytest.mark.parametrize(
    "text",
    ["discard all", "reset all", "close all", "unlisten *", "deallocate all", "select pg_advisory_unlock_all()",
     "reset session authorization", "set session authorization default", "reset role", "set role none",
     "set session characteristics as transaction isolation level read committed"],
)  # fmt: skip
def test_what_pools_send_between_clients(both: Both, text: str) -> None:
    same(both, lambda c: (c.execute(text).statusmessage, c.execute("select 1").fetchall()))
