"""Text of values inside queries: one UDF a type for `x::text` and `text::type`, over `types.text_out` and `types.text_in`."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fedgate.sql.functions.emit import styled_in, styled_out
from fedgate.sql.functions.udf import build, define
from fedgate.types import BY_OID, PgType, SqlType, text_in
from fedgate.types.style import DEFAULT_STYLE, TextStyle, unpacked

_STYLE = ("VARCHAR", "VARCHAR")  # the zone, and TextStyle.packed
_SKIP_OUT = frozenset({22, 30})


def _style(zone: Any, style: Any) -> TextStyle:
    """What the columns of two constants say; there are none where the style does not matter."""
    return unpacked(style[0].as_py(), zone[0].as_py()) if zone is not None and len(zone) else DEFAULT_STYLE


def _writer(t: SqlType) -> Any:
    from fedgate.types import text_out

    def call(column: Any, zone: Any = None, style: Any = None) -> pa.Array:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return text_out.array_text(array, t, _style(zone, style))

    return call


def _reader(t: SqlType, arrow: pa.DataType) -> Any:
    def call(column: Any, zone: Any = None, style: Any = None) -> pa.Array:
        known = _style(zone, style)
        return build([None if text is None else text_in.parse(text, t, known) for text in column.to_pylist()], arrow)

    return call


def _numeric_reader(t: SqlType) -> Any:
    from fedgate.sql.numeric import rules

    def write(value: Any) -> Any:
        if isinstance(value, tuple):
            return [write(v) for v in value]
        return None if value is None else rules.write(value)

    def call(column: Any) -> pa.Array:
        kind = pa.list_(pa.string()) if t.pg.is_array else pa.string()
        return pa.array([None if x is None else write(text_in.parse(x, t, TextStyle())) for x in column.to_pylist()], kind)

    return call


def _register(pg: PgType) -> None:
    assert pg.duckdb is not None
    t = SqlType(pg.oid)
    name = pg.name.strip('"')
    define(f"pg_out_{name}", [pg.duckdb, *(_STYLE if styled_out(t) else ())], "VARCHAR", _writer(t))
    if pg.oid in (1700, 1231):
        define(f"pg_in_{name}", ["VARCHAR"], pg.duckdb, _numeric_reader(t))
    else:
        define(f"pg_in_{name}", ["VARCHAR", *(_STYLE if styled_in(t) else ())], pg.duckdb, _reader(t, pg.arrow))


for _pg in BY_OID.values():
    if _pg.duckdb is not None and _pg.oid not in _SKIP_OUT:
        _register(_pg)
