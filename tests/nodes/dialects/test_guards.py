"""SQLite takes any value in any column: none may be summed, compared, grouped or dropped in silence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fedgate.catalog.model import LocalColumn
from fedgate.errors import SqlError
from fedgate.nodes.dialects.sqlite_columns import stored
from fedgate.types import parse_type
from tests.nodes.dialects.bench import Answer, Bench, OneTable, Place, encoded, table, write_sqlite

COLUMNS = {"k": "integer", "temp": "double precision", "site": "text", "ok": "boolean", "day": "date", "ts": "timestamptz"}
GOOD = [(1, 10.0, "a", 1, "2024-01-01", 100), (2, 30, "b", 0, "2024-01-02", 200), (3, None, None, None, None, None)]
DECLARED = {"k": "INTEGER", "temp": "", "site": "", "ok": "", "day": "", "ts": ""}


def _bench(tmp_path: Path, *rows: tuple[object, ...], declared: dict[str, str] | None = None) -> Bench:
    target = table("t", COLUMNS)
    path = tmp_path / "g.sqlite"
    write_sqlite(path, "t", declared or DECLARED, [*GOOD, *rows])
    maps = {"ts": encoded("ts", "timestamptz", "unix_s")}
    return Bench(OneTable({"t": target}), {"t": Place.of(target, "sqlite", str(path), "t", maps)})


BAD_ROWS: dict[str, tuple[object, ...]] = {
    "temp": (4, "n/a", "c", 1, "2024-01-03", 300),
    "site": (4, 1.0, 77, 1, "2024-01-03", 300),
    "ok": (4, 1.0, "c", 2, "2024-01-03", 300),
    "day": (4, 1.0, "c", 1, "2024-02-30", 300),
    "ts": (4, 1.0, "c", 1, "2024-01-03", "2024-01-01T00:00:00Z"),
    "k": ("four", 1.0, "c", 1, "2024-01-03", 300),
}
# Each statement looks at the column that the key names.
STATEMENTS = {
    "temp": (
        "SELECT sum(temp) FROM t",
        "SELECT count(*) FROM t WHERE temp < 20",
        "SELECT count(*) FROM t WHERE temp = 10",
        "SELECT max(temp) FROM t",
        "SELECT site, min(temp) FROM t GROUP BY site",
        "SELECT k FROM t ORDER BY temp LIMIT 1",
        "SELECT k FROM t WHERE temp < 20 AND upper(site) = 'A'",
        "SELECT temp FROM t",
        "SELECT count(*) FROM t WHERE temp * 2 < 20",
        "SELECT DISTINCT ON (site) site, k FROM t ORDER BY site, temp",
        "SELECT DISTINCT ON (temp) k FROM t ORDER BY temp, site",
        "SELECT k FROM (SELECT k, row_number() OVER (ORDER BY temp) AS n FROM t) q WHERE n = 1",
        "SELECT k FROM (SELECT k, rank() OVER (PARTITION BY temp) AS n FROM t WHERE temp < 1) q WHERE n > 7",
        "SELECT site, max(temp) FROM t GROUP BY site HAVING max(temp) < 20",
        "SELECT site FROM t GROUP BY site HAVING min(temp) > 1000 ORDER BY site LIMIT 1",
        "SELECT site, count(*) FROM t GROUP BY site ORDER BY min(temp) DESC NULLS LAST LIMIT 1",
    ),
    "site": (
        "SELECT count(*) FROM t WHERE site > 'x'",
        "SELECT count(*) FROM t WHERE site = 'x'",
        "SELECT site, count(*) FROM t GROUP BY site",
        "SELECT DISTINCT site FROM t",
        "SELECT max(site) FROM t",
        "SELECT k FROM t ORDER BY site DESC NULLS LAST LIMIT 1",
        "SELECT k FROM t WHERE site LIKE 'z%'",
    ),
    "ok": ("SELECT count(*) FROM t WHERE NOT ok", "SELECT bool_and(ok) FROM t", "SELECT ok, count(*) FROM t GROUP BY ok"),
    "day": ("SELECT max(day) FROM t", "SELECT count(*) FROM t WHERE day < '2020-01-01'"),
    "ts": (
        "SELECT max(ts) FROM t",
        "SELECT count(*) FROM t WHERE ts < '1970-01-02'",
        "SELECT date_trunc('hour', ts), count(*) FROM t GROUP BY 1",
        "SELECT ts FROM t",
        "SELECT k FROM t WHERE ts < '1970-01-02'",
    ),
    "k": ("SELECT sum(k) FROM t", "SELECT count(*) FROM t WHERE k < 0", "SELECT count(*) FROM t WHERE k = 5"),
}
CASES = [(column, sql) for column, texts in STATEMENTS.items() for sql in texts]


@pytest.mark.parametrize(("column", "sql"), CASES)
def test_an_ill_typed_value_is_an_error_that_names_it(tmp_path: Path, column: str, sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        _bench(tmp_path, BAD_ROWS[column]).run(sql)
    assert caught.value.sqlstate in ("22P02", "22003")
    assert f'column "{column}"' in caught.value.message
    assert caught.value.node == "sqlite1"


@pytest.mark.parametrize(("column", "sql"), CASES)
def test_the_same_without_the_value_is_none(tmp_path: Path, column: str, sql: str) -> None:
    assert isinstance(_bench(tmp_path).run(sql), Answer)


def test_a_guard_looks_only_at_the_rows_that_exact_filters_leave(tmp_path: Path) -> None:
    bench = _bench(tmp_path, BAD_ROWS["temp"])
    assert bench.run("SELECT sum(temp) FROM t WHERE site < 'c'").rows == [("40",)]
    assert bench.run("SELECT count(*) FROM t WHERE site = 'c'").rows == [("1",)]


def test_an_integer_out_of_range_is_22003_not_a_sum(tmp_path: Path) -> None:
    bench = _bench(tmp_path, (2**40, 1.0, "c", 1, "2024-01-03", 300))
    with pytest.raises(SqlError):
        bench.run("SELECT sum(k) FROM t")


def test_an_overflow_is_no_float(tmp_path: Path) -> None:
    bench = _bench(tmp_path, (2**31 - 1, 1.0, "c", 1, "2024-01-03", 300))
    with pytest.raises(SqlError):
        bench.run("SELECT sum(k + 1) FROM t")
    with pytest.raises(SqlError) as caught:
        bench.run("SELECT k FROM t WHERE k + 1 > 0")
    assert caught.value.sqlstate == "22003"


def test_columns_of_odd_affinity_and_collation(tmp_path: Path) -> None:
    """A numeric affinity makes numbers of texts of digits, NOCASE makes equals of A and a."""
    declared = DECLARED | {"site": "TEXT COLLATE NOCASE"}
    bench = _bench(tmp_path, (4, 1.0, "A", 1, "2024-01-03", 300), (5, 2, "12", 1, "2024-01-03", 300), declared=declared)
    assert bench.run("SELECT count(*) FROM t WHERE site = 'A'").rows == [("1",)]
    assert bench.run("SELECT site, count(*) FROM t WHERE k > 0 GROUP BY site ORDER BY site").rows == [
        ("12", "1"),
        ("A", "1"),
        ("a", "1"),
        ("b", "1"),
        (None, "1"),
    ]
    assert bench.run("SELECT DISTINCT site FROM t WHERE site IN ('a', 'A') ORDER BY site").rows == [("A",), ("a",)]
    assert bench.run("SELECT max(site), count(DISTINCT site) FROM t").rows == [("b", "4")]


def test_text_ranges_on_a_column_of_numeric_affinity(tmp_path: Path) -> None:
    bench = _bench(tmp_path, (4, 1.0, "-x", 1, "2024-01-03", 300), declared=DECLARED | {"site": "NUMERIC"})
    assert bench.run("SELECT site FROM t WHERE site < '12'").rows == [("-x",)]
    assert bench.run("SELECT site FROM t WHERE site >= '12' ORDER BY site").rows == [("a",), ("b",)]


def test_sums_beside_each_other_are_guarded_each(tmp_path: Path) -> None:
    """Of NULLs only neither is in doubt; two ill-typed values in a group are no less than one."""
    sums = "SELECT site, sum(temp), sum(nullif(temp, 7)) FROM t GROUP BY site ORDER BY site"
    expected = [("a", "10", "10"), ("b", "30", "30"), (None, None, None)]
    assert _bench(tmp_path).run(sums).rows == expected
    (tmp_path / "other").mkdir()
    bad = _bench(tmp_path / "other", (4, "n/a", "c", 1, None, None), (5, "x", "c", 1, None, None))
    with pytest.raises(SqlError, match='column "temp"') as caught:
        bad.run(sums)
    assert caught.value.sqlstate in ("22P02", "22003")


def test_sums_beyond_double_precision_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SqlError) as caught:
        _bench(tmp_path, (4, 1e308, "c", 1, None, None), (5, 1e308, "c", 1, None, None)).run("SELECT sum(temp) FROM t")
    assert caught.value.sqlstate == "22003"


@pytest.mark.parametrize("shape", ["view", "without rowid"])
def test_relations_without_rowids(tmp_path: Path, shape: str) -> None:
    bench = _bench(tmp_path, BAD_ROWS["temp"])
    with sqlite3.connect(tmp_path / "g.sqlite") as connection:
        if shape == "view":
            connection.executescript("ALTER TABLE t RENAME TO old; CREATE VIEW t AS SELECT * FROM old")
        else:
            columns = ", ".join(f"{c} PRIMARY KEY" if c == "k" else c for c in COLUMNS)
            connection.executescript(
                f"ALTER TABLE t RENAME TO old; CREATE TABLE t ({columns}) WITHOUT ROWID; INSERT INTO t SELECT * FROM old"
            )
    connection.close()
    assert bench.run("SELECT sum(k) FROM t").rows == [("10",)]
    with pytest.raises(SqlError, match='column "temp"'):
        bench.run("SELECT sum(temp) FROM t")


def test_the_error_names_the_row(tmp_path: Path) -> None:
    with pytest.raises(SqlError, match="row 4"):
        _bench(tmp_path, BAD_ROWS["temp"]).run("SELECT sum(temp) FROM t")


def test_a_long_chain_stays_at_the_gateway(tmp_path: Path) -> None:
    chain = " OR ".join(f"k = {i} AND temp > 0" for i in range(120))
    answer = _bench(tmp_path).run(f"SELECT k FROM t WHERE {chain} ORDER BY k")
    assert answer.rows == [("1",), ("2",)]
    assert not answer.whole


JOINED = {
    "site": (
        "SELECT count(*) FROM t a JOIN t b ON a.site = b.site",
        "SELECT count(*) FROM t a LEFT JOIN t b ON a.k = b.k AND b.site = 'x'",
        "SELECT a.k FROM t a LEFT JOIN t b ON a.site = b.site WHERE a.k = 1",
        "SELECT b.site, count(*) FROM t a JOIN t b ON a.k = b.k GROUP BY b.site",
        "SELECT a.k, count(*) FROM t a JOIN t b ON a.site = b.site AND a.k = 12345 GROUP BY a.k",
    ),
    "temp": ("SELECT sum(b.temp) FROM t a JOIN t b ON a.k = b.k", "SELECT count(*) FROM t a JOIN t b ON a.temp = b.temp"),
    "k": ("SELECT count(*) FROM t a JOIN t b ON a.k = b.k", "SELECT a.site FROM t a LEFT JOIN t b ON b.k = a.k"),
}


@pytest.mark.parametrize(("column", "sql"), [(column, sql) for column, texts in JOINED.items() for sql in texts])
def test_a_join_drops_no_ill_typed_value_in_silence(tmp_path: Path, column: str, sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        _bench(tmp_path, BAD_ROWS[column]).run(sql)
    assert caught.value.sqlstate == "22P02"
    assert f'column "{column}"' in caught.value.message
    (tmp_path / "g.sqlite").unlink()
    answer = _bench(tmp_path).run(sql)
    assert answer.whole, answer.fitted.notes


SOUGHT = {
    "site": (
        "SELECT k FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.site = a.site AND b.k > 3) AND a.k < 3",
        "SELECT count(*) FROM t a WHERE NOT EXISTS (SELECT FROM t b WHERE b.site = a.site) AND a.k < 3",
        "SELECT count(*) FROM t a WHERE a.k < 3 AND a.k NOT IN (SELECT b.k FROM t b WHERE b.site > 'x')",
        "SELECT a.k FROM t a WHERE a.k < 3 AND a.site IN (SELECT b.site FROM t b WHERE b.site <> 'a')",
        "SELECT count(*) FROM t a JOIN t b ON b.k = a.k WHERE a.k < 3 AND EXISTS (SELECT FROM t c WHERE c.site = 'x')",
    ),
    "k": ("SELECT a.site FROM t a WHERE a.site < 'c' AND NOT EXISTS (SELECT FROM t b WHERE b.k = a.k AND b.site = 'c')",),
}


@pytest.mark.parametrize(("column", "sql"), [(column, sql) for column, texts in SOUGHT.items() for sql in texts])
def test_a_search_for_rows_passes_over_no_ill_typed_value_in_silence(tmp_path: Path, column: str, sql: str) -> None:
    test_a_join_drops_no_ill_typed_value_in_silence(tmp_path, column, sql)


def test_a_search_for_rows_sees_only_those_that_may_count(tmp_path: Path) -> None:
    bench = _bench(tmp_path, BAD_ROWS["temp"])
    sql = "SELECT count(*) FROM t a WHERE a.k < 3 AND NOT EXISTS (SELECT FROM t b WHERE b.k = a.k AND b.site < 'c' AND b.temp > 20)"
    answer = bench.run(sql)
    assert (answer.rows, answer.whole) == ([("1",)], True)


def test_a_search_for_rows_is_by_bytes_whatever_the_affinity_and_collation(tmp_path: Path) -> None:
    declared = DECLARED | {"site": "TEXT COLLATE NOCASE"}
    bench = _bench(tmp_path, (4, 1.0, "A", 1, "2024-01-03", 300), (5, 2, "12", 1, "2024-01-03", 300), declared=declared)
    sql = "SELECT count(*) FROM t a WHERE EXISTS (SELECT FROM t b WHERE b.site = a.site AND b.k > 3)"
    answer = bench.run(sql)
    assert (answer.rows, answer.whole) == ([("2",)], True)
    assert bench.run("SELECT count(*) FROM t a WHERE a.site NOT IN (SELECT b.site FROM t b WHERE b.k > 3)").rows == [("2",)]


def test_a_join_looks_only_at_the_rows_that_filters_of_a_relation_leave(tmp_path: Path) -> None:
    bench = _bench(tmp_path, BAD_ROWS["temp"])
    assert bench.run("SELECT sum(a.temp), sum(b.temp) FROM t a JOIN t b ON a.k = b.k WHERE a.site < 'c' AND b.site < 'c'").rows == [
        ("40", "40")
    ]


def test_a_join_is_by_bytes_whatever_the_affinity_and_collation(tmp_path: Path) -> None:
    declared = DECLARED | {"site": "TEXT COLLATE NOCASE"}
    bench = _bench(tmp_path, (4, 1.0, "A", 1, "2024-01-03", 300), (5, 2, "12", 1, "2024-01-03", 300), declared=declared)
    answer = bench.run("SELECT count(*) FROM t a JOIN t b ON a.site = b.site")
    assert (answer.rows, answer.whole) == ([("4",)], True)


def test_a_join_uses_an_index(tmp_path: Path) -> None:
    bench = _bench(tmp_path)
    answer = bench.run("SELECT count(*) FROM t a JOIN t b ON a.site = b.site")
    with sqlite3.connect(tmp_path / "g.sqlite") as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {answer.text}")]
    connection.close()
    assert any("USING AUTOMATIC COVERING INDEX (site=?)" in step for step in steps), steps


@pytest.mark.parametrize(
    ("type_", "classes"),
    [("text", ("text",)), ("varchar(3)", ("text",)), ("double precision", ("real", "integer")), ("bytea", ("blob",))],
)
@pytest.mark.parametrize(
    "declared", ["", "TEXT", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "INTEGER", "NUMERIC", "REAL", "BLOB", "TEXT COLLATE odd"]
)
def test_a_guard_sees_every_class_under_every_affinity(type_: str, classes: tuple[str, ...], declared: str) -> None:
    """It compares with the least text and blob, which must tell what typeof tells; a site's own collation is not known here."""
    ill = stored(LocalColumn("c", parse_type(type_)), "t").ill
    values = (None, 0, -5, 1.5, float("inf"), "", "a", "abc", "  ", "5", "1e3", "\x00", "\U0010ffff", b"", b"\x00", b"a", b"5")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_collation("odd", lambda a, b: (a > b) - (a < b))
        connection.execute(f"CREATE TABLE t (c {declared})")
        connection.executemany("INSERT INTO t VALUES (?)", [(v,) for v in values])
        connection.create_collation("odd", None)
        rows = connection.execute(f"SELECT typeof(c), CASE WHEN {ill} THEN 1 ELSE 0 END FROM t ORDER BY rowid").fetchall()
    assert len(rows) == len(values)
    assert [bad == 1 for _, bad in rows] == [kind not in (*classes, "null") for kind, _ in rows]
