"""SQLAlchemy's reflection and pandas' readers: what they find and read is what they find and read on PostgreSQL 15."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from tests.clients.conftest import OPTIONS, Pair

Engines = tuple[sa.Engine, sa.Engine]


@pytest.fixture(scope="module")
def engines(pair: Pair) -> Iterator[Engines]:
    postgres, fedgate = (
        sa.create_engine(f"postgresql+psycopg{url}", connect_args={"options": OPTIONS}, pool_pre_ping=True) for url in pair.urls()
    )
    yield postgres, fedgate
    postgres.dispose()
    fedgate.dispose()


def same(engines: Engines, step: Callable[[sa.Engine], Any]) -> Any:
    expected, actual = (step(engine) for engine in engines)
    assert repr(actual) == repr(expected)
    return actual


INSPECTIONS: dict[str, Callable[[sa.Inspector], Any]] = {
    "tables": lambda i: sorted(i.get_table_names()),
    "views": lambda i: i.get_view_names(),
    "materialized views": lambda i: i.get_materialized_view_names(),
    "columns": lambda i: i.get_columns("readings"),
    "columns of a view": lambda i: i.get_columns("hourly"),
    "columns with a schema": lambda i: i.get_columns("devices", schema="public"),
    "all columns": lambda i: sorted(i.get_multi_columns().items()),
    "primary key": lambda i: i.get_pk_constraint("readings"),
    "foreign keys": lambda i: i.get_foreign_keys("readings"),
    "unique constraints": lambda i: i.get_unique_constraints("readings"),
    "check constraints": lambda i: i.get_check_constraints("readings"),
    "indexes": lambda i: i.get_indexes("readings"),
    "comment": lambda i: i.get_table_comment("readings"),
    "sequences": lambda i: i.get_sequence_names(),
    "has": lambda i: [i.has_table(n) for n in ("readings", "nope", "hourly")] + [i.has_schema(n) for n in ("public", "nope")],
    "has index": lambda i: i.has_index("readings", "x"),
    "enums": lambda i: i.get_enums(),  # type: ignore[attr-defined]
    "temporary tables": lambda i: i.get_temp_table_names(),
}


@pytest.mark.parametrize("what", INSPECTIONS)
def test_inspection(engines: Engines, what: str) -> None:
    same(engines, lambda engine: INSPECTIONS[what](sa.inspect(engine)))


def test_an_unknown_table(engines: Engines) -> None:
    with pytest.raises(sa.exc.NoSuchTableError):
        sa.inspect(engines[1]).get_columns("nope")


def test_schemas(engines: Engines) -> None:
    assert sa.inspect(engines[1]).get_schema_names() == ["fedgate", "information_schema", "public"]


def test_a_reflected_table_can_be_selected_from(engines: Engines) -> None:
    def step(engine: sa.Engine) -> Any:
        table = sa.Table("readings", sa.MetaData(), autoload_with=engine)
        counts = sa.select(table.c.site, sa.func.count(), sa.func.sum(table.c.price)).where(table.c.device.in_([1, 2, 104]))
        with engine.connect() as connection:
            first = connection.execute(counts.group_by(table.c.site).order_by(table.c.site)).all()
            second = connection.execute(sa.select(table).order_by(table.c.site, table.c.ts).limit(5).offset(3)).all()
        return repr(table), first, second

    same(engines, step)


def test_metadata_reflects_everything(engines: Engines) -> None:
    def step(engine: sa.Engine) -> Any:
        metadata = sa.MetaData()
        metadata.reflect(engine, views=True)
        return sorted(metadata.tables)

    same(engines, step)


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("select 1", {}),
        ("select site, count(*) from readings where device = :d group by 1 order by 1", {"d": 1}),
        ("select site from readings where ts >= :t and note like :n order by ts limit :l", {"t": "2024-03-01", "n": "%o%", "l": 5}),
        ("select '{\"a\": [1]}'::jsonb, '[1]'::json, '{1,2}'::int[], interval '1 day'", {}),
    ],
)
def test_text(engines: Engines, text: str, parameters: dict[str, object]) -> None:
    def step(engine: sa.Engine) -> Any:
        with engine.connect() as connection:
            return connection.execute(sa.text(text), parameters).all()

    same(engines, step)


def test_results_by_server_cursor(engines: Engines) -> None:
    def step(engine: sa.Engine) -> Any:
        with engine.connect().execution_options(yield_per=50) as connection:
            text = sa.text("select site, ts from readings where device > :d order by site, ts, temp")
            return [tuple(row) for row in connection.execute(text, {"d": 1})]

    assert len(same(engines, step)) > 1000


def test_nested_transactions(engines: Engines) -> None:
    def step(engine: sa.Engine) -> Any:
        with engine.begin() as connection:
            seen = [connection.execute(sa.text("select 1")).scalar()]
            with pytest.raises(sa.exc.DataError), connection.begin_nested():
                connection.execute(sa.text("select 1 / 0"))
            return [*seen, connection.execute(sa.text("select 2")).scalar()]

    same(engines, step)


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_isolation_levels(engines: Engines, level: Any) -> None:
    def step(engine: sa.Engine) -> Any:
        with engine.connect().execution_options(isolation_level=level) as connection:
            return connection.execute(sa.text("select 1")).all(), connection.get_isolation_level()

    same(engines, step)


def _shown(frame: Any) -> str:
    return str(frame.to_csv()) + repr(frame.dtypes.to_dict())


READS: dict[str, Callable[[sa.Connection], Any]] = {
    "query": lambda c: _shown(pd.read_sql("select * from readings order by site, ts, device", c)),
    "parameters": lambda c: _shown(
        pd.read_sql(sa.text("select site, temp from readings where device = :d order by ts"), c, params={"d": 3})
    ),
    "chunks": lambda c: [_shown(f) for f in pd.read_sql("select * from readings order by site, ts, device", c, chunksize=700)],
    "table": lambda c: _shown(pd.read_sql_table("devices", c).sort_values("device").reset_index(drop=True)),
    "columns": lambda c: _shown(
        pd.read_sql_table("readings", c, columns=["site", "ts", "temp"]).sort_values(["site", "ts", "temp"]).reset_index(drop=True)
    ),
    "by name": lambda c: _shown(pd.read_sql("devices", c).sort_values("device").reset_index(drop=True)),
}


@pytest.mark.parametrize("what", READS)
def test_pandas(engines: Engines, what: str) -> None:
    def step(engine: sa.Engine) -> Any:
        with engine.connect() as connection:
            return READS[what](connection)

    same(engines, step)


def test_pandas_cannot_write(engines: Engines) -> None:
    with (
        engines[1].connect() as connection,
        pytest.raises(sa.exc.InternalError, match="cannot execute CREATE TABLE in a read-only"),
    ):
        pd.DataFrame({"a": [1]}).to_sql("x", connection)
