"""DateStyle, IntervalStyle and their kin: output, casts both ways, literals, what the client is told, as PostgreSQL 15 has it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import psycopg
import pytest

from fedgate.config import Config
from fedgate.server import running
from tests.conftest import PostgresServer

DATE_STYLES = [f"{form}, {order}" for form, order in product(("ISO", "SQL", "Postgres", "German"), ("MDY", "DMY", "YMD"))]
INTERVAL_STYLES = ["postgres", "postgres_verbose", "sql_standard", "iso_8601"]
ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Europe/Amsterdam", "Etc/GMT+5", "-3", "GMT"]

DATES = ["2024-02-29", "0044-03-15 BC", "0001-01-01", "1999-12-31", "12345-06-07", "infinity", "-infinity"]
TIMES = ["2024-02-29 04:05:06.7", "2024-07-09 23:59:59.999999", "1850-01-01 00:00:00", "0044-03-15 12:00:00 BC"]
TIMES += ["19999-12-31 10:20:30", "1969-12-31 23:59:59.000001", "infinity", "-infinity"]
INTERVALS = ["0", "1 year 2 mons 3 days 04:05:06.7", "-1 year -2 mons +3 days -04:05:06.7", "1 day", "-1 day", "1 mon"]
INTERVALS += ["-00:00:00.000001", "100:00:00", "1 year -1 day", "1 mon 1 us", "-1 mon -1 us", "-5 days 3 hours", "13 mons", "60 s"]
DATE_INPUTS = ["01/02/2024", "13/02/2024", "02/13/2024", "2024/03/04", "1-2-03", "03-04-05", "29.02.2024", "2024-02-29", "99.12.31"]
DATE_INPUTS += ["Feb 3 2024", "3 Feb 24", "20240229", "Thu 29 Feb 04:05:06 2024", "02/29/2024 04:05:06.7 EST", "31/12/99 BC"]
INTERVAL_INPUTS = [
    "1-2",
    "-1-2 3 4:05:06",
    "-1 4:05:06",
    "-1 1:00",
    "P1Y2M3DT4H5M6S",
    "@ 1 day 2 hours ago",
    "-1 day 02:03",
    "1 2:03",
]
INTERVAL_INPUTS += ["-2:00", "-1 year 2 mons 3 days", "-1.5 years 1 day"]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(Config(catalog=tmp_path_factory.mktemp("catalog"), listen=("127.0.0.1", 0))) as server:
        host, port = server.address
        yield f"host={host} port={port} user=me dbname=fedgate"


def column(values: list[str], type_name: str) -> str:
    """A FROM item v(i, x) of values of a type."""
    rows = ", ".join(f"({i}, '{v}'::{type_name})" for i, v in enumerate(values))
    return f"(VALUES {rows}) AS v(i, x)"


def outputs() -> list[str]:
    whole = "SELECT x, x::text, ARRAY[x], ARRAY[x]::text, concat(x, '!'), format('%s', x), to_jsonb(x)"
    return [
        f"{whole} FROM {column(values, type_name)} ORDER BY i"
        for values, type_name in ((DATES, "date"), (TIMES, "timestamp"), (TIMES, "timestamptz"), (INTERVALS, "interval"))
    ]


def inputs(texts: list[str], types: list[str]) -> list[str]:
    """Each text as a literal, and as what a column holds."""
    out = []
    for text, type_name in product(texts, types):
        iso = f"{{}}::{type_name}" if type_name == "interval" else f"to_char({{}}::{type_name}, 'YYYY-MM-DD BC HH24:MI:SS.US')"
        iso = iso.replace("to_char({}::date,", "to_char({}::date::timestamp,")
        out += ["SELECT " + iso.format(f"'{text}'"), f"SELECT {iso.format('x')} FROM {column([text], 'text')}"]
    return out


def told(dsn: str, settings: list[str], statements: list[str]) -> list[object]:
    """Every statement's answer as text, as the server wrote it; its SQLSTATE where it fails."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for setting in settings:
            connection.execute(setting)
        out: list[object] = [connection.info.parameter_status(name) for name in ("DateStyle", "IntervalStyle")]
        for statement in statements:
            result = connection.pgconn.exec_(statement.encode())
            rows = [[result.get_value(r, c) for c in range(result.nfields)] for r in range(result.ntuples)]
            out.append((statement, result.error_field(psycopg.pq.DiagnosticField.SQLSTATE), rows))
    return out


def agree(gateway: str, postgres: PostgresServer, settings: list[str], statements: list[str]) -> None:
    for ours, theirs in zip(told(gateway, settings, statements), told(postgres.dsn, settings, statements), strict=True):
        assert ours == theirs


@pytest.mark.parametrize("style", DATE_STYLES)
def test_dates_and_times_are_written_as_postgresql_writes_them(style: str, gateway: str, postgres: PostgresServer) -> None:
    for zone in ZONES:
        agree(gateway, postgres, [f"SET datestyle = '{style}'", f"SET timezone = '{zone}'"], outputs()[:3])


@pytest.mark.parametrize("order", ["MDY", "DMY", "YMD"])
def test_dates_and_times_are_read_in_the_sessions_order(order: str, gateway: str, postgres: PostgresServer) -> None:
    agree(gateway, postgres, [f"SET datestyle = '{order}'"], inputs(DATE_INPUTS, ["date", "timestamp"]))


@pytest.mark.parametrize("style", INTERVAL_STYLES)
def test_intervals(style: str, gateway: str, postgres: PostgresServer) -> None:
    statements = [*outputs()[3:], *inputs(INTERVAL_INPUTS, ["interval"])]
    agree(gateway, postgres, [f"SET intervalstyle = '{style}'"], statements)


@pytest.mark.parametrize("digits", [-15, -5, 0, 1, 3])
def test_floats_in_casts_have_the_sessions_digits(digits: int, gateway: str, postgres: PostgresServer) -> None:
    floats = column(["0.1", "0.333333333333333333", "1e300", "123456.789", "-0", "NaN", "infinity"], "float8")
    singles = column(["0.1", "0.33333333", "1e30"], "float4")
    statements = [f"SELECT x, x::text, x || '', ARRAY[x]::text FROM {source} ORDER BY i" for source in (floats, singles)]
    agree(gateway, postgres, [f"SET extra_float_digits = {digits}"], statements)


@pytest.mark.parametrize("output", ["hex", "escape"])
def test_bytes_in_casts_have_the_sessions_form(output: str, gateway: str, postgres: PostgresServer) -> None:
    source = column([r"\x00ff5c41", r"\x"], "bytea")
    agree(gateway, postgres, [f"SET bytea_output = '{output}'"], [f"SELECT x, x::text, concat(x) FROM {source} ORDER BY i"])


@pytest.mark.parametrize(
    "setting",
    [
        "german",
        "'sql, dmy'",
        "european",
        "'postgresql, us'",
        "german, mdy",
        "'mdy, german'",
        "noneuropean",
        "'iso, iso'",
        "'iso, sql'",
        "'mdy, dmy'",
        "'klingon'",
        "default",
        "''",
        "'ISO,  YMD'",
    ],
)
def test_what_the_setting_takes(setting: str, gateway: str, postgres: PostgresServer) -> None:
    def shown(dsn: str) -> object:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET datestyle = 'Postgres, DMY'")
            try:
                connection.execute(f"SET datestyle TO {setting}")
            except psycopg.Error as error:
                return error.sqlstate, error.diag.message_primary, error.diag.message_detail
            return connection.info.parameter_status("DateStyle"), connection.execute("SHOW datestyle").fetchall()

    assert shown(gateway) == shown(postgres.dsn)


def test_a_prepared_statement_answers_in_the_style_of_its_execution(gateway: str, postgres: PostgresServer) -> None:
    def answers(dsn: str) -> list[object]:
        out: list[object] = []
        with psycopg.connect(dsn, autocommit=True) as connection:
            for style in ("ISO, DMY", "German", "SQL, MDY"):
                connection.execute(f"SET datestyle = '{style}'")
                found = connection.execute("SELECT (d + 1)::text FROM (VALUES (%s::date)) AS v(d)", ["2024-02-28"], prepare=True)
                out += found.fetchall()
        return out

    assert answers(gateway) == answers(postgres.dsn) == [("2024-02-29",), ("29.02.2024",), ("02/29/2024",)]
