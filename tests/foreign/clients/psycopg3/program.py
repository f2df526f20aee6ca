"""psycopg 3: both protocols, binary, server cursors, pipelines, prepared statements, COPY, cancel, a pool."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool
from steps import step, version

version(psycopg.__version__)
connection = psycopg.connect(autocommit=True)

step("connect", lambda: (connection.info.user, connection.info.dbname, connection.info.encoding, connection.info.timezone))
step(
    "list",
    lambda: connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2"
    ).fetchall(),
)
step(
    "describe",
    lambda: [
        (c.name, c.type_code, c.type_display, c.internal_size, c.precision, c.scale)
        for c in connection.execute("select * from kinds limit 0").description
    ],
)
step("every type, text", lambda: connection.execute("select * from kinds where id < 32 order by id").fetchall())
step(
    "every type, binary", lambda: connection.cursor(binary=True).execute("select * from kinds where id < 32 order by id").fetchall()
)
step(
    "extremes",
    lambda: connection.execute(
        "select id, i8, f8, n, t, by, iv, u, jb, ai, at from kinds where id between 32 and 46 order by id"
    ).fetchall(),
)
step("beyond Python's dates", lambda: connection.execute("select d from kinds where id = 51").fetchall())

VALUES = [
    True,
    5,
    2**40,
    1.5,
    Decimal("1.50"),
    "é'東",
    b"\0\xff",
    dt.date(2024, 2, 29),
    dt.time(1, 2, 3, 4),
    dt.datetime(2024, 3, 31, 2, 30),
    dt.datetime(2024, 3, 31, 2, 30, tzinfo=dt.UTC),
    dt.timedelta(days=-3, seconds=5),
    uuid.UUID(int=5),
    Jsonb({"a": [1, None]}),
    [1, None, 3],
    ["a", None, 'b"c'],
    None,
]
for number, value in enumerate(VALUES):
    step(
        f"parameter {type(value).__name__} {number}",
        lambda v=value: connection.execute("select %s, pg_typeof(%s)::text", (v, v)).fetchall(),
    )
    step(
        f"binary parameter {type(value).__name__} {number}",
        lambda v=value: connection.execute("select %b as v", (v,), binary=True).fetchall(),
    )
step(
    "any",
    lambda: connection.execute(
        "select count(*), sum(price) from readings where site = any(%s) and day > %s", (["north", "east"], dt.date(2024, 4, 1))
    ).fetchall(),
)

COUNT = "select count(*) from readings where device = %s"
step("prepared by use", lambda: [connection.execute(COUNT, (n,)).fetchone() for n in range(8)])
step(
    "prepared statements",
    lambda: connection.execute(
        "select statement, parameter_types::text[], from_sql from pg_prepared_statements order by 1"
    ).fetchall(),
)
step("prepared at once", lambda: connection.execute(COUNT, (3,), prepare=True).fetchone())
step("executemany", lambda: connection.cursor().executemany("select %s::int", [(1,), (2,)], returning=True))


def server_cursor(**how):
    with connection.transaction(), connection.cursor(name="c", **how) as cursor:
        cursor.execute("select site, device, ts from readings order by site, ts")
        first = cursor.fetchmany(3)
        if how.get("scrollable"):
            cursor.scroll(-2)
            first += cursor.fetchmany(1)
        rest = sum(1 for _ in cursor)
        return first, rest


step("server cursor", server_cursor)
step("scrollable server cursor", lambda: server_cursor(scrollable=True))


def held():
    with connection.cursor(name="h", withhold=True) as cursor:
        cursor.execute("select device, model from devices order by device")
        return cursor.fetchmany(2), cursor.fetchall()


step("cursor with hold", held)
step("stream", lambda: sum(1 for _ in connection.cursor().stream("select * from readings")))
step("stream in chunks", lambda: sum(1 for _ in connection.cursor().stream("select * from readings", size=100)))


def pipeline():
    with connection.pipeline():
        cursors = [connection.execute("select %s::int + 1", (n,)) for n in range(5)]
    return [c.fetchone() for c in cursors]


def pipeline_error():
    seen = []
    try:
        with connection.pipeline() as p:
            connection.execute("select 1/0")
            p.sync()
    except psycopg.Error as error:
        seen.append(error.sqlstate)
    return [*seen, connection.execute("select 1").fetchone()]


step("pipeline", pipeline)
step("pipeline with an error", pipeline_error)
step("several results", lambda: [c.fetchall() for c in connection.execute("select 1; select 2, 3").results()])


def copy_out(text, **how):
    with connection.cursor().copy(text) as copy:
        return b"".join(bytes(block) for block in copy).decode("latin1")


def copy_rows():
    with connection.cursor().copy(
        "copy (select device, model, installed from devices order by 1) to stdout (format binary)"
    ) as copy:
        copy.set_types(["int4", "varchar", "date"])
        return list(copy.rows())


step("copy text", lambda: copy_out("copy (select * from readings order by site, ts limit 20) to stdout"))
step(
    "copy csv", lambda: copy_out("copy (select * from devices order by device) to stdout with (format csv, header, force_quote *)")
)
step(
    "copy binary",
    lambda: copy_out(
        "copy (select device, ts, temp, price, note from readings order by site, ts limit 20) to stdout (format binary)"
    ),
)
step("copy table", lambda: copy_out("copy devices to stdout"))
step("copy rows", copy_rows)
step("copy error", lambda: copy_out("copy (select 1/(device-3) from devices order by device) to stdout"))


def staged():
    with psycopg.connect() as own:
        own.execute("create temp table staged (device integer, factor float8, about text) on commit drop")
        with own.cursor().copy("copy staged from stdin") as copy:
            for device in range(4):
                copy.write_row((device, device / 2, None if device == 2 else f"é{device}"))
        found = own.execute(
            "select s.device, s.about, count(*), sum(r.status * factor) from readings r join staged s using (device) group by 1, 2 order by 1"
        ).fetchall()
        own.cursor().executemany("insert into staged values (%s, %s, %s)", [(8, 1.5, "x"), (9, None, None)])
        return found, own.execute("select * from staged order by device").fetchall()


step("temp table filled by copy", staged)


def transaction():
    with connection.transaction():
        connection.execute("select 1")
        try:
            with connection.transaction():
                connection.execute("select 1/0")
        except psycopg.errors.DivisionByZero as error:
            inner = error.sqlstate
        status = connection.info.transaction_status.name
        return inner, status, connection.execute("select 2").fetchone()


def failed_transaction():
    with psycopg.connect() as own:
        seen = []
        for text in ("select 1/0", "select 1"):
            try:
                own.execute(text)
            except psycopg.Error as error:
                seen.append((error.sqlstate, own.info.transaction_status.name))
        own.rollback()
        return seen, own.execute("select 3").fetchone()


step("transactions and savepoints", transaction)
step("failed transaction", failed_transaction)


def levels():
    with psycopg.connect() as own:
        seen = []
        for level in psycopg.IsolationLevel:
            own.isolation_level, own.read_only = level, True
            seen.append(
                own.execute("select current_setting('transaction_isolation'), current_setting('transaction_read_only')").fetchone()
            )
            own.rollback()
        return seen


step("isolation levels", levels)


def cancelled(how):
    with psycopg.connect(autocommit=True) as own:
        timer = threading.Timer(0.3, how, (own,))
        timer.start()
        try:
            own.execute("select pg_sleep(20)")
        except psycopg.Error as error:
            return type(error).__name__, error.sqlstate, own.execute("select 1").fetchone()
        finally:
            timer.join()


step("cancel", lambda: cancelled(lambda c: c.cancel()))
step("cancel_safe", lambda: cancelled(lambda c: c.cancel_safe(timeout=5)))


def timeout():
    with psycopg.connect(options="-c statement_timeout=200", autocommit=True) as own:
        own.execute("select pg_sleep(20)")


step("statement timeout", timeout)
for text in (
    "select nope from readings",
    "select * from nope",
    "selec 1",
    "select 1/0",
    "select 'a'::int",
    "select now() + 1",
    "select foo(1)",
    "select site from readings group by device",
    "select * from plant.nope",
    "select * from nope.nope",
    "select $1",
):

    def failing(text=text):
        try:
            connection.execute(text)
        except psycopg.Error as error:
            d = error.diag
            return (
                type(error).__name__,
                d.sqlstate,
                d.severity,
                d.message_primary,
                d.message_detail,
                d.message_hint,
                d.statement_position,
            )

    step(f"error: {text}", failing)
step("write refused", lambda: connection.execute("insert into readings (site, device, ts) values ('x', 1, now())"))
step("create refused", lambda: connection.execute("create table public.x (a int)"))
step(
    "odd names",
    lambda: connection.execute(
        'select "Mixed Case", "with space", "quote""d", "select" from plant."Odd names" order by 1'
    ).fetchall(),
)


def notices():
    seen = []
    with psycopg.connect(autocommit=True) as own:
        own.add_notice_handler(lambda d: seen.append((d.severity, d.sqlstate, d.message_primary)))
        own.execute("rollback")
        own.execute("begin")
        own.execute("begin")
        own.execute("commit")
    return seen


step("notices", notices)
step(
    "settings in the connection",
    lambda: (
        psycopg.connect(options="-c TimeZone=Europe/Berlin -c application_name=x")
        .execute("select current_setting('TimeZone'), current_setting('application_name'), timestamptz '2024-07-01 00:00+00'::text")
        .fetchone()
    ),
)


def parameter_status():
    with psycopg.connect(autocommit=True) as own:
        names = [
            "server_encoding",
            "client_encoding",
            "DateStyle",
            "TimeZone",
            "integer_datetimes",
            "standard_conforming_strings",
            "application_name",
            "is_superuser",
            "session_authorization",
            "in_hot_standby",
            "IntervalStyle",
            "default_transaction_read_only",
        ]
        first = {name: own.info.parameter_status(name) for name in names}
        own.execute("set timezone to 'Asia/Kolkata'")
        own.execute("set application_name to 'mine'")
        return first, own.info.timezone, own.info.parameter_status("application_name")


step("parameter status", parameter_status)
step("notify", lambda: [connection.execute(text).statusmessage for text in ("listen a", "unlisten a", "unlisten *")])


def pooled():
    with ConnectionPool(
        min_size=1,
        max_size=2,
        check=ConnectionPool.check_connection,
        reset=lambda c: c.execute("discard all") and c.commit(),
        kwargs={"autocommit": True},
    ) as pool:
        with pool.connection() as own:
            own.execute("set search_path to plant")
            own.execute("prepare x as select 1")
        with pool.connection() as own:
            return own.execute("show search_path").fetchone(), own.execute("select count(*) from pg_prepared_statements").fetchone()


step("pool", pooled)


def two_phase():
    with psycopg.connect() as own:
        own.tpc_begin(own.xid(1, "a", "b"))
        own.execute("select 1")
        own.tpc_prepare()


step("two-phase commit", two_phase)
step(
    "type by name",
    lambda: [
        psycopg.types.TypeInfo.fetch(connection, name) and psycopg.types.TypeInfo.fetch(connection, name).oid
        for name in ("jsonb", "nope")
    ],
)
step("enum by name", lambda: psycopg.types.enum.EnumInfo.fetch(connection, "nope"))
step("composite by name", lambda: list(psycopg.types.composite.CompositeInfo.fetch(connection, "devices").field_names))
step("range by name", lambda: psycopg.types.range.RangeInfo.fetch(connection, "int4range").subtype_oid)
connection.close()
