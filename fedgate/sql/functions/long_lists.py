"""Long lists of constants as one literal each: DuckDB takes 0.05 ms and 10 KB for an element that is written out, and parses
200,000 of them within one text in a quarter of a second.

Contract: `long_list` is the DuckDB list that the same constants written out give, or None where they have to be.
"""

from __future__ import annotations

import math
from typing import cast

from fedgate.sql.functions.carriers import quote
from fedgate.sql.functions.emit import INTEGERS
from fedgate.types import SqlType
from fedgate.types.catalog import duckdb_type
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Value

LISTED_MAX = 200
"""A list of at most so many elements is written out."""
_TEXTS = frozenset({25, 1043})
_TIMES = {1082: "DATE '1970-01-01' + CAST(x AS INTEGER)", 1114: "make_timestamp(x)", 1184: "make_timestamptz(x)"}
_SEPARATOR, _ABSENT = "\x1f", "\x1e"


def known(oid: int) -> bool:
    """Whether lists of such values are usually one literal."""
    return oid in INTEGERS or oid in _TEXTS or oid in _TIMES or oid in (16, 700, 701)


def long_list(inner: SqlType, values: tuple[Value, ...]) -> str | None:
    """The list as SQL; None where it is short, or of another type, or holds what the literal cannot."""
    if len(values) <= LISTED_MAX or not known(inner.oid):
        return None
    if inner.oid in _TEXTS:
        return _texts(values)
    if inner.oid in _TIMES:
        limit = DATE_INFINITY if inner.oid == 1082 else TIMESTAMP_INFINITY
        if any(v is not None and abs(cast(int, v)) >= limit for v in values):
            return None
        return f"list_transform({_parsed('BIGINT', values)}, lambda x: {_TIMES[inner.oid]})"
    return _parsed(duckdb_type(inner), values)


def _parsed(duck: str, values: tuple[Value, ...]) -> str:
    return f"CAST('[{', '.join(map(_plain, values))}]' AS {duck}[])"


def _plain(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return repr(value)


def _texts(values: tuple[Value, ...]) -> str | None:
    present = [cast(str, v) for v in values if v is not None]
    if any(_SEPARATOR in v or v == _ABSENT for v in present):
        return None
    joined = _SEPARATOR.join(_ABSENT if v is None else cast(str, v) for v in values)
    split = f"string_split({quote(joined)}, {quote(_SEPARATOR)})"
    return split if len(present) == len(values) else f"list_transform({split}, lambda x: nullif(x, {quote(_ABSENT)}))"
