"""asyncpg: everything in binary, every statement prepared, introspection of the types that it meets."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
import pytest

from tests.clients.conftest import Pair

Connection: TypeAlias = Any  # asyncpg ships no types
Step: TypeAlias = Callable[[Connection], Awaitable[Any]]
TIMEOUT_S = 20
UTC = dt.UTC
SETTINGS = {"TimeZone": "UTC"}

VALUES: dict[str, list[Any]] = {
    "bool": [True, False],
    "int2": [5, -32768],
    "int4": [2**31 - 1],
    "int8": [-(2**63)],
    "float4": [1.5, float("inf")],
    "float8": [0.1, 5e-324],
    "numeric": [decimal.Decimal(text) for text in ("1.50", "NaN", "-1E-10", "123456789012345678901234567890.5")],
    "numeric(12,4)": [decimal.Decimal("1.23456")],
    "text": ["", "é東京😀"],
    "varchar(3)": ["abc"],
    "char(5)": ["ab"],
    "bytea": [b"", b"\0\xff"],
    "date": [dt.date(2024, 2, 29), dt.date(1, 1, 1)],
    "time": [dt.time(1, 2, 3, 4)],
    "timestamp": [dt.datetime(2024, 3, 31, 2, 30, 0, 123456)],
    "timestamptz": [dt.datetime(2024, 3, 31, 2, 30, 0, 1, tzinfo=UTC)],
    "interval": [dt.timedelta(days=-3, seconds=5, microseconds=7)],
    "uuid": [uuid.UUID(int=5)],
    "json": ['{"a": 1}'],
    "jsonb": ['{"b": 1, "a": [1.50]}'],
}


async def _outcome(connection: Connection, step: Step) -> str:
    try:
        return repr(await asyncio.wait_for(step(connection), TIMEOUT_S))
    except asyncpg.PostgresError as error:
        return f"{type(error).__name__} {error.sqlstate} {error}"


def same(pair: Pair, *steps: Step) -> str:
    """Run the steps on a connection to each server; what they gave has to be equal. What the last one gave."""

    async def run() -> str:
        last = ""
        dsns = [f"postgresql{url}" for url in pair.urls()]
        connections = [await asyncpg.connect(dsn, server_settings=SETTINGS) for dsn in dsns]
        try:
            for number, step in enumerate(steps):
                expected, last = [await _outcome(connection, step) for connection in connections]
                assert last == expected, f"step {number}"
        finally:
            for connection in connections:
                await connection.close(timeout=TIMEOUT_S)
        return last

    return asyncio.run(run())


@pytest.mark.parametrize("name", VALUES)
def test_values_go_both_ways(pair: Pair, name: str) -> None:
    def fetch(text: str, value: object) -> Step:
        return lambda c: c.fetch(text, value)

    steps = [fetch(f"select $1::{name} as v", value) for value in [*VALUES[name], None]]
    same(pair, *steps, *(fetch(f"select $1::{name}[] as v", array) for array in ([*VALUES[name], None], [], None)))


def test_stored_values(pair: Pair) -> None:
    shown = same(pair, lambda c: c.fetch("select * from readings order by site, ts, device, total"))
    assert shown.count("<Record") == 2000


RECORDS = (
    "select row(1, 'a', null::int, 2.5::float8, 1.50, date '2020-01-02', true, '\\x00ff'::bytea)",
    "select row(timestamptz '2024-03-31 02:30:00.1+00', interval '1 mon -3 days 5.5 s', '{\"a\": [1]}'::jsonb, ' x\"y\\z,() ')",
    "select row(), row(null), row(''), row(row(1, 'b'), 2), null::record",
    "select (device, model) as pair from devices order by device",
    "select array_agg((device, model) order by device), array[row(1, 'x'), null] from devices",
    "select (select (device, installed) from devices where device = 5)",
    "select x from (values (1, 'y'), (2, null)) x order by 1",
    "select d from devices d order by device",
    "select d from generate_series(1, 300) g left join devices d on d.device = g order by g",
)


@pytest.mark.parametrize("text", RECORDS)
def test_records(pair: Pair, text: str) -> None:
    assert "Record" in same(pair, lambda c: c.fetch(text))


def test_a_prepared_statement_describes_itself(pair: Pair) -> None:
    async def step(c: Connection) -> list[Any]:
        prepared = await c.prepare(
            "select site, temp, price, day, ok from readings where device = $1 and temp > $2 order by ts, temp"
        )
        found = [
            prepared.get_parameters(),
            prepared.get_attributes(),
            await prepared.fetch(1, 2.5),
            await prepared.fetchval(1, 3.5),
        ]
        return [*found, await prepared.fetchrow(1, 40.0), prepared.get_statusmsg()]

    same(pair, step)


def test_cursors(pair: Pair) -> None:
    async def step(c: Connection) -> list[Any]:
        async with c.transaction():
            rows = [row async for row in c.cursor("select site, ts from readings where device = $1 order by ts", 1, prefetch=7)]
            cursor = await c.cursor("select g from generate_series(1, $1::int) g", 20)
            return [rows, await cursor.fetch(3), await cursor.forward(5), await cursor.fetchrow(), await cursor.fetch(100)]

    same(pair, step)


def test_transactions(pair: Pair) -> None:
    async def step(c: Connection) -> list[Any]:
        seen: list[Any] = []
        try:
            async with c.transaction(readonly=True):
                seen.append(await c.fetchval("select 1"))
                try:
                    async with c.transaction():
                        await c.fetchval("select 1 / 0")
                except asyncpg.DivisionByZeroError as error:
                    seen.append(str(error))
                seen += [await c.fetchval("select 2"), c.is_in_transaction()]
                await c.fetchval("select nope from readings")
        except asyncpg.UndefinedColumnError as error:
            seen += [str(error), error.position]
        return [*seen, c.is_in_transaction(), await c.fetchval("select 3")]

    same(pair, step)


@pytest.mark.parametrize(
    "text",
    [
        "selec 1",
        "select * from nope",
        "select 1 where site = 1",
        "select 'x'::int",
        "select $1::nope",
        "select current_schemas(true)",
        "select 'a'::name, 1::oid, '1'::\"char\"",
        "select pg_typeof(1), 'readings'::regclass::text",
        "select array['a']::varchar[], '{1,2}'::int[], null",
        "select attname, atttypid::regtype from pg_attribute where attrelid = 'readings'::regclass and attnum > 0 order by attnum",
    ],
)
def test_statements(pair: Pair, text: str) -> None:
    """Also that an error of a Parse comes though the driver asks for it by Flush."""
    same(pair, lambda c: c.fetch(text), lambda c: c.fetchval("select 1"))


def test_arrays_as_parameters(pair: Pair) -> None:
    since = dt.datetime(2024, 3, 1, tzinfo=UTC)
    same(
        pair,
        lambda c: c.fetchval("select count(*) from readings where site = any($1)", ["s1", "p1"]),
        lambda c: c.fetchval("select count(*) from readings where site = any($1::text[]) and ts >= $2", ["s1", "p1"], since),
        lambda c: c.fetch("select * from unnest($1::int[], $2::text[]) as u(a, b)", [1, 2], ["x", None]),
    )


def test_codecs_of_ones_own(pair: Pair) -> None:
    same(
        pair,
        lambda c: c.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads),
        lambda c: c.fetchval("select $1::jsonb", {"a": [1]}),
        lambda c: c.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=float, format="text"),
        lambda c: c.fetchval("select 1.5::numeric + $1::numeric", 2),
        lambda c: c.reload_schema_state(),
        lambda c: c.fetchval("select 1"),
    )


def test_scripts_and_reset(pair: Pair) -> None:
    same(
        pair,
        lambda c: c.execute("select 1; select 2; set datestyle to 'ISO, DMY'"),
        lambda c: c.fetchval("show datestyle"),
        lambda c: c.execute("set timezone to 'Asia/Tokyo'; listen x; begin; declare c cursor with hold for select 1; commit"),
        lambda c: c.reset(),
        lambda c: c.fetchval("show datestyle"),
        lambda c: c.fetchval("show timezone"),
        lambda c: c.fetch("select name from pg_cursors where name <> ''"),
    )


def test_a_timeout_cancels_and_the_connection_goes_on(pair: Pair) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(f"postgresql{pair.urls()[1]}")
        with pytest.raises(TimeoutError):
            await connection.fetch("select count(*) from readings a, readings b, readings c", timeout=0.3)
        assert await connection.fetchval("select 1", timeout=2) == 1
        with pytest.raises(TimeoutError):
            await connection.fetch("select count(*) from generate_series(1, 100000000000)", timeout=0.3)
        assert await connection.fetchval("select 2", timeout=2) == 2
        await connection.close()

    asyncio.run(run())


def test_a_pool(pair: Pair) -> None:
    async def counts(dsn: str) -> list[int]:
        async with asyncpg.create_pool(dsn, min_size=2, max_size=4) as pool:
            text = "select count(*) from readings where device = $1"
            return list(await asyncio.gather(*(pool.fetchval(text, i % 8) for i in range(20))))

    async def run() -> None:
        expected, actual = [await counts(f"postgresql{url}") for url in pair.urls()]
        assert actual == expected

    asyncio.run(run())


def test_the_version_is_understood(pair: Pair) -> None:
    async def step(c: Connection) -> list[int]:
        return list(c.get_server_version()[:3])

    same(pair, step)
