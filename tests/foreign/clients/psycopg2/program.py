"""psycopg2: what DB-API has, named cursors, COPY, cancel, sessions, notices, a pool."""

import io
import threading

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import psycopg2.pool
from dbapi import sweep
from steps import step, version

version(psycopg2.__version__.split()[0])
psycopg2.extras.register_uuid()
sweep(lambda: psycopg2.connect(""))
connection = psycopg2.connect("")
step("server version", lambda: connection.server_version)
step(
    "parameter status",
    lambda: [connection.get_parameter_status(n) for n in ("server_encoding", "DateStyle", "TimeZone", "integer_datetimes")],
)


def named(**how):
    with connection, connection.cursor(name="c", **how) as cursor:
        cursor.itersize = 100
        cursor.execute("select site, ts from readings order by site, ts")
        first = cursor.fetchmany(2)
        if how.get("scrollable"):
            cursor.scroll(-1)
            cursor.scroll(10, mode="absolute")
            first += cursor.fetchmany(1)
        return first, sum(1 for _ in cursor)


step("named cursor", named)
step("scrollable named cursor", lambda: named(scrollable=True))
step("named cursor with hold", lambda: named(withhold=True))


def copied(text):
    out = io.StringIO()
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(text, out)
    return out.getvalue()


step("copy_expert", lambda: copied("copy (select * from devices order by device) to stdout csv header"))
step("copy_to", lambda: copied("copy devices (device, model) to stdout"))


def copied_in():
    with connection, connection.cursor() as cursor:
        cursor.execute("create temp table incoming (a int, b text)")
        cursor.copy_from(io.StringIO("1\tone\n2\t\\N\n"), "incoming")
        cursor.copy_expert("copy incoming from stdin csv", io.StringIO('3,"a, b"\n'))
        cursor.execute("select * from incoming order by 1")
        return cursor.fetchall()


step("copy_from", copied_in)


def many():
    with connection, connection.cursor() as cursor:
        return psycopg2.extras.execute_values(
            cursor, "select * from (values %s) v(a, b) order by a", [(2, "b"), (1, "a")], fetch=True
        )


step("execute_values", many)


def cancelled():
    own = psycopg2.connect("")
    own.autocommit = True
    timer = threading.Timer(0.3, own.cancel)
    timer.start()
    try:
        own.cursor().execute("select pg_sleep(20)")
    except psycopg2.Error as error:
        cursor = own.cursor()
        cursor.execute("select 1")
        return type(error).__name__, error.pgcode, cursor.fetchone()
    finally:
        timer.join()


step("cancel", cancelled)


def sessions():
    seen = []
    own = psycopg2.connect("")
    for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        own.set_session(isolation_level=level, readonly=True, deferrable=False)
        with own, own.cursor() as cursor:
            cursor.execute("show transaction_isolation")
            seen += cursor.fetchall()
            cursor.execute("show transaction_read_only")
            seen += cursor.fetchall()
    own.set_client_encoding("LATIN1")
    with own, own.cursor() as cursor:
        cursor.execute("select 'é', %s", ("ü",))
        seen += cursor.fetchall()
    return seen, own.encoding


step("sessions and encodings", sessions)


def rows_as(factory):
    with connection, connection.cursor(cursor_factory=factory) as cursor:
        cursor.execute("select device, model from devices order by device limit 2")
        return [repr(row) for row in cursor.fetchall()]


step("rows as dictionaries", lambda: rows_as(psycopg2.extras.RealDictCursor))
step("rows as named tuples", lambda: rows_as(psycopg2.extras.NamedTupleCursor))
step("diagnostics", lambda: _diagnostics())


def _diagnostics():
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select nope from readings")
    except psycopg2.Error as error:
        return error.diag.sqlstate, error.diag.severity, error.diag.message_primary, error.diag.statement_position, str(error)


def notices():
    own = psycopg2.connect("")
    own.autocommit = True
    cursor = own.cursor()
    for text in ("begin", "begin", "commit", "commit", "set client_min_messages to error", "commit"):
        cursor.execute(text)
    return own.notices


step("notices", notices)


def pooled():
    pool = psycopg2.pool.SimpleConnectionPool(1, 2, "")
    own = pool.getconn()
    own.cursor().execute("set search_path to plant")
    own.commit()
    own.reset()
    with own.cursor() as cursor:
        cursor.execute("show search_path")
        found = cursor.fetchone()
    pool.putconn(own)
    pool.closeall()
    return found


step("pool and reset", pooled)
step("listen", lambda: _listen())


def _listen():
    own = psycopg2.connect("")
    own.autocommit = True
    cursor = own.cursor()
    cursor.execute("listen news")
    own.poll()
    cursor.execute("unlisten *")
    return cursor.statusmessage, own.notifies
