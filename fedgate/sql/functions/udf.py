"""Python functions that DuckDB calls on columns, and SQL macros: the registry that `lower.install` puts on a connection.

A UDF gets Arrow arrays and gives one. `scalar` lifts a function of single values: NULL in any argument gives NULL, unless the
function asks for NULLs. `SqlError`s travel through DuckDB as marked text that `lower.translate` reads back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fedgate.errors import SqlError

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

        def call(*columns: Any) -> pa.Array:
            rows = zip(*(values(column) for column in columns), strict=True)
            if all(_is_told_apart(column.type) for column in columns):
                known: dict[tuple[Any, ...], Any] = {}
                return build([known[row] if row in known else known.setdefault(row, one(row)) for row in rows], result_type)
            return build([one(row) for row in rows], result_type)

        define(name, arguments, returns, call)
        return function

    return register


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
            raise SqlError("0A000", "intervals of more than 2562047 hours are not supported") from None
    return pa.array(items, kind)


def macro(name: str, parameters: str, body: str) -> None:
    """Registers a SQL macro; `parameters` separated by commas. A macro may use those registered before it."""
    assert name not in MACROS, name
    MACROS[name] = f"CREATE OR REPLACE MACRO {name}({parameters}) AS {body}"
