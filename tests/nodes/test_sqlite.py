"""SQLite nodes: every storage class into every carrier, what is refused, whose fault it is, snapshots, writers and cancel."""

from __future__ import annotations

import datetime
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from fedgate.errors import SqlError
from fedgate.nodes.engines import engine
from tests.nodes.helpers import field, fragment, node, rows

UTC = datetime.UTC
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(*statements: str, wal: bool = False) -> Path:
        path = tmp_path / "a.db"
        connection = sqlite3.connect(path)
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path

    return build


def one(make: Make, literal: str, arrow: pa.DataType, **metadata: object) -> object:
    """The value that SQLite stores for `literal`, in the carrier."""
    path = make("CREATE TABLE t (v)", f"INSERT INTO t VALUES ({literal}), (NULL)")
    (found,) = rows(node("sqlite", path), fragment("SELECT v FROM t", field("c1", arrow, column="v", **metadata)))
    assert found[1] == (None,)
    return found[0][0]


TZ = pa.timestamp("us", tz="UTC")


@pytest.mark.parametrize(
    ("literal", "arrow", "oid", "expected"),
    [
        ("1", pa.bool_(), 16, True),
        ("'false'", pa.bool_(), 16, False),
        ("-32768", pa.int16(), 21, -32768),
        ("9223372036854775807", pa.int64(), 20, 2**63 - 1),
        ("9007199254740993", pa.float64(), 701, 9007199254740992.0),
        ("1e999", pa.float64(), 701, float("inf")),
        ("1.5", pa.float32(), 700, 1.5),
        ("3", pa.decimal128(12, 4), 1700, Decimal("3.0000")),
        ("0.1", pa.decimal128(12, 4), 1700, Decimal("0.1000")),
        ("2.00005", pa.decimal128(12, 4), 1700, Decimal("2.0001")),
        ("'12345678.1234'", pa.decimal128(12, 4), 1700, Decimal("12345678.1234")),
        ("'1.50'", pa.string(), 1700, "1.50"),
        ("7", pa.string(), 1700, "7"),
        ("'nan'", pa.string(), 1700, "NaN"),
        ("'é'", pa.string(), 25, "é"),
        ("x'00ff'", pa.binary(), 17, b"\x00\xff"),
        ("'2024-02-29'", pa.date32(), 1082, datetime.date(2024, 2, 29)),
        ("19000", pa.date32(), 1082, datetime.date(2022, 1, 8)),
        ("'2024-03-01T10:00:00Z'", TZ, 1184, datetime.datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("'2024-03-01 10:00:00.25+02:00'", TZ, 1184, datetime.datetime(2024, 3, 1, 8, 0, 0, 250000, tzinfo=UTC)),
        ("'2024-03-01 10:00:00'", TZ, 1184, datetime.datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("1700000000000000", TZ, 1184, datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("'2024-03-01 10:00:00'", pa.timestamp("us"), 1114, datetime.datetime(2024, 3, 1, 10)),
        ("'10:11:12.5'", pa.time64("us"), 1083, datetime.time(10, 11, 12, 500000)),
        ("'1 mon 2 days 00:00:03'", pa.month_day_nano_interval(), 1186, (1, 2, 3_000_000_000)),
        ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", pa.string(), 2950, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("x'a0eebc999c0b4ef8bb6d6bb9bd380a11'", pa.string(), 2950, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ('\'{"b":1, "a": 2}\'', pa.string(), 114, '{"b":1, "a": 2}'),
        ('\'{"b":1, "a": 2}\'', pa.string(), 3802, '{"a": 2, "b": 1}'),
        ("'[1, null, 3]'", pa.list_(pa.int32()), 1007, [1, None, 3]),
        ("'[true, false]'", pa.list_(pa.bool_()), 1000, [True, False]),
        ('\'["a", "b"]\'', pa.list_(pa.string()), 1009, ["a", "b"]),
    ],
)
def test_stored_values(make: Make, literal: str, arrow: pa.DataType, oid: int, expected: object) -> None:
    assert one(make, literal, arrow, oid=oid) == expected


def test_zone_of_local_text(make: Make) -> None:
    for text, hour in (("2024-07-01 10:00:00", 8), ("2024-01-01 10:00:00", 9), ("2024-01-01 10:00:00Z", 10)):
        found = one(make, f"'{text}'", TZ, oid=1184, zone="Europe/Berlin")
        assert found == datetime.datetime.fromisoformat(text[:10]).replace(hour=hour, tzinfo=UTC)
        (Path(make()).unlink())


@pytest.mark.parametrize(
    ("literal", "arrow", "oid", "state"),
    [
        ("2", pa.bool_(), 16, "22P02"),
        ("'t'", pa.bool_(), 16, "22P02"),
        ("32768", pa.int16(), 21, "22003"),
        ("1.0", pa.int64(), 20, "22P02"),
        ("'1'", pa.int32(), 23, "22P02"),
        ("'n/a'", pa.float64(), 701, "22P02"),
        ("1e39", pa.float32(), 700, "22003"),
        ("1e8", pa.decimal128(12, 4), 1700, "22003"),
        ("'nan'", pa.decimal128(12, 4), 1700, "22003"),
        ("'1x'", pa.string(), 1700, "22P02"),
        ("5", pa.string(), 25, "22P02"),
        ("x'41'", pa.string(), 25, "22P02"),
        ("'a'", pa.binary(), 17, "22P02"),
        ("'2024-02-30'", pa.date32(), 1082, "22003"),
        ("'today'", pa.date32(), 1082, "22P02"),
        ("'now'", TZ, 1184, "22P02"),
        ("1.5", TZ, 1184, "22P02"),
        ("x'00'", TZ, 1184, "22P02"),
        ("90000000000", pa.time64("us"), 1083, "22003"),
        ("5", pa.month_day_nano_interval(), 1186, "22P02"),
        ("'xyz'", pa.string(), 2950, "22P02"),
        ("'{'", pa.string(), 3802, "22P02"),
        ("'[1, \"a\"]'", pa.list_(pa.int32()), 1007, "22P02"),
        ("'5'", pa.list_(pa.int32()), 1007, "22P02"),
    ],
)
def test_ill_typed_values_name_their_place(make: Make, literal: str, arrow: pa.DataType, oid: int, state: str) -> None:
    path = make("CREATE TABLE t (v)", f"INSERT INTO t VALUES (NULL), ({literal})")
    for sql in ("SELECT v, rowid FROM t", "SELECT v FROM t"):
        with pytest.raises(SqlError) as caught:
            rows(node("sqlite", path), fragment(sql, field("c1", arrow, column="temp", oid=oid)))
        assert caught.value.sqlstate == state
        assert caught.value.node == "n"
        for named in ('column "temp"', 'relation "t"', 'node "n"', "row 2"):
            assert named in caught.value.message


def test_guard_names_the_offender(make: Make) -> None:
    path = make("CREATE TABLE t (v)", "INSERT INTO t VALUES (1), ('n/a'), (3)")
    guarded = fragment(
        "SELECT sum(v) AS c1, count(*) FILTER (WHERE typeof(v) NOT IN ('integer', 'real')) AS guard FROM t",
        field("c1", pa.int64()),
        guard=True,
        offender_sql="SELECT 'temp', rowid, typeof(v), v FROM t WHERE typeof(v) = 'text' LIMIT 1",
    )
    with pytest.raises(SqlError, match=r'"n/a" is not a .*stored as text.*column "temp".*row 2') as caught:
        rows(node("sqlite", path), guarded)
    assert caught.value.sqlstate == "22P02"
    sound = fragment("SELECT count(*) AS c1, 0 AS guard FROM t", field("c1", pa.int64()), guard=True)
    assert rows(node("sqlite", path), sound) == [[(3,)]]


@pytest.mark.parametrize(
    ("literal", "state", "said"),
    [
        ("x'ff'", "22P02", "stored value x'ff' is not a text"),
        ("CAST(x'610062' AS TEXT)", "22021", r'stored value "a\x00b" holds a NUL character'),
        ("CAST(x'61ff' AS TEXT)", "22021", "stored value x'61ff' is not valid UTF-8"),
    ],
)
@pytest.mark.parametrize(
    ("sql", "guard"),
    [
        ("SELECT v AS c1 FROM t", False),
        ("SELECT v AS c1, (0) IS TRUE AS guard FROM t WHERE rowid > 1", True),
        ("SELECT max(v) AS c1, count(CASE WHEN typeof(v) = 'blob' THEN 1 END) AS guard FROM t WHERE v > 'a'", True),
    ],
)
def test_what_is_no_text_names_its_place(make: Make, literal: str, state: str, said: str, sql: str, guard: bool) -> None:
    """Whatever reads it; the error quotes neither SQL of ours nor Python, and no control character."""
    path = make("CREATE TABLE t (v)", f"INSERT INTO t VALUES ('a'), ({literal})")
    offender = "SELECT 'v', rowid, typeof(v), CAST(v AS TEXT) FROM t WHERE typeof(v) = 'blob' LIMIT 1" if guard else ""
    text = field("c1", pa.string(), column="v", oid=25)
    with pytest.raises(SqlError) as caught:
        rows(node("sqlite", path), fragment(sql, text, guard=guard, offender_sql=offender, relations=((None, "t"),)))
    error = caught.value
    assert error.sqlstate == state
    grouped = "count(" in sql
    if not (grouped and state == "22021" and "NUL" in said):  # a group's NUL is found in the group's value, which has no row
        for named in ('column "v"', 'relation "t"', 'node "n"', "row 2"):
            assert named in error.message
    assert error.message.startswith(said.removesuffix("a text") if grouped else said)
    assert "SELECT" not in error.message
    assert error.message.isprintable()


def test_held_by_its_writer(make: Make) -> None:
    path = make("CREATE TABLE t (v)")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SqlError) as caught:
        engine("sqlite").connect(node("sqlite", path), timeout_s=0.05)
    assert caught.value.sqlstate == "55006"
    writer.execute("ROLLBACK")
    writer.close()
    assert rows(node("sqlite", path), fragment("SELECT count(*) FROM t", ("c1", pa.int64()))) == [[(0,)]]


def test_one_snapshot_for_all_fragments_and_nothing_held_after(make: Make) -> None:
    path = make("CREATE TABLE t (v)", "INSERT INTO t VALUES (1)", wal=True)
    writer = sqlite3.connect(path, isolation_level=None)
    session = engine("sqlite").connect(node("sqlite", path), timeout_s=1)
    writer.execute("INSERT INTO t VALUES (2)")
    count = fragment("SELECT count(*) FROM t", ("c1", pa.int64()))
    for _ in range(2):
        assert [b.to_pydict() for b in session.run(count)] == [{"c1": [1]}]
    session.close()
    session.close()
    writer.close()
    assert rows(node("sqlite", path), count) == [[(2,)]]
    held = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
    assert not [h for h in held if h.startswith(str(path))]


def test_writes_are_refused(make: Make) -> None:
    path = make("CREATE TABLE t (v)")
    with pytest.raises(SqlError) as caught:
        rows(node("sqlite", path), fragment("INSERT INTO t VALUES (1) RETURNING v", ("c1", pa.int64())))
    assert caught.value.node == "n"
    assert rows(node("sqlite", path), fragment("SELECT count(*) FROM t", ("c1", pa.int64()))) == [[(0,)]]


def test_cancel_stops_an_aggregate(make: Make) -> None:
    path = make("CREATE TABLE t (v)")
    endless = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r"
    session = engine("sqlite").connect(node("sqlite", path), timeout_s=1)
    threading.Timer(0.1, session.cancel).start()
    began = time.monotonic()
    with pytest.raises(SqlError) as caught:
        list(session.run(fragment(endless, ("c1", pa.int64()))))
    assert caught.value.sqlstate == "57014"
    assert time.monotonic() - began < 1
    session.close()


def test_cancel_before_the_statement_starts(make: Make) -> None:
    session = engine("sqlite").connect(node("sqlite", make("CREATE TABLE t (v)")), timeout_s=1)
    session.cancel()
    with pytest.raises(SqlError) as caught:
        list(session.run(fragment("SELECT 1", ("c1", pa.int64()))))
    assert caught.value.sqlstate == "57014"
    session.close()
