"""PostgreSQL nodes: every type into its carrier, one snapshot a session, errors, cancel, connections used again."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from fedgate.catalog.model import Node
from fedgate.errors import BEYOND_DIGITS, SqlError
from fedgate.nodes import postgres as room
from fedgate.nodes.dialects.postgres import shown
from fedgate.nodes.engines import engine
from fedgate.types import SqlType
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY
from tests.conftest import PostgresServer
from tests.nodes.helpers import fragment, node, rows

TS, TZ = pa.timestamp("us"), pa.timestamp("us", tz="UTC")


@pytest.fixture
def server(postgres: PostgresServer) -> Iterator[Node]:
    yield node("postgres", postgres.dsn)
    room.IDLE.clear()


@pytest.mark.parametrize(
    ("sql", "arrow", "expected"),
    [
        ("1::int2", pa.int16(), 1),
        ("1::int8", pa.int32(), 1),
        ("'Infinity'::float8", pa.float64(), float("inf")),
        ("1.5::float4", pa.float32(), 1.5),
        ("true", pa.bool_(), True),
        ("'é'::text", pa.string(), "é"),
        ("'a'::char(3)", pa.string(), "a  "),
        ("1.50::numeric(12,4)", pa.decimal128(12, 4), Decimal("1.5000")),
        ("1.50::numeric", pa.string(), "1.50"),
        ("1e-7::numeric", pa.string(), "0.0000001"),
        ("12345678901234567890123456789012345678901234.5::numeric", pa.string(), "12345678901234567890123456789012345678901234.5"),
        ("'nan'::numeric", pa.string(), "NaN"),
        ("'-infinity'::numeric", pa.string(), "-Infinity"),
        ("'\\x00ff'::bytea", pa.binary(), b"\x00\xff"),
        ("date '2024-02-29'", pa.date32(), datetime.date(2024, 2, 29)),
        ("timestamp '2024-01-01 10:00:00.5'", TS, datetime.datetime(2024, 1, 1, 10, 0, 0, 500000)),
        ("timestamptz '2024-01-01 10:00+02'", TZ, datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.UTC)),
        ("time '10:00:01'", pa.time64("us"), datetime.time(10, 0, 1)),
        ("interval '1 mon 2 days 3 sec'", pa.month_day_nano_interval(), (1, 2, 3_000_000_000)),
        ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", pa.string(), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ('\'{"b": 1,"a":2}\'::json', pa.string(), '{"b": 1,"a":2}'),
        ('\'{"b": 1,"a":2}\'::jsonb', pa.string(), '{"a": 2, "b": 1}'),
        ("array[1, null, 3]", pa.list_(pa.int32()), [1, None, 3]),
        ("array['a', null]", pa.list_(pa.string()), ["a", None]),
        ("array[1.5, 'nan']::numeric[]", pa.list_(pa.string()), ["1.5", "NaN"]),
    ],
)
def test_types(server: Node, sql: str, arrow: pa.DataType, expected: object) -> None:
    some = fragment(f"SELECT v FROM (VALUES (1, {sql}), (2, NULL)) AS t (i, v) ORDER BY i", ("c1", arrow))
    assert rows(server, some) == [[(expected,), (None,)]]


def test_infinite_times(server: Node) -> None:
    some = fragment(
        "SELECT v::date, v::timestamp, v FROM (VALUES (1, 'infinity'::timestamptz), (2, '-infinity'),"
        " (3, '1970-01-02 00:00+00')) t (i, v) ORDER BY i",
        ("c1", pa.date32()),
        ("c2", TS),
        ("c3", TZ),
    )
    session = engine("postgres").connect(server, timeout_s=3)
    (batch,) = list(session.run(some))
    session.close()
    assert batch.schema == some.schema
    day = 86_400_000_000
    assert batch.column(0).view(pa.int32()).to_pylist() == [DATE_INFINITY, -DATE_INFINITY, 1]
    for i in (1, 2):
        assert batch.column(i).view(pa.int64()).to_pylist() == [TIMESTAMP_INFINITY, -TIMESTAMP_INFINITY, day]


@pytest.mark.parametrize(
    "value", ["'294270-01-01'::timestamptz", "array['294270-01-01'::timestamptz]", "'3000000 hours'::interval"]
)
def test_times_without_a_carrier_are_refused(server: Node, value: str) -> None:
    """The driver would wrap the timestamp around to 290286 BC."""
    carrier = pa.month_day_nano_interval() if "hours" in value else pa.list_(TZ) if "array" in value else TZ
    with pytest.raises(SqlError, match=r"after 294247|more than 2562047 hours") as caught:
        rows(server, fragment(f"SELECT {value}", ("c1", carrier)))
    assert caught.value.sqlstate == "0A000"


def test_numeric_nan_is_not_a_decimal(server: Node) -> None:
    with pytest.raises(SqlError, match='node "n"') as caught:
        rows(server, fragment("SELECT 'nan'::numeric(12,4)", ("c1", pa.decimal128(12, 4))))
    assert caught.value.sqlstate == "0A000"


@pytest.mark.parametrize(
    ("value", "said"), [("1e38", BEYOND_DIGITS), ("-1e37::numeric(42,2)", BEYOND_DIGITS), ("1.5", "stored value")]
)
def test_numbers_that_are_no_decimals(server: Node, value: str, said: str) -> None:
    """Of too many digits, of which the executor knows another way, and of too many behind the point."""
    with pytest.raises(SqlError, match=said):
        rows(server, fragment(f"SELECT {value}::numeric", ("c1", pa.decimal128(38, 0 if said == "stored value" else 2))))


@pytest.mark.parametrize("value", ["{{1,2},{3,4}}", "[0:1]={1,2}", "{{NULL}}"])
@pytest.mark.parametrize(("oid", "name"), [(1007, "int4[]"), (1009, "text[]"), (1231, "numeric[]")])
def test_arrays_that_are_no_lists_are_refused(server: Node, value: str, oid: int, name: str) -> None:
    carrier = pa.list_(pa.int32() if oid == 1007 else pa.string())
    sent = shown("t.v", SqlType(oid), carrier)
    some = f"SELECT {sent} FROM (VALUES (1, '{{1,2}}'::{name}), (2, '{{}}'), (3, NULL), (4, '{value}')) AS t (i, v)"
    plain = [1, 2] if oid == 1007 else ["1", "2"]
    assert rows(server, fragment(f"{some} WHERE i < 4 ORDER BY i", ("c1", carrier))) == [[(plain,), ([],), (None,)]]
    with pytest.raises(SqlError, match=r'^node "n": arrays of several dimensions') as caught:
        rows(server, fragment(some, ("c1", carrier)))
    assert caught.value.sqlstate == "0A000"


def test_settings_of_the_session(server: Node) -> None:
    names = ("TimeZone", "DateStyle", "transaction_isolation", "transaction_read_only")
    shown = ", ".join(f"current_setting('{name}')" for name in names)
    found = rows(server, fragment(f"SELECT {shown}", *((f"c{i}", pa.string()) for i in range(4))))
    assert found == [[("UTC", "ISO, MDY", "repeatable read", "on")]]


def test_one_snapshot_for_all_fragments(server: Node, postgres: PostgresServer) -> None:
    count = fragment("SELECT count(*) FROM seen", ("c1", pa.int64()))
    dsn = postgres.create_database("snapshot")
    where = node("postgres", dsn)
    with psycopg.connect(dsn, autocommit=True) as writer:
        writer.execute("CREATE TABLE seen AS SELECT 1 AS i")
        session = engine("postgres").connect(where, timeout_s=3)
        assert [b.to_pydict() for b in session.run(count)] == [{"c1": [1]}]
        writer.execute("INSERT INTO seen VALUES (2)")
        assert [b.to_pydict() for b in session.run(count)] == [{"c1": [1]}]
        session.close()
        assert rows(where, count) == [[(2,)]]
        (open_transactions,) = writer.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'fedgate' AND xact_start IS NOT NULL AND datname = current_database()"
        ).fetchone() or (None,)
        assert open_transactions == 0


def test_connections_are_used_again_unless_they_failed(server: Node) -> None:
    pid = fragment("SELECT pg_backend_pid()", ("c1", pa.int32()))
    first = rows(server, pid)
    assert rows(server, pid) == first
    with pytest.raises(SqlError) as caught:
        rows(server, fragment("SELECT 1 / 0", ("c1", pa.int32())))
    assert (caught.value.sqlstate, caught.value.node) == ("22012", "n")
    assert 'node "n"' in caught.value.message
    assert rows(server, pid) != first


def test_an_error_after_the_first_rows_keeps_its_state(server: Node) -> None:
    text = "SELECT 1 / (i - 90000) AS c1 FROM generate_series(1, 100000) i"
    with pytest.raises(SqlError, match=r'^node "n": division by zero$') as caught:
        rows(server, fragment(text, ("c1", pa.int32())))
    assert (caught.value.sqlstate, caught.value.node) == ("22012", "n")
    with pytest.raises(SqlError, match='node "n": invalid input syntax for type integer: "x"') as caught:
        rows(
            server, fragment("SELECT CASE WHEN i > 9 THEN 'x' ELSE '1' END::int FROM generate_series(1, 10) i", ("c1", pa.int32()))
        )
    assert caught.value.sqlstate == "22P02"


def test_a_connection_that_the_server_closed_is_replaced(server: Node, postgres: PostgresServer) -> None:
    [[(pid,)]] = rows(server, fragment("SELECT pg_backend_pid()", ("c1", pa.int32())))
    with postgres.connect() as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        while admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone():
            pass
    assert rows(server, fragment("SELECT 1", ("c1", pa.int32()))) == [[(1,)]]


def test_a_killed_backend_is_a_lost_connection(server: Node, postgres: PostgresServer) -> None:
    session = engine("postgres").connect(server, timeout_s=3)
    ((pid,),) = [tuple(b.column(0).to_pylist()) for b in session.run(fragment("SELECT pg_backend_pid()", ("c1", pa.int32())))]
    batches = session.run(
        fragment("SELECT i, repeat('x', 1000) FROM generate_series(1, 1000000) i", ("c1", pa.int32()), ("c2", pa.string()))
    )
    next(batches)
    with postgres.connect() as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(SqlError) as caught:
        list(batches)
    assert (caught.value.sqlstate, caught.value.node) == ("08006", "n")
    session.close()


def test_unreachable(server: Node) -> None:
    for url in ("postgresql://127.0.0.1:1/x", "postgresql:///x?host=/nonexistent"):
        with pytest.raises(SqlError, match='could not connect to node "n"') as caught:
            engine("postgres").connect(node("postgres", url), timeout_s=1)
        assert caught.value.sqlstate == "08001"


def test_missing_database(server: Node) -> None:
    with pytest.raises(SqlError) as caught:
        engine("postgres").connect(node("postgres", f"{server.url} dbname=nothere"), timeout_s=1)
    assert caught.value.sqlstate in ("3D000", "08001")
    assert "nothere" in caught.value.message


def test_cancel_stops_the_statement_at_the_server(server: Node, postgres: PostgresServer) -> None:
    session = engine("postgres").connect(server, timeout_s=3)
    threading.Timer(0.1, session.cancel).start()
    began = time.monotonic()
    with pytest.raises(SqlError) as caught:
        list(session.run(fragment("SELECT pg_sleep(30)::text", ("c1", pa.string()))))
    assert caught.value.sqlstate == "57014"
    assert time.monotonic() - began < 1
    session.close()
    with postgres.connect() as admin:
        assert (
            admin.execute(
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND pid <> pg_backend_pid()"
            ).fetchone()
            is None
        )


def test_secrets_are_references(monkeypatch: pytest.MonkeyPatch) -> None:
    where = Node("n", "postgres", "postgresql://someone@127.0.0.1/x", credentials={"password": "env:FEDGATE_SECRET_N"})
    monkeypatch.delenv("FEDGATE_SECRET_N", raising=False)
    with pytest.raises(SqlError, match="FEDGATE_SECRET_N"):
        room.conninfo(where, 3)
    monkeypatch.setenv("FEDGATE_SECRET_N", "it's secret")
    assert "password='it\\'s secret'" in room.conninfo(where, 3)
    monkeypatch.setenv("OTHER", "x")
    with pytest.raises(SqlError, match="not available"):
        room.conninfo(Node("n", "postgres", "", credentials={"password": "env:OTHER"}), 3)


def test_a_cancelled_connection_is_not_used_again(server: Node) -> None:
    """The server may act on a cancel after the statement has ended: the next session must not get it."""
    pid = fragment("SELECT pg_backend_pid()", ("c1", pa.int32()))
    session = engine("postgres").connect(server, timeout_s=3)
    first = [b.column(0).to_pylist() for b in session.run(pid)]
    session.cancel()
    session.close()
    assert [[tuple(row) for row in first]] != rows(server, pid)
    session.cancel()  # long gone: nothing happens
