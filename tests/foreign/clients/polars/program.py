"""polars: read_database by SQLAlchemy and ADBC, read_database_uri by connectorx and ADBC, parallel by partitions; ingestion by ADBC."""

import os

import adbc_driver_postgresql.dbapi
import polars as pl
import psycopg
import sqlalchemy as sa
from steps import step, version

version(pl.__version__)
URL = f"postgresql:{os.environ['CLIENT_URL']}"
SOME = "select site, device, ts, temp, status, total, price, ok, note, day from readings order by site, ts limit 100"


def shown(frame):
    return frame.write_csv(), {name: str(kind) for name, kind in frame.schema.items()}


def by(connect, read):
    with connect() as connection:
        return read(connection)


engine = sa.create_engine(URL.replace("postgresql:", "postgresql+psycopg:"))
step("read_database by SQLAlchemy", lambda: by(engine.connect, lambda c: shown(pl.read_database(SOME, c))))
step("read_database by psycopg", lambda: by(lambda: psycopg.connect(URL), lambda c: shown(pl.read_database(SOME, c))))
step(
    "read_database by ADBC",
    lambda: by(lambda: adbc_driver_postgresql.dbapi.connect(URL), lambda c: shown(pl.read_database(SOME, c))),
)
step(
    "read_database in batches",
    lambda: by(
        lambda: psycopg.connect(URL),
        lambda c: [len(f) for f in pl.read_database("select * from readings", c, iter_batches=True, batch_size=600)],
    ),
)
step("read_database_uri by connectorx", lambda: shown(pl.read_database_uri(SOME, URL, engine="connectorx")))
step("read_database_uri by ADBC", lambda: shown(pl.read_database_uri(SOME, URL, engine="adbc")))
step("partitions", lambda: shown(pl.read_database_uri("select device, status, temp from readings", URL, engine="connectorx", partition_on="device", partition_num=3)
     .sort("device", "status", "temp").head(50)))  # fmt: skip
step(
    "several queries at once",
    lambda: len(
        pl.read_database_uri([f"select device, temp from readings where device = {n}" for n in range(4)], URL, engine="connectorx")
    ),
)
step("an error", lambda: by(lambda: psycopg.connect(URL), lambda c: pl.read_database("select nope from readings", c)))


def written():
    with adbc_driver_postgresql.dbapi.connect(URL) as connection:
        frame = pl.DataFrame({"device": [1, 2], "about": ["one", None]})
        with connection.cursor() as cursor:
            cursor.adbc_ingest("staged", frame.to_arrow(), mode="create", temporary=True)
        return shown(
            pl.read_database(
                "select s.device, s.about, count(*) from staged s join readings r using (device) group by 1, 2 order by 1",
                connection,
            )
        )


step("ingested by ADBC", written)
