"""Foreign clients over TLS with a password, at a gateway that lets nobody in without: each in its own environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from fedgate.config import Config
from fedgate.pgwire.scram import make_verifier
from fedgate.server import running
from tests.foreign import environments
from tests.foreign.definition import read
from tests.foreign.making import BrokenError, MissingError, require
from tests.pgwire import certificates

pytestmark = pytest.mark.clients
TIMEOUT_S = 60
PASSWORD = "päss wörd"
_ASKED = "select current_user::text, ssl, version, pg_backend_pid() = pid from pg_stat_ssl where pid = pg_backend_pid()"
_DBAPI = "import os, json, {module} as d; c = {connect}; k = c.cursor(); k.execute(q); print(json.dumps(list(k.fetchone())))"
_TLS = "ssl.create_default_context(cafile=os.environ['PGSSLROOTCERT'])"
_WHO = "host='localhost', port=int(os.environ['PGPORT']), user='ann', password=os.environ['PGPASSWORD'], database='fedgate'"
PROGRAMS = {
    "psycopg3": _DBAPI.format(module="psycopg", connect="d.connect('channel_binding=require')"),
    "psycopg2": _DBAPI.format(module="psycopg2", connect="d.connect('channel_binding=require')"),
    "adbc": _DBAPI.format(module="adbc_driver_postgresql.dbapi", connect="d.connect('postgresql://')"),
    "pg8000": "import ssl; " + _DBAPI.format(module="pg8000.dbapi", connect=f"d.connect({_WHO}, ssl_context={_TLS})"),
    "asyncpg": (
        "import asyncio, asyncpg, json, os, ssl\n"
        f"async def main():\n    c = await asyncpg.connect({_WHO}, ssl={_TLS})\n"
        "    print(json.dumps(list(await c.fetchrow(q)))); await c.close()\nasyncio.run(main())"
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    port: int
    certificate: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    catalog = tmp_path_factory.mktemp("catalog")
    role = {"kind": "role", "name": "ann", "admin": True, "verifier": make_verifier(PASSWORD).text}
    (catalog / "roles.yaml").write_text(yaml.safe_dump(role))
    pair = certificates.make(tmp_path_factory.mktemp("tls"))
    config = Config(catalog=catalog, listen=("127.0.0.1", 0), tls_certificate=pair.certificate, tls_key=pair.key, require_tls=True)
    with running(config) as gateway:
        yield Place(gateway.address[1], pair.certificate)


def _run(command: list[str], place: Place, password: str = PASSWORD, mode: str = "verify-full") -> subprocess.CompletedProcess[str]:
    given = {
        "PGHOST": "localhost", "PGHOSTADDR": "127.0.0.1", "PGPORT": str(place.port), "PGUSER": "ann", "PGDATABASE": "fedgate",
        "PGPASSWORD": password, "PGSSLMODE": mode, "PGSSLROOTCERT": str(place.certificate), "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    return subprocess.run(
        command, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def _python(name: str) -> str:
    try:
        return environments.ready(read(name))["python"]
    except (MissingError, BrokenError) as exc:
        pytest.fail(str(exc), pytrace=False)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_driver_logs_in(name: str, place: Place) -> None:
    done = _run([_python(name), "-c", f"q = {_ASKED!r}\n{PROGRAMS[name]}"], place)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["ann", True, "TLSv1.3", True]


def test_psql_logs_in(place: Place) -> None:
    done = _run([require("psql"), "-XAtc", _ASKED], place)
    assert done.stdout == "ann|t|TLSv1.3|t\n", done.stderr


@pytest.mark.parametrize(
    ("password", "mode", "said"),
    [("wrong", "verify-full", "password authentication failed"), (PASSWORD, "disable", "encrypt")],
)
def test_psql_is_refused(place: Place, password: str, mode: str, said: str) -> None:
    done = _run([require("psql"), "-XAtc", "select 1"], place, password, mode)
    assert done.returncode == 2
    assert said in done.stderr
