"""SQLAlchemy 2: the whole Inspector by psycopg, psycopg2, asyncpg and pg8000; the ORM; a pool with pre-ping."""

import asyncio
import os

import sqlalchemy as sa
from reflection import OF_A_TABLE, inspected, used
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session
from steps import step, version

version(sa.__version__)
URL = os.environ["CLIENT_URL"]
for driver in ("psycopg", "psycopg2", "pg8000"):
    engine = sa.create_engine(f"postgresql+{driver}:{URL}", pool_pre_ping=True)
    inspected(engine, driver)
    used(engine, driver)
    engine.dispose()

psycopg = sa.create_engine(f"postgresql+psycopg:{URL}")
for kind in (*OF_A_TABLE, "table_options"):
    step(
        f"get_multi_{kind}",
        lambda k=kind: sorted(
            map(repr, getattr(sa.inspect(psycopg), f"get_multi_{k}")(kind=sa.engine.reflection.ObjectKind.ANY).items())
        ),
    )
step("materialized views", lambda: sa.inspect(psycopg).get_materialized_view_names())
step("view definition is there", lambda: bool(sa.inspect(psycopg).get_view_definition("hourly")))
step(
    "has_schema, has_index, has_sequence",
    lambda: [
        sa.inspect(psycopg).has_schema("plant"),
        sa.inspect(psycopg).has_index("readings", "x"),
        sa.inspect(psycopg).has_sequence("x"),
    ],
)
step("domains", lambda: sa.inspect(psycopg).get_domains())


def mapped():
    base = automap_base()
    base.prepare(autoload_with=psycopg)
    device = base.classes.devices
    with Session(psycopg) as session:
        found = session.scalars(sa.select(device).where(device.device > 4).order_by(device.device)).all()
        return sorted(base.classes.keys()), [(d.device, d.model, d.tags) for d in found], session.get(device, 3).model


step("automap and a session", mapped)


async def asynchronous():
    engine = create_async_engine(f"postgresql+asyncpg:{URL}")
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda c: sorted(sa.inspect(c).get_table_names()))
        columns = await connection.run_sync(lambda c: [repr(x) for x in sa.inspect(c).get_columns("kinds")])
        key = await connection.run_sync(lambda c: sa.inspect(c).get_pk_constraint("readings"))
        rows = (await connection.execute(sa.text("select device, model from devices where device > :d order by 1"), {"d": 4})).all()
        stream = await connection.stream(sa.text("select ts from readings"))
        count = len([None async for _ in stream])
    await engine.dispose()
    return tables, columns, repr(key), [list(r) for r in rows], count


step("asyncpg", lambda: asyncio.run(asynchronous()))
