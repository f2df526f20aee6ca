"""ADBC: Arrow tables by binary COPY, its catalog calls, parameters from Arrow, ingestion into temporary tables, cancel."""

import os
import threading
from importlib.metadata import version as installed

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from steps import step, version

version(installed("adbc-driver-postgresql"))
URL = f"postgresql:{os.environ['CLIENT_URL']}"
connection = adbc.connect(URL)


def fetched(text, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        table = cursor.fetch_arrow_table()
        return str(table.schema), [[str(v) for v in row.values()] for row in table.to_pylist()]


def tree(**how):
    found = connection.adbc_get_objects(**how).read_all().to_pylist()
    for catalog in found:
        for schema in catalog["catalog_db_schemas"] or []:
            schema["db_schema_tables"] = sorted(schema["db_schema_tables"] or [], key=lambda t: t["table_name"])
        catalog["catalog_db_schemas"] = sorted(
            (s for s in catalog["catalog_db_schemas"] or [] if not (s["db_schema_name"] or "").startswith("pg_")),
            key=lambda s: s["db_schema_name"],
        )
    return repr(found)


step("every type", lambda: fetched("select * from kinds where id < 32 order by id"))
step("rows", lambda: fetched("select * from readings order by site, ts limit 50"))
step("without COPY", lambda: _without_copy())


def _without_copy():
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        cursor.execute("select device, model, installed, tags from devices order by device")
        return str(cursor.fetch_arrow_table().to_pylist())


step("parameters", lambda: fetched("select count(*), sum(price) from readings where device = $1 and site = $2", (3, "east")))
step("record batches", lambda: _batches())


def _batches():
    with connection.cursor() as cursor:
        cursor.execute("select ts from readings")
        return sum(len(b) for b in cursor.fetch_record_batch())


step("info", lambda: {str(k): str(v) for k, v in connection.adbc_get_info().items() if "version" not in str(k)})
step("table types", lambda: sorted(connection.adbc_get_table_types()))
step("table schema", lambda: str(connection.adbc_get_table_schema("devices", db_schema_filter="public")))
step("objects: schemas", lambda: tree(depth="db_schemas"))
step("objects: tables", lambda: tree(depth="tables", db_schema_filter="public"))
step("objects: columns and keys", lambda: tree(depth="all", db_schema_filter="public", table_name_filter="devices"))
step("current schema", lambda: (connection.adbc_current_catalog, connection.adbc_current_db_schema))


def ingested():
    with connection.cursor() as cursor:
        table = pa.table(
            {
                "device": pa.array([1, 2, None], pa.int32()),
                "about": ["one", None, "ß"],
                "at": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
            }
        )
        count = cursor.adbc_ingest("staged", table, mode="create", temporary=True)
        more = cursor.adbc_ingest("staged", table.slice(0, 1), mode="append", temporary=True)
        cursor.execute(
            "select s.device, s.about, s.at, count(*) from staged s join readings r using (device) group by 1, 2, 3 order by 1"
        )
        return count, more, repr(cursor.fetchall())


step("ingested into a temporary table", ingested)
connection.rollback()


def transactions():
    with adbc.connect(URL) as own, own.cursor() as cursor:
        seen = []
        for text in ("select 1/0", "select 1"):
            try:
                cursor.execute(text)
                cursor.fetchall()
            except adbc.Error as error:
                seen.append(error.sqlstate)
        own.rollback()
        cursor.execute("select 2")
        return seen, cursor.fetchall()


step("transactions", transactions)


def cancelled():
    with adbc.connect(URL, autocommit=True) as own, own.cursor() as cursor:
        timer = threading.Timer(0.5, cursor.adbc_cancel)
        timer.start()
        try:
            cursor.execute("select pg_sleep(20)::text")
            cursor.fetchall()
        except Exception as error:
            return type(error).__name__, getattr(error, "sqlstate", None)
        finally:
            timer.join()


step("cancel", cancelled)
step("an error", lambda: fetched("select nope from readings"))
connection.close()
