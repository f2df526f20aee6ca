"""What the function table supports, as PostgreSQL's own catalogs name it, with sample arguments of every type: NULLs and
extremes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from fedgate.sql.functions.table import find
from fedgate.types import BY_OID, format_type

SAMPLES: dict[str, tuple[str, ...]] = {
    "bool": ("true", "false", "null::bool"),
    "int2": ("7::int2", "-3::int2", "32767::int2", "0::int2", "null::int2", "(-32768)::int2"),
    "int4": ("5", "2", "-7", "0", "1", "null::int4", "2147483647", "(-2147483648)"),
    "int8": ("11::int8", "3::int8", "-9::int8", "0::int8", "9223372036854775807", "null::int8", "(-9223372036854775807)"),
    "float4": ("1.5::float4", "-2.25::float4", "0::float4", "3e38::float4", "'nan'::float4", "null::float4", "1e-40::float4"),
    "float8": (
        "2.5::float8", "-0.5::float8", "0::float8", "1e300::float8", "'nan'::float8", "'-infinity'::float8", "null::float8",
        "1e-310::float8",
        "0.1::float8", "3::float8",
    ),
    "numeric": (
        "1.50", "-7.25", "0", "12345678901234567890.12345", "0.0001", "null::numeric", "'NaN'::numeric", "1e40::numeric", "3",
        "100.00",
    ),
    "text": ("'abc'", "'Hello, Wörld'", "''", "'a1b2c3'", "null::text", "'  x '", "'back\\slash'", "'day'", "'東京%'"),
    "bpchar": ("'ab'::char(4)", "''::char(2)", "null::char(3)", "'abcd'::char(4)"),
    "bytea": ("'\\x0102ff'::bytea", "''::bytea", "null::bytea"),
    "date": ("date '2024-02-29'", "date '1969-12-31'", "date '0044-03-15 BC'", "date 'infinity'", "null::date",
    "date '2021-01-01'"),
    "time": ("time '12:34:56.789'", "time '00:00'", "time '23:59:59.999999'", "null::time"),
    "timestamp": (
        "timestamp '2024-03-31 02:30:15.123456'", "timestamp '1969-07-20 20:17:40'", "timestamp 'infinity'", "null::timestamp",
        "timestamp '2000-01-01'", "timestamp '1500-02-28 23:59:59.5'",
    ),
    "timestamptz": (
        "timestamptz '2024-03-31 00:30:00.5+00'", "timestamptz '2024-10-27 01:15:00+00'", "timestamptz '-infinity'",
        "null::timestamptz",
        "timestamptz '1999-12-31 23:59:59+00'",
    ),
    "interval": (
        "interval '1 mon 2 days 03:04:05.678'", "interval '-1 day 25 hours'", "interval '0'", "interval '1 year -1 mon'",
        "null::interval",
        "interval '40 days'",
    ),
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "null::uuid"),
    "json": ("'{\"a\": [1, 2.50, null], \"b\":\"x\"}'::json", "'[1, \"z\", {\"k\" : true}]'::json", "'7'::json", "null::json"),
    "jsonb": ("'{\"a\": [1, 2.50, null], \"bb\":\"x\"}'::jsonb", "'[1, \"z\", {\"k\" : true}]'::jsonb", "'7'::jsonb",
    "null::jsonb"),
    "jsonpath": ("'$.a[*]'::jsonpath", "'strict $.bb'::jsonpath", "'$[0] > 0'::jsonpath", "null::jsonpath"),
    "_int4": ("array[3,1,null,2]", "'{}'::int4[]", "null::int4[]", "array[2]"),
    "_text": ("array['a','b,c',null]", "'{}'::text[]", "null::text[]", "array['a']"),
    "_float8": ("array[0.25,0.75]::float8[]", "array[0.5]::float8[]"),
    "_numeric": ("array[1.5,2.25,null]::numeric[]", "'{}'::numeric[]"),
    "oid": ("23::oid", "null::oid"),
    "name": ("'abc'::name", "null::name"),
}  # fmt: skip
_POLYMORPHIC = {2283: 23, 2277: 1007, 5077: 23, 5078: 1007, 2776: 23, 5079: 23, 5080: 23}
# Answers that depend on the moment, the dice or the server, and what takes unbounded time or memory.
SKIPPED = frozenset(
    {
        "random",
        "gen_random_uuid",
        "clock_timestamp",
        "pg_typeof",
        "repeat",
        "generate_series",
        "version",
        "quote_literal",
        "quote_nullable",
    }
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function, operator or aggregate with concrete argument types."""

    kind: str
    name: str
    arguments: tuple[int, ...]
    result: int

    @property
    def label(self) -> str:
        return f"{self.name}({', '.join(format_type(a) for a in self.arguments)})"

    def sql(self, arguments: tuple[str, ...]) -> str:
        if self.kind == "operator":
            return f"({' '.join([arguments[0], self.name, *arguments[1:]] if len(arguments) == 2 else [self.name, *arguments])})"
        return f"{self.name}({', '.join(arguments)})"


def _query(kind: str) -> str:
    if kind == "operator":
        return (
            "select distinct o.oprname, array_remove(array[o.oprleft::int, o.oprright::int], 0), o.oprresult::int from "
            "pg_operator o"
            " where o.oprresult <> 0 order by 1, 2"
        )
    which = "p.prokind = 'a'" if kind == "aggregate" else "p.prokind = 'f' and not p.proretset"
    return (
        "select p.proname, p.proargtypes::int[], p.prorettype::int from pg_proc p"
        f" where p.pronamespace = 'pg_catalog'::regnamespace and p.provariadic = 0 and {which} order by 1, 2"
    )


def signatures(connection: psycopg.Connection, kind: str) -> Iterator[Signature]:
    """Every signature of PostgreSQL's that the table admits and that has samples."""
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for name, arguments, result in connection.execute(_query(kind).encode()).fetchall():
        types = tuple(_POLYMORPHIC.get(a, a) for a in arguments)
        # What asks about the catalog is tested with the catalog.
        if (
            (name, types) in seen
            or name in SKIPPED
            or name.startswith(("pg_", "has_"))
            or not all(a in BY_OID and samples(a) for a in types)
        ):
            continue
        seen.add((name, types))
        row = find(kind, name, types)  # type: ignore[arg-type]
        if row is not None and row.kind == kind:  # an operator's function is tested as the operator
            yield Signature(kind, name, types, _POLYMORPHIC.get(result, int(result)))


def samples(oid: int) -> tuple[str, ...]:
    name = BY_OID[oid].name
    return SAMPLES.get({"varchar": "text"}.get(name, name), ())


def combinations(arguments: tuple[int, ...], limit: int = 12) -> Iterator[tuple[str, ...]]:
    """Sample arguments: every sample of every place at least once, in varying company."""
    if not arguments:
        yield ()
        return
    pools = [samples(a) for a in arguments]
    count = min(limit, max(len(p) for p in pools) * (1 if len(pools) == 1 else 2))
    for i in range(count):
        yield tuple(pool[(i * (1 + 2 * place) + place) % len(pool)] for place, pool in enumerate(pools))
