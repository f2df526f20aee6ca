"""The steps that any driver of Python's DB-API (PEP 249) can take; a client's program takes its own besides."""

import datetime as dt
import decimal
import uuid

from steps import step

LIST = """select table_schema, table_name, table_type from information_schema.tables
where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2"""
DESCRIBE = """select column_name, data_type, is_nullable, character_maximum_length, numeric_precision, numeric_scale from information_schema.columns
where table_schema = 'public' and table_name = 'devices' order by ordinal_position"""
TAME = "select * from kinds where id < 32 order by id"
ENDS = "select id, b, i2, i4, i8, f8, n, n2, t, v, by, iv, u, j, jb, ai, at from kinds where id between 32 and 46 order by id"
VALUES = {
    "bool": True,
    "small integer": 5,
    "large integer": 2**40,
    "float": 1.5,
    "decimal": decimal.Decimal("-1.50"),
    "text": 'é\'東 "q" \\ %',
    "bytes": b"\0\xff'",
    "date": dt.date(2024, 2, 29),
    "time": dt.time(1, 2, 3, 4),
    "timestamp": dt.datetime(2024, 3, 31, 2, 30, 0, 5),
    "timestamptz": dt.datetime(2024, 3, 31, 2, 30, tzinfo=dt.UTC),
    "interval": dt.timedelta(days=3, seconds=5),
    "uuid": uuid.UUID(int=5),
    "array": [1, 2, 3],
    "texts": ["a", 'b"c', "d,e"],
    "null": None,
}
CASTS = {
    "bool": "bool", "small integer": "int", "large integer": "bigint", "float": "float8", "decimal": "numeric", "text": "text", "bytes": "bytea",
    "date": "date", "time": "time", "timestamp": "timestamp", "timestamptz": "timestamptz", "interval": "interval", "uuid": "uuid", "array": "int[]",
    "texts": "text[]", "null": "text",
}  # fmt: skip
FAILING = [
    "select nope from readings", "select * from nope", "selec 1", "select 1/0", "select 'a'::int", "select foo(1)", "select site from readings group by device",
    "select * from nope.nope", "select 'a'::timestamptz", "select 9223372036854775807 + 1", "select (select device from devices)",
]  # fmt: skip


def sweep(connect, mark="%s", leave_out=()):
    """`connect()` gives a new connection, in a transaction as PEP 249 says; `mark` is what stands for a parameter."""
    connection = connect()

    def rows(text, *values):
        cursor = connection.cursor()
        try:
            cursor.execute(text, values) if values else cursor.execute(text)
            return [list(row) for row in cursor.fetchall()]
        except Exception:
            connection.rollback()
            raise
        finally:
            cursor.close()

    def described(text):
        cursor = connection.cursor()
        cursor.execute(text)
        shown = [[part if isinstance(part, (str, int)) else None for part in column[:2]] for column in cursor.description]
        connection.rollback()
        return shown

    step("list", lambda: rows(LIST))
    step("describe", lambda: rows(DESCRIBE))
    step("columns of a query", lambda: described("select * from kinds limit 0"))
    step("every type", lambda: rows(TAME))
    step("the ends of types", lambda: rows(ENDS))
    step("text beyond ASCII", lambda: rows("select note, length(note) from readings where device = 3 order by ts limit 20"))
    step("names that need quotes", lambda: rows('select * from plant."Odd names" order by 1'))
    for name, value in VALUES.items():
        if name not in leave_out:
            step(f"parameter: {name}", lambda n=name, v=value: rows(f"select cast({mark} as {CASTS[n]})", v))
    step(
        "parameters in conditions",
        lambda: rows(
            f"select count(*), min(ts), sum(price) from readings where site = {mark} and device > {mark} and temp < {mark}",
            "east",
            2,
            100.5,
        ),
    )
    step("a parameter in LIMIT", lambda: rows(f"select device from devices order by 1 limit {mark}", 3))

    def pieces():
        cursor = connection.cursor()
        cursor.execute("select device, ts from readings order by site, ts")
        found = [list(row) for row in cursor.fetchmany(3)]
        one = list(cursor.fetchone())
        return found, one, cursor.rowcount, len(cursor.fetchall())

    step("fetchmany, fetchone, fetchall", pieces)

    def transactions():
        own = connect()
        cursor, seen = own.cursor(), []
        cursor.execute("select now() = now()")
        seen.append(list(cursor.fetchone()))
        try:
            cursor.execute("select 1/0")
        except Exception as error:
            seen.append(type(error).__name__)
        try:
            cursor.execute("select 1")
        except Exception as error:
            seen.append(type(error).__name__)
        own.rollback()
        cursor.execute("select 2")
        seen.append(list(cursor.fetchone()))
        own.commit()
        own.close()
        return seen

    step("transactions", transactions)
    for text in FAILING:
        step(f"error: {text}", lambda t=text: rows(t))
    step("write refused", lambda: rows("insert into readings (site, device, ts) values ('x', 1, now())"))

    def staged():
        own = connect()
        cursor = own.cursor()
        cursor.execute("create temp table staged (device int, about text)")
        cursor.execute("insert into staged values (1, 'one'), (2, null)")
        cursor.executemany(f"insert into staged values ({mark}, {mark})", [(3, "é"), (4, "four")])
        cursor.execute("select s.device, s.about, count(*) from staged s join readings r using (device) group by 1, 2 order by 1")
        found = [list(row) for row in cursor.fetchall()]
        cursor.execute("drop table staged")
        own.commit()
        own.close()
        return found

    step("temporary table", staged)

    def timed_out():
        own = connect()
        cursor = own.cursor()
        cursor.execute("set statement_timeout = 100")
        try:
            cursor.execute("select pg_sleep(20)")
            cursor.fetchall()
        finally:
            own.rollback()
            own.close()

    step("statement timeout", timed_out)
    connection.close()
