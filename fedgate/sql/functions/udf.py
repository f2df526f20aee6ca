"""Python functions that DuckDB calls on columns, and SQL macros: the registry that `lower.install` puts on a connection.

A UDF gets Arrow arrays and gives one. `scalar` lifts a function of single values: NULL in any argument gives NULL, unless the
function asks for NULLs. `SqlError`s travel through DuckDB as marked text that `lower.translate` reads back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.types.civil import FAR_INTERVAL

END = "\x1e"
FIELD = "\x1f"


@dataclass(frozen=True, slots=True)
class Udf:
    """`arguments` and `returns` are DuckDB types; `call` takes Arrow (chunked) arrays. `volatile` is called once a row, never
    folded.
    """

    name: str
    arguments: tuple[str, ...]
    returns: str
    call: Callable[..., pa.Array]
    volatile: bool = False


UDFS: dict[str, Udf] = {}
MACROS: dict[str, str] = {}

_ARROW = {
    "VARCHAR": pa.string(),
    "BLOB": pa.binary(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "SMALLINT": pa.int16(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "FLOAT": pa.float32(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "INTERVAL": pa.month_day_nano_interval(),
}


def arrow_of(duck: str) -> pa.DataType:
    """The Arrow type of a DuckDB type name."""
    return pa.list_(arrow_of(duck[:-2])) if duck.endswith("[]") else _ARROW[duck]


def mark(error: SqlError) -> str:
    """The error as a text from which `lower.translate` makes it again."""
    fields = FIELD.join((error.message, error.detail or "", error.hint or ""))
    return f"SQLSTATE:{error.sqlstate}:{fields}{END}"


class MarkedError(Exception):
    """A SqlError on its way through DuckDB, as text."""

    def __init__(self, error: SqlError) -> None:
        super().__init__(mark(error))


def marked(call: Callable[..., pa.Array], count: int) -> Callable[..., pa.Array]:
    """The function with its SqlErrors marked, taking exactly `count` columns (DuckDB reads the signature)."""

    def run(*columns: Any) -> pa.Array:
        try:
            return call(*columns)
        except SqlError as error:
            raise MarkedError(error) from None

    shapes: dict[int, Callable[..., pa.Array]] = {
        1: lambda a: run(a),
        2: lambda a, b: run(a, b),
        3: lambda a, b, c: run(a, b, c),
        4: lambda a, b, c, d: run(a, b, c, d),
        5: lambda a, b, c, d, e: run(a, b, c, d, e),
        6: lambda a, b, c, d, e, f: run(a, b, c, d, e, f),
    }
    return shapes[count]


def define(name: str, arguments: Sequence[str], returns: str, call: Callable[..., pa.Array], *, volatile: bool = False) -> None:
    """Registers a function of whole columns."""
    assert name not in UDFS, name
    UDFS[name] = Udf(name, tuple(arguments), returns, marked(call, len(arguments)), volatile)


def scalar(
    name: str, arguments: Sequence[str], returns: str, *, strict: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a function of single values under `name`. It is immutable: rows that are alike may be computed once."""
    result_type = arrow_of(returns)

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def one(row: tuple[Any, ...]) -> Any:
            return None if strict and None in row else function(*row)

        def known(row: tuple[Any, ...]) -> Any:
            return remembered(name, row, one)

        def call(*columns: Any) -> pa.Array:
            if not all(_is_told_apart(column.type) for column in columns):
                return build([one(row) for row in zip(*map(values, columns), strict=True)], result_type)
            alike = _alike(columns)
            if alike is None:
                rows = list(zip(*map(values, columns), strict=True))
                results = {row: known(row) for row in dict.fromkeys(rows)}
                return build([results[row] for row in rows], result_type)
            firsts, places = alike
            return build([known(row) for row in zip(*map(values, firsts), strict=True)], result_type).take(places)

        define(name, arguments, returns, call)
        return function

    return register


_KNOWN: dict[Any, Any] = {}
"""Results of functions of single values, by name and arguments: a column of hours or distances has few that differ."""


def remembered(name: str, row: tuple[Any, ...], compute: Callable[[tuple[Any, ...]], Any]) -> Any:
    """`compute(row)`, which only hangs on the row, or what it gave before. Large values are not kept."""
    found = _KNOWN.get((name, row), _KNOWN)
    if found is not _KNOWN:
        return found
    result = compute(row)
    if _is_small(result) and all(map(_is_small, row)):
        if len(_KNOWN) >= limits.RESULTS_KNOWN_MAX:
            _KNOWN.clear()
        _KNOWN[name, row] = result
    return result


def _is_small(value: Any) -> bool:
    return value is None or isinstance(value, int) or (isinstance(value, str) and len(value) <= limits.RESULT_KNOWN_CHARACTERS_MAX)


def _alike(columns: Sequence[Any]) -> tuple[list[pa.Array], pa.Array] | None:
    """The different rows of columns of which at most one varies, and where each row is among them; None where more do."""
    arrays = [column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column for column in columns]
    varying = [i for i, array in enumerate(arrays) if len(array) == 0 or not _is_constant(array)]
    if len(varying) > 1 or not arrays:
        return None
    encoded = pc.dictionary_encode(arrays[varying[0] if varying else 0], null_encoding="encode")
    kinds = len(encoded.dictionary)
    firsts = [array.slice(0, 1).take(pa.array(np.zeros(kinds, np.int64))) if kinds else array for array in arrays]
    firsts[varying[0] if varying else 0] = encoded.dictionary
    return firsts, encoded.indices


def _is_constant(array: pa.Array) -> bool:
    return array.null_count == 0 and bool(pc.all(pc.equal(array, array[0]), skip_nulls=False).as_py())


def _is_told_apart(kind: pa.DataType) -> bool:
    """Whether equal values are the same value, and can be looked up: 0.0 equals -0.0, lists and intervals cannot be hashed."""
    return not (pa.types.is_floating(kind) or pa.types.is_nested(kind) or pa.types.is_interval(kind))


def values(column: pa.ChunkedArray) -> list[Any]:
    """The column's values as `types.values` holds them (times as integers; Arrow's own conversion overflows on them)."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return list(column.cast(pa.int64()).to_pylist())
    if pa.types.is_date32(kind):
        return list(column.cast(pa.int32()).to_pylist())
    return list(column.to_pylist())


def build(items: list[Any], kind: pa.DataType) -> pa.Array:
    """An array from values as `types.values` holds them."""
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return pa.array(items, pa.int64()).cast(kind)
    if pa.types.is_date32(kind):
        return pa.array(items, pa.int32()).cast(kind)
    if pa.types.is_interval(kind):
        try:
            return pa.array([None if i is None else (i[0], i[1], i[2] * 1000) for i in items], kind)
        except (OverflowError, pa.ArrowInvalid):
            raise SqlError("0A000", FAR_INTERVAL) from None
    return pa.array(items, kind)


def macro(name: str, parameters: str, body: str) -> None:
    """Registers a SQL macro; `parameters` separated by commas. A macro may use those registered before it."""
    assert name not in MACROS, name
    MACROS[name] = f"CREATE OR REPLACE MACRO {name}({parameters}) AS {body}"
