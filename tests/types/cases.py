"""Inputs of every type: texts that are values, texts that almost are, and the settings that change them.

`python -m tests.types.cases DSN` writes recorded.json: what PostgreSQL 15 answers for each, in text and binary.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

RECORDED = Path(__file__).parent / "recorded.json"
DEFAULTS = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


@dataclass(frozen=True, slots=True)
class Case:
    type: str
    text: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` and `binary` (hex) of a value, or `error`: SQLSTATE and message."""

    text: str | None
    binary: str | None
    error: tuple[str, str] | None


CASES: list[Case] = []


def c(type_: str, *texts: str, **settings: object) -> None:
    CASES.extend(Case(type_, text, {name: str(value) for name, value in settings.items()}) for text in texts)


c("smallint", "32767", "32768", "x")
c("bigint", "9223372036854775807", "9223372036854775808", "-9223372036854775808")
c("oid", "1", "4294967295", "4294967296", "-1", "abc", "")
c('"char"', "a", "", "bcd", "\\132", "\\351", "ü", "\\18")
c("boolean", "t", "TRUE", " yes ", "of", "o", "on", "2", "1", "", "nope")
c(
    "numeric",
    "1",
    "1.50",
    "-0.00",
    "1e5",
    "1.5e-3",
    "NaN",
    "inf",
    "-Infinity",
    "1e131072",
    ".5",
    "5.",
    ".",
    "1e",
    "",
    "1e-16384",
    "1e-17000",
    "  12.3  ",
    "1_0",
    "+3",
    "- 3",
    "00012.10",
    "1e99999999999",
    "0e-5",
    "0.0001e3",
    "nan",
    "-nan",
    "1e-20000",
    "0e-17000",
    "0e17",
)
c("numeric(5,2)", "1.005", "999.994", "999.995", "-1.005", "inf", "12345", "1e2", "1e-20000")
c("numeric(2,2)", "0.994", "0.995", "1")
c("numeric(40,5)", "123456789012345678901234567890.5")
c("numeric(10,8)", "0", "0.00000001", "-0.0000123")
c(
    "double precision",
    "1",
    "1.5",
    "1e15",
    "1e14",
    "123456789012345",
    "1e-4",
    "1e-5",
    "0.00012345",
    "1e400",
    "1e-400",
    "NaN",
    "inf",
    "-infinity",
    "0x10",
    "abc",
    "",
    "1e",
    "0",
    "-0",
    "-0.0",
    "5e-324",
    "1.7976931348623157e308",
    "1.8e308",
    "123456789012345678",
    "0.1",
    " 1 ",
    "1d",
    "infin",
    "+-inf",
    "0e-400",
    "1e-310",
    "1e22",
    "1e23",  # between two doubles
    "-8.41e21",
    "18014398509481992",
    "9007199254740993",
    "36028797018963968",  # a power of two: the doubles below it are nearer
    "1e39",
    "+nan",
    "-nan",
)
c(
    "real",
    "1",
    "1e6",
    "999999",
    "1234567.5",
    "16777216",
    "33554436",
    "67108872",
    "8.5e9",
    "3.4028235e38",
    "-3.4028235e38",
    "1e-5",
    "1e-4",
    "3.4e38",
    "3.5e38",
    "1e-46",
    "1e-45",
    "0.1",
    "1.00000017881393432617187499",
    "1.00000017881393432617187501",
    "1e39",
    "NaN",
    "-inf",
    "x",
)
c("double precision", "0.1", "1e20", "123456.789", "1e-5", extra_float_digits=0)
c("real", "0.1", "1e20", "123456.789", extra_float_digits=0)
c("double precision", "0.123456789123456789", extra_float_digits=-3)
c("text", "abc", "")
c("bytea", "\\x0102", "\\xg1", "\\x1", "abc\\\\d", "a\\001", "a\\9", "\\x 01 02", "é", "")
c("bytea", "abc\\000\\377\\\\", bytea_output="escape")
c(
    "uuid",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
    "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
    "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
    "x",
    "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
)
c(
    "date",
    "2024-02-29",
    "2023-02-29",
    "20240229",
    "240229",
    "Jan 5, 2024",
    "5 Jan 2024",
    "2024-Jan-05",
    "05-Jan-24",
    "1/2/2024",
    "01/02/03",
    "13/2/2024",
    "2024.5.6",
    "infinity",
    "-infinity",
    "epoch",
    "4714-11-24 BC",
    "4714-11-23 BC",
    "5874897-12-31",
    "5874898-01-01",
    "0000-01-01",
    "2024-13-01",
    "2024-00-01",
    "2024-01-32",
    "abc",
    "",
    "January",
    "2024",
    "2024-01",
    "2024 05 06",
    "J2451187",
    "Jan 5 99 BC",
    "12024-01-01",
    "2024.123",
    "2024-060",
    "1999-01-08 10:00",
    "99-01-08",
    "January 8, 99 BC",
    "2024-1-1",
    "1-1-1",
    "+2024-01-01",
    "2024-01-01T",
    "Monday Jan 5 2024",
    "08-Jan-1999",
    "Jan-08-1999",
    "19990108",
    "990108",
    "1999.008",
    "2024-01-01 x",
    "5 January",
    "infinity 10:00",
    "epoch 1",
    "04 Jul 1776",
    "Jul 4, 1776 AD",
)
for order in ("ISO, DMY", "ISO, YMD"):
    c(
        "date",
        "01/02/03",
        "1/2/2024",
        "13/2/2024",
        "99-01-08",
        "08-Jan-99",
        "2024-02-03",
        "1/18/1999",
        "990108",
        "5 6 7",
        "Jan 5 03",
        "03 Jan 05",
        datestyle=order,
    )
c(
    "time",
    "04:05:06.789",
    "04:05:06",
    "04:05",
    "040506",
    "0405",
    "04:05 AM",
    "04:05 PM",
    "12:00 am",
    "13:00 pm",
    "24:00:00",
    "24:00:01",
    "23:59:60",
    "23:59:60.5",
    "25:00",
    "04:05:06-08",
    "04:05:06 PST",
    "040506-08",
    "2003-04-12 04:05:06",
    "allballs",
    "10:61",
    "abc",
    "",
    "04:05:06.7891239",
    "10:20.5",
    "04:05:06 America/New_York",
    "2003-04-12 04:05:06 America/New_York",
    "4",
    "10:20:30:40",
    "23:59:59.9999999",
    "T040506",
    "04:05:06+05:30",
    "1999-01-08",
    "040506.5",
    "0405.5",
    "04:05:06+17",
    "T04:05",
)
for zone in ("UTC", "America/New_York", "Asia/Kolkata"):
    c(
        "timestamptz",
        "2024-01-01",
        "2024-01-01 10:00",
        "2024-07-01 10:00:00.5",
        "2024-03-10 02:30",
        "2024-11-03 01:30",
        "2024-01-01 10:00+05:30",
        "2024-01-01 10:00 Europe/Berlin",
        "2024-01-01 10:00 PST",
        "2024-01-01T10:00:00Z",
        "20240101T100000Z",
        "infinity",
        "-infinity",
        "epoch",
        "1800-01-01",
        "0044-03-15 BC",
        "4714-11-24 00:00 BC",
        "4713-01-01 BC",
        "2024-01-01 10:00 Foo/Bar",
        "2024-01-01 10:00 foo",
        "2024-01-01 10:00+16",
        "2024-01-01 10:00-15:59:59",
        "2150-07-01",
        "12345-07-01 10:00",
        "2024-01-01 24:00",
        "2024-01-01 10:00:60",
        "1883-11-18 12:03:57",
        "1900-01-01 00:00 Europe/Amsterdam",
        "2024-06-01 00:00 america/new_york",
        "2024-01-01 10:00 EST5EDT",
        "2024-01-01 10:00 UTC+3",
        "2024-01-01 10:00 UTC",
        "2024-01-01 10:00 +3",
        "Mon Jan 01 10:00:00 2024 UTC",
        "Jan 1 2024 10:00 PM",
        "2024-01-01 10:00:00.1234567",
        "2024-01-01 10:00:00.9999999",
        "2024-01-01 10:00 EDT",
        "2024-01-01 10:00 BST",
        timezone=zone,
    )
for zone in ("NZT-12NZS,M9.5.0,M4.1.0/3", "Abc3:30def", "<-02:45>+02:45"):
    c(
        "timestamptz",
        *("2009-07-05 12:00", "2009-12-05 12:00", "1640-01-15 08:00 BC", "1850-07-04", "2009-09-27 02:30", "2010-04-04 02:30"),
        *("2009-11-01 01:30", "2009-03-08 02:15", "2500-07-01", "2009-07-05 12:00 MSK", "1990-01-01 msk", "2013-01-01 Msk"),
        *("1986-02-03 SGT", "2009-07-05 yekt", "2009-07-05 12:00 qrs4tuv", "2009-01-05 12:00 Qrs-4", "2009-07-05 12:00 +5:"),
        *("2009-07-05 12:00 +5::20", "2009-07-05 12:00 +0515"),
        timezone=zone,
    )
c(
    "timestamptz",
    "2009-07-05 12:00",
    "2009-12-05 12:00",
    "1640-01-15 BC",
    timezone="NZT-12NZS,M9.5.0,M4.1.0/3",
    datestyle="SQL, DMY",
)
c("time", "10:15 MSK", "10:15 qrs4tuv")
for order in ("ISO, MDY", "ISO, DMY", "ISO, YMD"):
    c(
        "date",
        *("2003-09-Mar", "03-09-Mar", "2003-Mar-09", "03-Mar-09", "09-Mar-2003", "2003-09", "2003-Mar", "2003-09-", "2003/251"),
        *("Mar 2003-09", "y2003m9d4", "2003 m9 d4", "J2452887-07"),
        datestyle=order,
    )
c(
    "timestamptz",
    *("y2003m9d4h5m6s7.25-03", "Y2003M9D4H17MM6+02:30", "d4m9y2003 05:06", "2003-09-04 h5 s7", "y2003m9d4h5 06:07", "y2003.5m9d4"),
    *(
        *("2003 251 0405", "2003-251h6m7", "J2452887 BC", "BC J2452887.25", "Tue 2003-09-04", "2003-09-04 y 04:05", "T0405"),
        *("Sep 4 20030904", "0405 09/04/2003", "infinity 04:05", "epoch 2003-09-04", "J2452887.25.5", "4 J2452887"),
        "y2003m9d4m5",
        "y2003m13d4",
        "y44m3d15h6 BC",
        "y2003m9d4h30",
        "j2452887-0730",
        "J2452887-08 04:05",
        "J2452887-17",
        "y03m9d4 y",
    ),
)
c(
    "interval",
    *(
        "-7 hours 20 min 3.5 sec",
        "-4 days 06:30",
        "-1 millennium 3 years",
        "-1.25 days 5 hours 2 min",
        "-2 min +3 sec",
        "-8 hours 61 min ago",
    ),
    intervalstyle="sql_standard",
)
c(
    "interval",
    *(
        "03:25 2.5 days",
        "-03:25 2.5 days",
        "2.5 days 03:25",
        "70:30.5",
        "4.25 seconds 6 ms",
        "0:10:20 7 us",
        "9 us 1:02",
        "4. secs 6 ms",
    ),
    *(
        "P.25Y",
        "P2.5-4",
        "P3-1.5-2.25",
        "PT2.5:4.5:6.5",
        "P1e2DT1E3S",
        "P19991231.25T101112.5",
        "P-2--3--4",
        "P-2-3-4",
        "PT-5:6",
        "P7T8",
    ),
    *("P+2D", "PT+2H", "P1Y3-4", "PT1:2:3:4", "P4e15D", "P4e5", "PT1H00:10", "P2-3T", "P12345678", "P1234567", "PT12345", "P2e9Y"),
    *("200000000 years", "178956970 years 9 mons", "P178956970Y9M", "-2147483648 days ago", "2147483647 mons 1.5 years"),
)
c(
    "timestamp",
    "2024-01-01",
    "2024-01-01 10:00:00.123456",
    "2024-01-01 10:00:00.100",
    "2024-01-01 10:00+05",
    "infinity",
    "epoch",
    "2024-01-01 10:00 America/New_York",
    "2024-01-01 10:00 XX",
    "2024-02-30",
    "abc",
    "",
    "2024-01-01 25:00",
    "2024-01-01 10",
    "2024-01-01 1000",
    "2024-01-01T10",
    "2024-01-01  10:00",
    "10:00 2024-01-01",
    "2024-01-01 040506",
    "2024-01-01,10:00",
    "2024-01-01@10:00",
    "20240101 100000",
    "2024-01-01 10:00 AD",
    "0001-01-01",
    "0001-01-01 BC",
    "10000-01-01 00:00:00.5",
    "2001-12-25T040506.789-07",
    "J2451187.5",
    "2024-01-01 10:00:00,5",
    "10:00 Jan 8 1999",
    "10:00 19990108",
)
c("timestamp(3)", "2024-01-01 10:00:00.1235", "2024-01-01 10:00:00.1234999", "1960-01-01 10:00:00.1235", "infinity")
c("timestamp(0)", "2024-12-31 23:59:59.5", "1999-12-31 23:59:59.5")
c("time(2)", "10:00:00.125", "23:59:59.999")
c("timestamptz(0)", "2024-01-01 10:00:00.5")
INTERVALS = [
    "1 day",
    "1 year 2 mons 3 days 04:05:06.789",
    "-1 day",
    "1 day -04:05",
    "@ 1 hour ago",
    "1-2",
    "-1-2",
    "1-2 3 4:05:06",
    "P1Y2M3DT4H5M6S",
    "P0001-02-03T04:05:06",
    "P00010203T040506",
    "PT5M",
    "P1W",
    "1.5 months",
    "1.5 days",
    "1.5 years",
    "1.7 weeks",
    "0.5 century",
    "5",
    "1.5",
    "1 mil",
    "1 2:03:04",
    "1 +02:03",
    "1 day 2",
    "1 2 hours",
    "day",
    "",
    "abc",
    "infinity",
    "1e3 days",
    "3 days ago",
    "-3 days ago",
    "1 year -1 day",
    "178000000 years",
    "2147483647 months",
    "2147483648 months",
    "1 sec 5 ms",
    "100 microseconds",
    "1.5 us",
    "10:20.5",
    "10:20",
    "25:61",
    "100:00:00",
    "-00:00:01",
    "1 day ago 2 hours",
    "P",
    "PT",
    "P1",
    "P1.5Y",
    "P-1DT2H",
    "P1Y1Y",
    "1 decade 2 cent",
    "1 month 1 month",
    "1year2mons",
    "0",
    "1 day 00:00:00.0000005",
    "1.5 hours",
    "1 hour 30",
    "2 weeks",
    "-1.5 days",
    "-1.5 months",
    "1 quarter",
    "+1 day -2 hours",
    "1 mon -1 day +2:00",
    "9999999999 hours",
    "1 day 1.5 sec",
    "1 hours 70 minutes",
    "12:34:56.123456789",
    "1 fortnight",
    "1 2 3 hours",
    "-1 02:03",
    "-1 -02:03",
]
for style in ("postgres", "postgres_verbose", "iso_8601", "sql_standard"):
    c("interval", *INTERVALS, intervalstyle=style)
c(
    "integer[]",
    "{}",
    "{1,2,NULL}",
    " { 1 , 2 } ",
    "{1,,2}",
    "{1",
    "1",
    "{1}}",
    '{"1",2}',
    "[1:2]={1,2}",
    "[1:3]={1,2}",
    "{a}",
    "{null}",
    "{ }",
    "{1,}",
    "{,1}",
)
c(
    "text[]",
    '{a,"b c","q\\"x",NULL,"NULL",""}',
    "{a b , c\\ }",
    '{"a" b}',
    '{a"b"}',
    "{\\{}",
    '{"a',
    "{a,b}x",
    '{"a\\\\b"}',
    "{é}",
    '{"\x0b"}',
)
c("timestamp[]", '{"2024-01-01 10:00",infinity}')
c("numeric[]", "{1.50,NaN}")
c("boolean[]", "{t,f,null}")
c("double precision[]", "{1e20,1.5}")
c("jsonb[]", '{"{\\"a\\": 1}"}')
c("interval[]", '{"1 day"}')
c("date[]", "{2024-01-01}")
c("bytea[]", '{"\\\\x01"}')
c("uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}")
JSON = [
    "1",
    '{"b":1,"a":2,"aa":3}',
    '{"a":1,"a":2}',
    "[1, 2.50, 1e5, -0, 1E-3]",
    '"a\\u00e9\\n\\t\\u0001\\/"',
    "null",
    " true ",
    "{}",
    "[]",
    '{"a":}',
    "[1,]",
    "",
    "nul",
    '"abc',
    '"\\u0000"',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    "NaN",
    '{"a" 1}',
    "{1:2}",
    "01",
    "1.",
    ".5",
    "-",
    "[1 2]",
    '"a\tb"',
    '"\x7f"',
    '{"é":1,"zz":2,"z":3}',
    "1e400",
    "[[[]]]",
    '{"a":{"b":[{}]}} x',
    "Infinity",
    '"\\x"',
]
c("jsonb", *JSON)
c("json", *JSON)
c("name", "a" * 70)
c("jsonpath", "$.a", "strict $[0 to last] ? (@.b > 1.50)", '$."a\\"b".type()', "a", "", "1.a", "$ ? (last > 0)", "1e200000")
c("jsonpath[]", '{$.a,"$.b ? (@ > 1)",NULL}', "{$.}")


def answers(connection: psycopg.Connection[Any], cases: list[Case]) -> list[Answer]:
    """What a PostgreSQL says."""
    return [_answer(connection, case) for case in cases]


def _answer(connection: psycopg.Connection[Any], case: Case) -> Answer:
    for name, value in {**DEFAULTS, **case.settings}.items():
        connection.execute(sql.SQL("SELECT set_config({}, {}, false)").format(sql.Literal(name), sql.Literal(value)))
    query = sql.SQL("SELECT {}::").format(sql.Literal(case.text)).as_string(connection) + case.type
    text = connection.pgconn.exec_params(query.encode(), [], result_format=0)
    if text.status != psycopg.pq.ExecStatus.TUPLES_OK:
        state, message = (
            text.error_field(f) or b"" for f in (psycopg.pq.DiagnosticField.SQLSTATE, psycopg.pq.DiagnosticField.MESSAGE_PRIMARY)
        )
        return Answer(None, None, (state.decode(), message.decode()))
    binary = connection.pgconn.exec_params(query.encode(), [], result_format=1).get_value(0, 0)
    shown = text.get_value(0, 0)
    assert shown is not None
    assert binary is not None
    return Answer(shown.decode(), binary.hex(), None)


def recorded() -> list[Answer]:
    """recorded.json, one answer a case."""
    return [
        Answer(text, binary, (error[0], error[1]) if error else None) for text, binary, error in json.loads(RECORDED.read_text())
    ]


def main(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        lines = [json.dumps([a.text, a.binary, a.error], ensure_ascii=False) for a in answers(connection, CASES)]
    RECORDED.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main(sys.argv[1])
