"""SQL macros that lowering itself calls: quantifiers, typmods, LIMIT, time zones."""

from __future__ import annotations

from fedgate.sql.functions.carriers import error
from fedgate.sql.functions.udf import macro

macro(
    "pg_any",
    "l",
    "CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, true) THEN true WHEN len(list_filter(l, lambda x: x IS NULL)) > 0 THEN "
    "NULL ELSE false END",
)
macro(
    "pg_all",
    "l",
    "CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, false) THEN false WHEN len(list_filter(l, lambda x: x IS NULL)) > 0 "
    "THEN NULL ELSE true END",
)
macro("pg_limit", "n", f"CASE WHEN n < 0 THEN {error('2201W', 'LIMIT must not be negative')} ELSE n END")
macro("pg_offset", "n", f"CASE WHEN n < 0 THEN {error('2201X', 'OFFSET must not be negative')} ELSE n END")
macro("pg_varchar", "x, n", "CASE WHEN length(x) <= n THEN x WHEN length(rtrim(x, ' ')) <= n THEN left(x, n)"
      " ELSE error('SQLSTATE:22001:value too long for type character varying(' || n || ')') END")  # fmt: skip
macro("pg_char_cut", "x, n", "rpad(left(x, n), n, ' ')")
macro("pg_char", "x, n", "CASE WHEN length(rtrim(x, ' ')) <= n THEN rpad(left(x, n), n, ' ')"
      " ELSE error('SQLSTATE:22001:value too long for type character(' || n || ')') END")  # fmt: skip
macro("pg_to_tz", "x, zone", "timezone(zone, x)")  # infinite times stay infinite
macro("pg_to_local", "x, zone", "timezone(zone, x)")
macro("pg_round_us", "u, k", "((CASE WHEN u < 0 THEN u - k // 2 ELSE u + k // 2 END) // k) * k")
# Halves go away from 2000-01-01, where PostgreSQL counts from.
_EPOCH = 946_684_800_000_000
for _type in ("timestamp", "timestamptz"):
    _rounded = f"make_{_type}(pg_round_us(epoch_us(x) - {_EPOCH}, k) + {_EPOCH})"
    macro(f"pg_round_{_type}", "x, k", f"CASE WHEN isfinite(x) THEN {_rounded} ELSE x END")
macro(
    "pg_round_time",
    "x, k",
    "CASE WHEN epoch_us(x) >= 86400000000 - k // 2 THEN TIME '24:00:00'"
    " ELSE CAST(TIME '00:00:00' + to_microseconds(pg_round_us(epoch_us(x), k)) AS TIME) END",
)
