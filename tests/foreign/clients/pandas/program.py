"""pandas: reading by query, by table, in chunks, by SQLAlchemy and by ADBC; writing a temporary table, row by row and by COPY."""

import csv
import io
import os

import adbc_driver_postgresql.dbapi
import pandas as pd
import sqlalchemy as sa
from steps import step, version

version(pd.__version__)
URL = os.environ["CLIENT_URL"]
engine = sa.create_engine(f"postgresql+psycopg:{URL}")


def shown(frame):
    return frame.to_csv(index=False), {name: str(kind) for name, kind in frame.dtypes.items()}


def see(name, read):
    def run():
        with engine.connect() as connection:
            return read(connection)

    step(name, run)


see("read_sql", lambda c: shown(pd.read_sql("select * from readings order by site, ts limit 200", c)))
see("every type", lambda c: shown(pd.read_sql("select * from kinds where id < 32 order by id", c)))
see(
    "parameters",
    lambda c: shown(
        pd.read_sql(sa.text("select site, temp from readings where device = :d order by ts limit 9"), c, params={"d": 3})
    ),
)
see(
    "parse_dates and index",
    lambda c: pd.read_sql("select ts, temp from readings order by ts limit 9", c, index_col="ts", parse_dates=["ts"]).to_csv(),
)
see("chunks", lambda c: [len(f) for f in pd.read_sql("select * from readings", c, chunksize=700)])
see("read_sql_table", lambda c: shown(pd.read_sql_table("devices", c).sort_values("device")))
see("read_sql_table with a schema", lambda c: shown(pd.read_sql_table("Odd names", c, schema="plant").sort_values("Mixed Case")))
see(
    "columns of a table",
    lambda c: shown(pd.read_sql_table("readings", c, columns=["site", "ts", "price"]).sort_values(["site", "ts"]).head(20)),
)
see(
    "nullable types",
    lambda c: shown(
        pd.read_sql("select device, status, ok, note from readings order by site, ts limit 40", c, dtype_backend="numpy_nullable")
    ),
)
see(
    "Arrow types",
    lambda c: shown(
        pd.read_sql("select device, status, ok, note from readings order by site, ts limit 40", c, dtype_backend="pyarrow")
    ),
)
see("a view in a group", lambda c: shown(pd.read_sql("select site, max(n) from hourly group by 1 order by 1", c)))


def adbc():
    with adbc_driver_postgresql.dbapi.connect(f"postgresql:{URL}") as connection:
        return shown(pd.read_sql("select device, ts, temp, price, note, ok from readings order by site, ts limit 50", connection))


step("by ADBC", adbc)
STAGED = pd.DataFrame({"device": [1, 2, 3], "factor": [0.5, None, 2.0], "about": ["one", None, "drei ß"]})


def written(connection, method):
    """A temporary table first, as PostgreSQL without the right to create others asks for; then pandas appends to it."""
    connection.execute(sa.text("create temp table staged (device bigint, factor float8, about text)"))
    STAGED.to_sql("staged", connection, if_exists="append", index=False, method=method)
    joined = "select s.device, s.about, count(*), sum(r.status * s.factor) from staged s join readings r using (device) group by 1, 2 order by 1"
    return shown(pd.read_sql(joined, connection))


def by_copy(table, connection, keys, data):
    """The method that pandas' own documentation gives."""
    out = io.StringIO()
    csv.writer(out).writerows(data)
    with connection.connection.cursor().copy(f"COPY {table.name} ({', '.join(keys)}) FROM STDIN WITH CSV") as copy:
        copy.write(out.getvalue())


see("to_sql, by rows", lambda c: written(c, None))
see("to_sql, several rows a statement", lambda c: written(c, "multi"))
see("to_sql, by COPY", lambda c: written(c, by_copy))
see("to_sql makes no table", lambda c: STAGED.to_sql("elsewhere", c))
see("has_table", lambda c: [pd.io.sql.has_table(n, c) for n in ("readings", "nope")])
