"""DuckDB with the postgres extension: ATTACH, list, describe, scans by COPY with filters pushed down, joins with local tables."""

import os
from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner
from steps import step, version

connection = duckdb.connect()
# The package holds DuckDB's own signed file, which LOAD verifies.
(extension,) = Path(duckdb_extension_postgres_scanner.__file__).parent.glob("extensions/*/*.duckdb_extension")
connection.execute(f"LOAD '{extension}'")


def rows(text):
    return [list(row) for row in connection.execute(text).fetchall()]


version(duckdb.__version__)
connection.execute(f"ATTACH 'postgresql:{os.environ['CLIENT_URL']}' AS far (TYPE postgres, READ_ONLY)")
step(
    "tables",
    lambda: rows(
        "select table_schema, table_name from information_schema.tables where table_catalog = 'far' and table_schema in ('public', 'plant') order by 1, 2"
    ),
)
step("describe", lambda: rows("describe far.devices"))
step("every type", lambda: rows("select * from far.kinds where id < 32 order by id"))
step(
    "filters",
    lambda: rows(
        "select site, count(*), sum(price) from far.readings where device = 3 and ts > '2024-04-01' group by 1 order by 1"
    ),
)
step(
    "join with local rows",
    lambda: rows(
        "select d.model, l.f * count(*) from far.readings r join far.devices d using (device) join (values (1, 2.0), (2, 0.5)) l(device, f) using (device) group by 1, l.f order by 1"
    ),
)
step(
    "postgres_query",
    lambda: rows("select * from postgres_query('far', 'select site, max(day) from readings group by 1 order by 1')"),
)
step(
    "postgres_scan",
    lambda: rows(f"select count(*) from postgres_scan('postgresql:{os.environ['CLIENT_URL']}', 'public', 'readings')"),
)
step("names that need quotes", lambda: rows('select * from far.plant."Odd names" order by 1'))
step("transactions", lambda: [connection.execute(t) and None for t in ("begin", "select count(*) from far.devices", "rollback")])
