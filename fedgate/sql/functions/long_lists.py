"""Long lists of constants as one literal each: DuckDB takes 0.05 ms and 10 KB for an element that is written out, and parses
200,000 of them within one text in a quarter of a second.

Contract: `long_list` is the DuckDB list that the same constants written out give, or None where they have to be.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import cast

from fedgate.sql.functions.carriers import Dec, quote, value_dec
from fedgate.sql.functions.emit import INTEGERS
from fedgate.sql.numeric import rules
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC, duckdb_type
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Value

LISTED_MAX = 200
"""A list of at most so many elements is written out."""
_TEXTS = frozenset({25, 1043})
_TIMES = {1082: "DATE '1970-01-01' + CAST(x AS INTEGER)", 1114: "make_timestamp(x)", 1184: "make_timestamptz(x)"}
_SEPARATOR, _ABSENT = "\x1f", "\x1e"


def known(oid: int) -> bool:
    """Whether lists of such values are usually one literal."""
    return oid in INTEGERS or oid in _TEXTS or oid in _TIMES or oid in (16, 700, 701, NUMERIC)


def long_list(inner: SqlType, values: tuple[Value, ...], d: Dec | None) -> str | None:
    """The list as SQL, in DECIMAL `d` or in the type's own carrier; None where it is short, or of another type, or holds what the
    literal cannot.
    """
    if len(values) <= LISTED_MAX or not known(inner.oid):
        return None
    if inner.oid in _TEXTS:
        return _texts(values)
    if inner.oid == NUMERIC:
        return _numerics(values, d)
    if inner.oid in _TIMES:
        limit = DATE_INFINITY if inner.oid == 1082 else TIMESTAMP_INFINITY
        if any(v is not None and abs(cast(int, v)) >= limit for v in values):
            return None
        return f"list_transform({_parsed('BIGINT', values)}, lambda x: {_TIMES[inner.oid]})"
    return _parsed(duckdb_type(inner), values)


def common_decimal(values: tuple[Value, ...]) -> Dec | None:
    """The DECIMAL that holds all of many numerics with the digits they are written with; None where there is none."""
    if len(values) <= LISTED_MAX:
        return None
    found = {value_dec(cast(Decimal, v)) for v in values if v is not None}
    if not found or None in found or len({d.s for d in found if d}) > 1:
        return None
    return max((d for d in found if d), key=lambda d: d.p)


def _numerics(values: tuple[Value, ...], d: Dec | None) -> str | None:
    texts = tuple(None if v is None else rules.write(cast(Decimal, v)) for v in values)
    if d is None:
        return _texts(texts)
    return f"CAST('[{', '.join(t or 'NULL' for t in texts)}]' AS {d.duck}[])"


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
