"""psqlODBC by pyodbc: the catalog functions, types, declare/fetch, prepared at the server or not, timeouts, transactions."""

import datetime as dt
import decimal
import os
import uuid

import pyodbc
from steps import step, version

pyodbc.pooling = False
ADDRESS = (
    f"Servername={os.environ['PGHOST']};Port={os.environ['PGPORT']};Database={os.environ['PGDATABASE']};UID={os.environ['PGUSER']}"
)
TAME = "select * from kinds where id < 32 order by id"
ROWS = "select site, device, ts, temp, price, note from readings order by site, device, ts"
# PostgreSQL keeps these schemas after the sessions that needed them.
TEMPORARY = ("pg_temp", "pg_toast_temp")
ENDLESS = "select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9"


def connect(autocommit=True, driver="PostgreSQL Unicode", **settings):
    more = "".join(f";{name}={value}" for name, value in settings.items())
    return pyodbc.connect(f"Driver={{{driver}}};{ADDRESS}{more}", autocommit=autocommit, timeout=20)


def rows(cursor):
    return [tuple(row) for row in cursor.fetchall()]


def ask(connection, name, text, *values):
    step(name, lambda: rows(connection.cursor().execute(text, *values)))


def catalog(connection):
    """Each catalog function of ODBC, with the names and types of its result's columns."""

    def called(function, **arguments):
        def run():
            cursor = connection.cursor()
            getattr(cursor, function)(**arguments)
            columns = [(column[0], column[1].__name__) for column in cursor.description]
            own = [n for n, (name, _) in enumerate(columns) if name == "table oid"]
            found = (["OID" if n in own else value for n, value in enumerate(row)] for row in cursor.fetchall())
            return columns, sorted(repr(row) for row in found if not str(row[1]).startswith(TEMPORARY))

        shown = ", ".join(f"{name}={value}" for name, value in arguments.items())
        step(f"{function}({shown})", run)

    called("tables")
    called("tables", schema="public")
    called("tables", schema="pl%", tableType="TABLE")
    called("tables", tableType="VIEW", table="h%")
    called("tables", catalog="%", schema="", table="")
    called("tables", catalog="", schema="%", table="")
    called("columns", table="readings")
    called("columns", schema="plant", table="Odd names")
    called("columns", table="hourly", column="%t%")
    called("columns", table="kinds")
    called("primaryKeys", table="readings", schema="public")
    called("primaryKeys", table="hourly")
    called("foreignKeys", table="readings")
    called("statistics", table="readings")
    called("statistics", table="readings", unique=True)
    called("rowIdColumns", table="readings")
    called("rowVerColumns", table="readings")
    called("getTypeInfo")
    called("getTypeInfo", sqlType=pyodbc.SQL_DECIMAL)
    called("procedures", schema="public")
    called("procedureColumns", procedure="date_trunc")


def about(connection):
    names = [name for name in dir(pyodbc) if name.startswith("SQL_") and name.isupper()]
    # What names the server, the driver, or this machine.
    own = {"SQL_DBMS_VER", "SQL_DRIVER_HDBC", "SQL_DRIVER_HENV", "SQL_DRIVER_HLIB", "SQL_DRIVER_HSTMT", "SQL_SERVER_NAME"}
    infos = [name for name in names if name not in own and isinstance(getattr(pyodbc, name), int)]

    def asked(name):
        try:
            return connection.getinfo(getattr(pyodbc, name))
        except pyodbc.Error as error:
            return error.args[0]

    step("getinfo", lambda: {name: asked(name) for name in infos})
    step("version", lambda: connection.getinfo(pyodbc.SQL_DBMS_VER).split(".")[0])


def values(connection):
    ask(connection, "every type", TAME)
    ask(connection, "extremes", "select id, i8, f8, n, t, by, u, jb, ai, at from kinds where id between 32 and 46 order by id")
    step("described", lambda: [tuple(map(str, column)) for column in connection.cursor().execute(TAME).description])
    ask(connection, "odd names", 'select * from plant."Odd names" order by 1')
    sent = {
        "boolean": True, "integer": 5, "bigint": -(2**62), "double precision": 0.1, "numeric": decimal.Decimal("123456789.50"), "text": "é'東\\?",
        "varchar(3)": "abc", "bytea": b"\0\xff", "date": dt.date(2024, 2, 29), "time": dt.time(1, 2, 3), "timestamp": dt.datetime(2024, 3, 31, 2, 30, 0, 123456),
        "uuid": uuid.UUID(int=5), "integer, null": None,
    }  # fmt: skip
    for name, value in sent.items():
        ask(connection, f"parameter of type {name}", f"select ?::{name.split(',')[0]}", value)
    ask(
        connection,
        "conditions",
        "select site, count(*) from readings where device = ? and ts > ? group by 1 order by 1",
        3,
        dt.datetime(2024, 4, 1),
    )
    ask(connection, "escapes", "select {fn ucase('x')}, {d '2024-02-29'}, {ts '2024-02-29 01:02:03'}, {fn concat('a', 'b')}")


def prepared():
    for settings in ({"UseServerSidePrepare": 0}, {"UseServerSidePrepare": 1}, {"Protocol": "7.4-0"}, {"Protocol": "7.4-2"}):
        with connect(**settings) as connection:
            run_prepared(connection, ", ".join(f"{name}={value}" for name, value in settings.items()))


def run_prepared(connection, shown):
    cursor = connection.cursor()
    query = "select count(*), max(price) from readings where device = ? and site = ?"
    step(f"prepared, {shown}", lambda: [rows(cursor.execute(query, device, "north")) for device in range(7)])
    ask(connection, f"parameters, {shown}", "select ?::text || 'x', ?::int + 1", "é", 4)
    step(f"error, {shown}", lambda: rows(cursor.execute("select 1 / ?::int", 0)))
    ask(connection, f"after the error, {shown}", "select 1")


def fetching():
    for size in (7, 100, 5000):
        with connect(autocommit=False, UseDeclareFetch=1, Fetch=size) as connection:
            step(f"declare/fetch of {size}", lambda: (len(found := rows(connection.cursor().execute(ROWS))), found[0], found[-1]))
            step(
                f"declare/fetch of {size}, in parts",
                lambda: [len(connection.cursor().execute(ROWS).fetchmany(n)) for n in (1, 8, 300)],
            )
            ask(
                connection,
                f"declare/fetch of {size}, with parameters",
                "select device, model from devices where device > ? order by 1",
                2,
            )
            connection.rollback()
    with connect(UseDeclareFetch=1, Fetch=10) as connection:
        ask(connection, "declare/fetch outside a transaction", "select device, model from devices order by 1")
    with connect() as connection:

        def several():
            cursor = connection.cursor().execute("select 1 as a; select 'x' as b, 2 as c")
            first = rows(cursor)
            return first, cursor.nextset(), rows(cursor), cursor.nextset()

        step("several results", several)

        def skipped():
            cursor = connection.cursor().execute(ROWS)
            cursor.skip(100)
            return tuple(cursor.fetchone())

        step("rows skipped", skipped)


def failing(connection):
    for text in (
        "select * form readings", "select * from nowhere", "select nothing from readings", "select 'x'::integer", "select 1/0", "delete from readings",
    ):  # fmt: skip
        ask(connection, f"error: {text}", text)


def transactions():
    with connect(autocommit=False) as connection:
        cursor = connection.cursor()
        step("in a transaction", lambda: rows(cursor.execute("select count(*) from devices")))
        step("its error", lambda: rows(cursor.execute("select 1/0")))
        step("after its error", lambda: rows(cursor.execute("select 1")))
        connection.rollback()
        step("after the rollback", lambda: rows(cursor.execute("select 2")))
        connection.commit()
        connection.set_attr(pyodbc.SQL_ATTR_TXN_ISOLATION, pyodbc.SQL_TXN_SERIALIZABLE)
        step("isolation", lambda: rows(cursor.execute("show transaction_isolation")))


def settings():
    for name, more in {
        "A0": {"ConnSettings": "set+search_path+to+plant"},
        "ReadOnly": {"ReadOnly": 1},
        "BoolsAsChar": {"BoolsAsChar": 0},
    }.items():
        with connect(**more) as connection:
            ask(connection, f"{name}: path", "show search_path")
            ask(connection, f"{name}: bool", "select true as v")
    with connect(driver="PostgreSQL ANSI") as connection:
        ask(connection, "ANSI driver", "select model, tags from devices order by device")
        ask(connection, "ANSI driver, tables", "select count(*) from readings where site = ?", "north")
    step("TLS refused", lambda: connect(SSLmode="require"))
    step(
        "no such database",
        lambda: pyodbc.connect(f"Driver={{PostgreSQL Unicode}};{ADDRESS.replace('Database=fedgate', 'Database=nowhere')}"),
    )

    def slow():
        connection = connect()
        connection.timeout = 1
        return rows(connection.cursor().execute(ENDLESS))

    step("query timeout", slow)


def staged(connection):
    cursor = connection.cursor()
    step("temporary table", lambda: cursor.execute("create temp table picked (device integer, label text)").rowcount)
    cursor.fast_executemany = True
    step("rows inserted", lambda: cursor.executemany("insert into picked values (?, ?)", [(1, "one"), (2, None), (3, "é")]))
    ask(
        connection,
        "joined with the inserted",
        "select label, count(*) from readings join picked using (device) group by 1 order by 1",
    )


def main():
    with connect() as connection:
        version(connection.getinfo(pyodbc.SQL_DRIVER_VER))
        for part in (catalog, about, values, failing, staged):
            part(connection)
    prepared()
    fetching()
    transactions()
    settings()


main()
