"""Text of values inside queries: one UDF a type for `x::text` and `text::type`, over `types.text_out` and `types.text_in`."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.sql.functions.emit import styled_in, styled_out
from fedgate.sql.functions.udf import build, define, remembered
from fedgate.sql.jsonpath.known import read_text
from fedgate.sql.numeric.vectors import plain
from fedgate.types import BY_OID, PgType, SqlType, text_in
from fedgate.types.style import DEFAULT_STYLE, TextStyle, unpacked

_STYLE = ("VARCHAR", "VARCHAR")  # the zone, and TextStyle.packed
_LETTER = re.compile(r"[^\W\d_]")
_SKIP_OUT = frozenset({22, 30})


def _style(zone: Any, style: Any) -> TextStyle:
    """What the columns of two constants say; there are none where the style does not matter."""
    return unpacked(style[0].as_py(), zone[0].as_py()) if zone is not None and len(zone) else DEFAULT_STYLE


def _writer(t: SqlType) -> Any:
    from fedgate.types import text_out

    def call(column: Any, zone: Any = None, style: Any = None) -> pa.Array:
        return text_out.array_text(plain(column), t, _style(zone, style))

    return call


def _different(column: Any) -> tuple[list[str | None], pa.Array]:
    """The different texts of a column, and where each row's is among them."""
    encoded = pc.dictionary_encode(plain(column), null_encoding="encode")
    return encoded.dictionary.to_pylist(), encoded.indices


def _reader(t: SqlType, arrow: pa.DataType) -> Any:
    name = f"{t.oid} of text"

    def call(column: Any, zone: Any = None, style: Any = None) -> pa.Array:
        known = _style(zone, style)
        texts, places = _different(column)

        def read(row: tuple[Any, ...]) -> Any:
            return read_text(row[0], t, known)

        def value(text: str | None) -> Any:
            if text is None or _LETTER.search(text):  # what words mean ("now", "today") changes
                return None if text is None else read((text,))
            return remembered(name, (text, known.timezone, known.packed), read)

        return build([value(text) for text in texts], arrow).take(places)

    return call


def _numeric_reader(t: SqlType) -> Any:
    from fedgate.sql.numeric import rules

    name = f"{t.oid} of text"

    def write(value: Any) -> Any:
        if isinstance(value, tuple):
            return [write(v) for v in value]
        return None if value is None else rules.write(value)

    def read(row: tuple[Any, ...]) -> Any:
        return write(text_in.parse(row[0], t, TextStyle()))

    def call(column: Any) -> pa.Array:
        kind = pa.list_(pa.string()) if t.pg.is_array else pa.string()
        texts, places = _different(column)
        return pa.array([None if x is None else remembered(name, (x,), read) for x in texts], kind).take(places)

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
