"""asyncpg: everything binary and prepared, introspection of types, cursors, COPY, timeouts, a pool with its reset query."""

import asyncio
import io
import json
from importlib.metadata import version as installed

import asyncpg
from dbapi import CASTS, DESCRIBE, ENDS, FAILING, LIST, TAME, VALUES
from steps import outcome_of_error, say, version
from steps import step as report

version(installed("asyncpg"))


def rows(records):
    return [list(record.values()) for record in records]


async def step(name, made):
    try:
        value = await asyncio.wait_for(made, 30)
    except Exception as error:
        say(step=name, value=outcome_of_error(error))
        return None
    report(name, lambda: value)
    return value


async def main():
    c = await asyncpg.connect()
    await step("list", records(c, LIST))
    await step("describe", records(c, DESCRIBE))
    await step("every type", records(c, TAME))
    await step("the ends of types", records(c, ENDS))
    await step("beyond dates", records(c, "select ts, tz, d from kinds where id = 47"))
    for name, value in VALUES.items():
        await step(f"parameter: {name}", records(c, f"select $1::{CASTS[name]}", value))
    await step(
        "several parameters",
        records(
            c,
            "select count(*), sum(price) from readings where site = any($1) and ts < $2 and device = $3",
            ["east", "south"],
            VALUES["timestamptz"],
            3,
        ),
    )
    await step("statement", statement(c))
    await step("attributes of types", attributes(c))
    await step("executemany", c.executemany("select $1::int", [(1,), (2,)]))
    await step(
        "fetchrow, fetchval", both(c.fetchrow("select 1 as a, 'x' as b"), lambda: c.fetchval("select count(*) from readings"))
    )
    await step("fetchmany", fetchmany(c))
    await step("cursor", cursor(c))
    await step("transactions", transactions(c))
    await step("isolation", isolation(c))
    await step("copy from query", copied(c))
    await step("copy from table", copied_table(c))
    await step("copy records to a table", copied_in(c))
    await step("json by a codec", codec(c))
    await step("domain or enum of no name", c.set_type_codec("nope", encoder=str, decoder=str))
    await step("composite", records(c, "select row(1, 'a', null)"))
    await step("row of a table", records(c, "select d from devices d where device = 2"))
    await step("records in an array", records(c, "select array_agg(row(device, model)) from devices where device < 2"))
    for text in FAILING:
        await step(f"error: {text}", c.fetch(text))
    await step("error's fields", fields(c))
    await step("timeout of a call", timed_out(c))
    await step("statement timeout", server_timeout())
    await step("cancelled task", cancelled(c))
    await step("write refused", c.execute("insert into readings (site, device, ts) values ('x', 1, now())"))
    await step("script", both(c.execute("set application_name = 'script'; select 1"), lambda: c.fetchval("show application_name")))
    await step("notices", notices(c))
    await step("listen", listen(c))
    await step("settings", settings(c))
    await step("pool", pooled())
    await step("reset", reset(c))
    await step("after a change of types", both(c.reload_schema_state(), lambda: c.fetchval("select 'a'::text")))
    await c.close()


async def records(c, text, *values):
    return rows(await c.fetch(text, *values))


async def both(first, then):
    return await first, await then()


async def statement(c):
    s = await c.prepare("select site, ts, price, note from readings where device = $1 and day > $2 order by ts limit $3")
    described = [(a.name, a.type.name, a.type.oid) for a in s.get_attributes()], [(p.name, p.oid) for p in s.get_parameters()]
    import datetime

    return described, s.get_statusmsg(), rows(await s.fetch(1, datetime.date(2024, 4, 20), 5)), s.get_statusmsg()


async def attributes(c):
    s = await c.prepare("select * from kinds")
    return [(a.name, a.type.name, a.type.kind, a.type.schema) for a in s.get_attributes()]


async def fetchmany(c):
    return [rows(r) for r in await c.fetchmany("select device from devices where device = $1", [(1,), (5,)])]


async def cursor(c):
    async with c.transaction():
        seen = [r[0] async for r in c.cursor("select ts from readings order by ts", prefetch=100)]
        by_hand = await c.cursor("select ts from readings order by ts")
        first = rows(await by_hand.fetch(2))
        skipped = await by_hand.forward(5)
        return len(seen), first, skipped, rows(await by_hand.fetch(1))


async def transactions(c):
    seen = []
    async with c.transaction():
        try:
            async with c.transaction():
                await c.fetch("select 1/0")
        except asyncpg.DivisionByZeroError as error:
            seen.append(error.sqlstate)
        seen.append(await c.fetchval("select 2"))
    return seen, c.is_in_transaction()


async def isolation(c):
    seen = []
    for level in ("read_committed", "repeatable_read", "serializable"):
        async with c.transaction(isolation=level, readonly=True):
            seen.append(await c.fetchval("show transaction_isolation"))
    return seen


async def copied(c):
    out = io.BytesIO()
    tag = await c.copy_from_query(
        "select device, model, installed from devices where device > $1 order by 1", 2, output=out, format="csv", header=True
    )
    binary = io.BytesIO()
    await c.copy_from_query("select device, tags, key from devices order by 1", output=binary, format="binary")
    return tag, out.getvalue().decode(), binary.getvalue().hex()


async def copied_table(c):
    out = io.BytesIO()
    return await c.copy_from_table("devices", columns=["device", "code"], output=out), out.getvalue().decode()


async def copied_in(c):
    await c.execute("create temp table incoming (a int, b text, t timestamptz)")
    tag = await c.copy_records_to_table("incoming", records=[(1, "one", VALUES["timestamptz"]), (2, None, None)])
    tag2 = await c.copy_to_table("incoming", source=io.BytesIO(b"3,three,2024-01-01 00:00+00\n"), format="csv")
    await c.executemany("insert into incoming values ($1, $2)", [(4, "four"), (5, "five")])
    return tag, tag2, rows(await c.fetch("select * from incoming order by a"))


async def codec(c):
    await c.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    found = await c.fetchval("select more from devices where device = 1"), await c.fetchval("select $1::jsonb", {"a": [1]})
    await c.reset_type_codec("jsonb", schema="pg_catalog")
    return found


async def fields(c):
    try:
        await c.fetch("select nope from readings")
    except asyncpg.PostgresError as error:
        return type(error).__name__, error.sqlstate, error.message, error.position, error.severity, error.hint, error.detail


async def timed_out(c):
    seen = []
    try:
        await c.fetch("select pg_sleep(20)", timeout=0.2)
    except TimeoutError:
        seen.append("timeout")
    return seen, await c.fetchval("select 1")


async def server_timeout():
    own = await asyncpg.connect(server_settings={"statement_timeout": "100"})
    try:
        return await own.fetch("select pg_sleep(20)")
    finally:
        await own.close()


async def cancelled(c):
    task = asyncio.create_task(c.fetch("select pg_sleep(20)"))
    await asyncio.sleep(0.2)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled", await c.fetchval("select 1")


async def notices(c):
    seen = []
    c.add_log_listener(lambda _, message: seen.append((message.sqlstate, message.message)))
    await c.execute("rollback")
    await asyncio.sleep(0)
    return seen


async def listen(c):
    await c.add_listener("news", print)
    await c.remove_listener("news", print)
    return "listened"


async def settings(c):
    s = c.get_settings()
    return s.server_encoding, s.client_encoding, s.timezone, s.datestyle, c.get_server_version()[:2]


async def pooled():
    async with asyncpg.create_pool(min_size=1, max_size=3) as pool:
        async with pool.acquire() as own:
            await own.execute("set search_path to plant")
            await own.execute("set timezone to 'Asia/Tokyo'")
        found = await pool.fetchval("show search_path"), await pool.fetchval("show timezone")
        return found, await asyncio.gather(*(pool.fetchval("select $1::int", n) for n in range(5)))


async def reset(c):
    await c.execute("set search_path to plant")
    await c.reset()
    return c.get_reset_query(), await c.fetchval("show search_path")


asyncio.run(main())
