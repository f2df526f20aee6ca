"""How a single value of each PostgreSQL type is held in Python: in constants of the bound query and in parameters.

| PostgreSQL type | Python value |
|---|---|
| boolean | bool |
| smallint, integer, bigint, oid and the reg* types | int |
| real, double precision | float |
| numeric | decimal.Decimal, its scale is the display scale; NaN and infinities as Decimal's |
| text, varchar, char(n), name, json, jsonb, jsonpath, uuid | str (uuid in lower case, jsonb and jsonpath in canonical text) |
| bytea | bytes |
| date | int, days since 1970-01-01; DATE_INFINITY and its negative |
| time | int, microseconds since midnight |
| timestamp, timestamptz | int, microseconds since 1970-01-01 00:00 (UTC); TIMESTAMP_INFINITY and its negative |
| interval | Interval |
| arrays | tuple of values |
| row | tuple of values |

NULL is None everywhere. These are DuckDB's own storage values too, so that Arrow buffers agree.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, TypeAlias

DATE_INFINITY = 2**31 - 1
TIMESTAMP_INFINITY = 2**63 - 1


class Interval(NamedTuple):
    """PostgreSQL's interval: three counts that are kept apart (1 month is not 30 days)."""

    months: int
    days: int
    microseconds: int


Value: TypeAlias = "bool | int | float | Decimal | str | bytes | Interval | tuple[Value, ...] | None"
