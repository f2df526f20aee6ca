"""Rows that break what the catalog claims of them are errors where they reach the gateway."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest

from fedgate.errors import SqlError
from fedgate.executor import claims
from tests.executor.helpers import Gateway, node, placement

COLUMNS = [
    {"name": "id", "type": "integer", "not_null": True},
    {"name": "site", "type": "text"},
    {"name": "temp", "type": "double precision"},
    {"name": "price", "type": "numeric(8,2)"},
    {"name": "day", "type": "date"},
]
MADE = "CREATE TABLE r (id INTEGER, site TEXT, temp DOUBLE, price TEXT, day TEXT)"
GOOD = (1, "a", 1.5, "2.50", "2024-03-01")


def gateway(place: Path, rows: list[tuple[Any, ...]], check: str | None = None, engine: str = "sqlite") -> Gateway:
    path = place / f"{engine}.db"
    if engine == "sqlite":
        with sqlite3.connect(path) as connection:
            connection.execute(MADE)
            connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?)", rows)
        connection.close()
    else:
        with duckdb.connect(str(path)) as made:
            made.execute(MADE.replace("price TEXT", "price DECIMAL(8,2)").replace("day TEXT", "day DATE")).fetchall()
            made.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?)", rows)
    table = {"kind": "table", "name": "r", "columns": COLUMNS}
    return Gateway(table, node("n", engine, path), placement("n", **({"check": check} if check else {})))


def refused(where: Gateway, text: str) -> SqlError:
    with pytest.raises(SqlError) as caught:
        where.rows(text)
    where.executor.close()
    assert caught.value.node == "n"
    assert {s.state for s in where.ctx.stats} != {"done"}
    return caught.value


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("site = 'a'", (7, "b", 1.5, "2.50", "2024-03-01")),
        ("site IN ('a', 'c')", (7, "b", 1.5, "2.50", "2024-03-01")),
        ("id >= 1 AND id < 5", (7, "a", 1.5, "2.50", "2024-03-01")),
        ("NOT id > 6 OR site <> 'a'", (7, "a", 1.5, "2.50", "2024-03-01")),
        ("site IS NOT NULL", (7, None, 1.5, "2.50", "2024-03-01")),
        ("day BETWEEN '2024-01-01' AND '2024-12-31'", (7, "a", 1.5, "2.50", "2025-03-01")),
        ("temp < 2", (7, "a", 2.5, "2.50", "2024-03-01")),
        ("price * 2 < 10", (7, "a", 1.5, "7.50", "2024-03-01")),
        ("lower(site) = 'a'", (7, "b", 1.5, "2.50", "2024-03-01")),
        ("extract(year from day) = 2024", (7, "a", 1.5, "2.50", "2023-03-01")),
    ],
)
def test_a_row_that_breaks_the_check(tmp_path: Path, check: str, bad: tuple[Any, ...], engine: str) -> None:
    error = refused(gateway(tmp_path, [GOOD, bad], check, engine), "SELECT * FROM r")
    assert (error.sqlstate, error.message) == (
        "23514",
        f'row of relation "r" at node "n" violates the check of its placement: {check}',
    )
    shown = "null" if bad[1] is None else bad[1]
    assert error.detail == f"Failing row contains (id, site, temp, price, day) = (7, {shown}, {bad[2]}, {bad[3]}, {bad[4]})."
    assert error.hint is not None


@pytest.mark.parametrize("check", ["site = 'a'", "site IN ('a', 'c')", "NOT site = 'b'", "lower(site) = 'a'", "temp < 2", "true"])
def test_null_is_no_breach(tmp_path: Path, check: str) -> None:
    where = gateway(tmp_path, [GOOD, (2, None, None, None, None)], check)
    assert len(where.rows("SELECT * FROM r")) == 2
    where.executor.close()


@pytest.mark.parametrize(
    "text", ["SELECT id FROM r", "SELECT r.id, o.site FROM r JOIN r o ON r.temp = o.temp", "SELECT md5(site), id FROM r ORDER BY 1"]
)
def test_a_null_in_a_not_null_column(tmp_path: Path, text: str) -> None:
    error = refused(gateway(tmp_path, [GOOD, (None, "b", 1.5, "1", "2024-03-01")]), text)
    assert error.sqlstate == "23502"
    assert error.message == 'null value in column "id" of relation "r" at node "n" violates not_null'
    assert "(null" in (error.detail or "")


def test_rows_below_an_aggregate_of_the_gateway_are_seen(tmp_path: Path) -> None:
    where = gateway(tmp_path, [GOOD, (7, "b", 1.5, "2.50", "2024-03-01")], "site = 'a'")
    assert refused(where, "SELECT count(*) FROM r WHERE md5(site) <> 'x'").sqlstate == "23514"


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_rows_chosen_by_their_rank_at_the_node_are_seen(tmp_path: Path, engine: str) -> None:
    where = gateway(tmp_path, [GOOD, (7, "b", 1.5, "2.50", "2024-03-01")], "site = 'a'", engine)
    numbered = "SELECT *, row_number() OVER (PARTITION BY temp ORDER BY id DESC) AS n FROM r"
    error = refused(where, f"SELECT id, site FROM ({numbered}) q WHERE n = 1")
    assert (error.sqlstate, error.detail) == ("23514", "Failing row contains (id, site) = (7, b).")


def test_what_is_not_carried_cannot_be_seen(tmp_path: Path) -> None:
    where = gateway(tmp_path, [GOOD, (7, "b", 1.5, "2.50", "2024-03-01")], "site = 'a'")
    assert where.rows("SELECT count(*) FROM r") == [(2,)]
    assert sorted(where.rows("SELECT id FROM r")) == [(1,), (7,)]
    where.executor.close()


def test_an_outer_joins_nulls_are_no_breach(tmp_path: Path) -> None:
    where = gateway(tmp_path, [GOOD], "site IS NOT NULL AND id > 0")
    text = "SELECT a.id, b.id, b.site FROM r a LEFT JOIN r b ON a.id = b.id + 1"
    assert where.rows(text) == [(1, None, None)]
    where.executor.close()


def test_usual_checks_are_left_to_arrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the merge engine was asked")

    monkeypatch.setattr(claims.Claims, "_by_engine", never)
    for number, check in enumerate(
        ("site = 'a' AND id BETWEEN 1 AND 9", "site IN ('a', 'b')", "day < '2025-01-01' OR site IS NULL")
    ):
        (tmp_path / str(number)).mkdir()
        where = gateway(tmp_path / str(number), [GOOD], check)
        assert len(where.rows("SELECT * FROM r")) == 1
        where.executor.close()


def test_nodes_that_are_alike_have_their_own_checks(tmp_path: Path) -> None:
    """The same relation with the same mapping at two nodes is asked by one text, but each by its own check."""
    columns = [{"name": "id", "type": "integer"}, {"name": "site", "type": "text"}]
    for name, rows in {"a": [(1, "a")], "b": [(2, "b"), (3, "a")]}.items():
        with sqlite3.connect(tmp_path / f"{name}.db") as connection:
            connection.execute("CREATE TABLE r (id INTEGER, site TEXT)")
            connection.executemany("INSERT INTO r VALUES (?, ?)", rows)
        connection.close()
    nodes = [node(name, "sqlite", tmp_path / f"{name}.db") for name in "ab"]
    placements = [placement(name, check=f"site = '{name}'", shard=name) for name in "ab"]
    where = Gateway({"kind": "table", "name": "r", "columns": columns}, *nodes, *placements)
    assert sorted(where.rows("SELECT * FROM r WHERE id < 3")) == [(1, "a"), (2, "b")]
    with pytest.raises(SqlError, match="at node \"b\" violates the check of its placement: site = 'b'") as caught:
        where.rows("SELECT * FROM r")
    where.executor.close()
    assert (caught.value.sqlstate, caught.value.node) == ("23514", "b")
