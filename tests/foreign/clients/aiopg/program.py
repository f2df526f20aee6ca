"""aiopg: psycopg2's asynchronous connections under asyncio."""

import asyncio
from importlib.metadata import version as installed

import aiopg
from steps import outcome_of_error, say, version

version(installed("aiopg"))


async def main():
    async with aiopg.create_pool("") as pool, pool.acquire() as connection, connection.cursor() as cursor:

        async def rows(text, *values):
            await cursor.execute(text, values or None)
            return [repr(row) for row in await cursor.fetchall()]

        async def step(name, made):
            try:
                say(step=name, value=await made)
            except Exception as error:
                say(step=name, value=outcome_of_error(error))

        await step("types", rows("select * from devices order by device"))
        await step("parameters", rows("select count(*) from readings where site = %s and device = any(%s)", "east", [1, 2]))
        await step("transaction", rows("begin; select 1; commit; select 2"))
        await step("error", rows("select nope from readings"))
        await step("after the error", rows("select 1"))
        await step("listen", rows("listen news; select 1"))


asyncio.run(main())
