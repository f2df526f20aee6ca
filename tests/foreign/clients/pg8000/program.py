"""pg8000: a driver in Python alone, by its DB-API and its own interface."""

import io
import os
from importlib.metadata import version as installed

import pg8000.dbapi
import pg8000.native
from dbapi import sweep
from steps import step, version

version(installed("pg8000"))
TO = {
    "host": os.environ["PGHOST"],
    "port": int(os.environ["PGPORT"]),
    "user": os.environ["PGUSER"],
    "database": os.environ["PGDATABASE"],
}
sweep(lambda: pg8000.dbapi.connect(**TO))
native = pg8000.native.Connection(**TO)
step("native query", lambda: native.run("select site, count(*) from readings where device = :d group by 1 order by 1", d=3))
step(
    "native columns",
    lambda: [
        (c["name"], c["type_oid"], c["type_modifier"]) for c in (native.run("select * from devices limit 0"), native.columns)[1]
    ],
)
step("native prepared", lambda: [native.prepare("select cast(:a as int) + 1").run(a=n) for n in range(3)])
step("native script", lambda: native.run("begin; select 1; commit"))
step(
    "parameter statuses",
    lambda: {k: native.parameter_statuses[k] for k in ("server_encoding", "client_encoding", "TimeZone", "DateStyle")},
)
step("notices", lambda: (native.run("commit"), [n[b"C"].decode() for n in native.notices])[1])


def copied():
    out = io.BytesIO()
    native.run("copy (select device, model from devices order by 1) to stdout", stream=out)
    return out.getvalue().decode()


def copied_in():
    native.run("create temp table incoming (a int, b text)")
    native.run("copy incoming from stdin", stream=io.BytesIO(b"1\tone\n2\t\\N\n"))
    native.run("copy incoming from stdin", stream=iter([b"3\tthree\n"]))
    return native.run("select * from incoming order by 1")


step("copy to a stream", copied)
step("copy from a stream", copied_in)
step("arrays and json", lambda: native.run("select tags, more, key, pause from devices order by device limit 3"))
step("application name", lambda: pg8000.native.Connection(**TO, application_name="pg8000's").run("show application_name"))
step(
    "isolation",
    lambda: [
        native.run(text)
        for text in ("start transaction isolation level serializable read only", "show transaction_isolation", "rollback")
    ],
)
native.close()
