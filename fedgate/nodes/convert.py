"""Arrow columns of an engine into a fragment's carriers: the same values, or an error that names node, relation and column.

Numbers are never rounded nor wrapped, text is never guessed at. `fragment.schema` may carry metadata for a field: `column` (the
virtual column's name, for errors), `oid` (its pg_type OID).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import BEYOND_DIGITS, NOT_FINITE, SqlError
from fedgate.fragment import Fragment
from fedgate.types.arrow_values import counted_rows
from fedgate.types.catalog import MAX_DIGITS
from fedgate.types.civil import DATE_MIN, TIMESTAMP_MIN, check_timestamp
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY

GUARD = "guard"
ROW_GUARD = f") IS TRUE AS {GUARD}"
"""How the SQL of a fragment reads whose guard stands for one row, not for a group's."""
ROWID = "rowid"
_FLOAT32_MAX = 3.4028235677973366e38
_SHOWN_CHARS = 80


def name_in_errors(field: pa.Field) -> str:
    """What an error calls the column."""
    return bytes((field.metadata or {}).get(b"column", field.name.encode())).decode()


def ill_typed(
    fragment: Fragment, column: str, value: object, wanted: str, *, sqlstate: str = "22P02", row: object = None
) -> SqlError:
    """The error for a stored value that does not fit the catalog's type: 22P02, 22003 when out of range, 22021 when no text."""
    problem = f"is out of range for {wanted}" if sqlstate == "22003" else f"is not {'an' if wanted[:1] in 'aio' else 'a'} {wanted}"
    if sqlstate == "22021":
        problem = "is not valid UTF-8" if isinstance(value, bytes) else "holds a NUL character, which no text may"
    where = f'column "{column}" of relation "{fragment.relation}" at node "{fragment.node}"'
    return SqlError(
        sqlstate,
        f"stored value {_shown(value)} {problem}: {where}" + (f", row {row}" if row is not None else ""),
        detail=f'Shard "{fragment.shard}".',
        hint="Correct the value at the node, or the column's type in the catalog.",
        node=fragment.node,
    )


def _shown(value: object) -> str:
    """The value in an error's message: bytes as SQL writes them, the rest in quotes; no control character reaches a client."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    text = text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
    return f"x'{text}'" if isinstance(value, bytes) else '"' + text.replace("\0", "\\x00") + '"'


def exact(batch: pa.RecordBatch, fragment: Fragment) -> pa.RecordBatch:
    """The batch's first columns, in order, in the carriers of `fragment.schema`. Raises SqlError 22003, 22P02, 0A000."""
    schema = fragment.schema
    if batch.schema.equals(schema):
        return batch
    if batch.num_columns < len(schema):
        raise SqlError("XX000", f"node gave {batch.num_columns} columns, not {len(schema)}", node=fragment.node)
    if batch.schema.types == schema.types and batch.num_columns == len(schema):
        return pa.RecordBatch.from_arrays(batch.columns, schema=schema)
    arrays = [carrier(batch.column(i), field, fragment) for i, field in enumerate(schema)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema) if arrays else counted_rows(batch.num_rows)


def carrier(array: pa.Array, field: pa.Field, fragment: Fragment) -> pa.Array:
    """One column in the carrier `field.type`."""
    array = _storage(array)
    wanted = field.type
    if array.type == wanted:
        return array
    if pa.types.is_list(wanted) and pa.types.is_list(array.type):
        return _list(array, field, fragment)
    if pa.types.is_decimal(wanted) and pa.types.is_string(array.type):
        _check_digits(array, field, fragment)
    if pa.types.is_float32(wanted):
        _check_float32(array, field, fragment)
        return array.cast(wanted, safe=False)
    try:
        return array.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as exc:
        raise _offender(array, field, fragment, exc) from exc


def _storage(array: pa.Array) -> pa.Array:
    if not isinstance(array.type, pa.BaseExtensionType):
        return array
    if isinstance(array.type, pa.UuidType):
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())
    return array.storage


def _list(array: pa.Array, field: pa.Field, fragment: Fragment) -> pa.Array:
    inner = pa.field(field.name, field.type.value_type, metadata=field.metadata)
    items = carrier(array.flatten(), inner, fragment)
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array([0, *lengths.cumsum().tolist()], pa.int32())
    return pa.ListArray.from_arrays(offsets, items, type=field.type, mask=array.is_null())


def _check_digits(array: pa.Array, field: pa.Field, fragment: Fragment) -> None:
    """22003 of a number with more digits than a decimal has. Arrow's cast would give what is left of it in 128 bits."""
    if (pc.max(pc.binary_length(array)).as_py() or 0) <= MAX_DIGITS:
        return
    digits = pc.ascii_ltrim(pc.replace_substring(pc.ascii_ltrim(array, "-"), ".", ""), "0")
    long = array.filter(pc.greater(pc.binary_length(digits), MAX_DIGITS))
    if len(long):
        where = f'{_shown(long[0].as_py())} in column "{name_in_errors(field)}" of relation "{fragment.relation}".'
        raise SqlError("22003", BEYOND_DIGITS, detail=where, node=fragment.node)


def _check_float32(array: pa.Array, field: pa.Field, fragment: Fragment) -> None:
    wide = array.cast(pa.float64(), safe=False)
    too_big = pc.and_(pc.is_finite(wide), pc.greater_equal(pc.abs(wide), _FLOAT32_MAX))
    if pc.any(too_big).as_py():
        raise ill_typed(fragment, name_in_errors(field), wide.filter(too_big)[0].as_py(), "real", sqlstate="22003")


def _offender(array: pa.Array, field: pa.Field, fragment: Fragment, exc: pa.ArrowException) -> SqlError:
    numeric = pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type)
    for i in range(len(array)):
        one = array.slice(i, 1)
        try:
            one.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            value = one[0].as_py()
            if pa.types.is_decimal(field.type) and str(value).lower() in ("nan", "inf", "-inf", "infinity", "-infinity"):
                return SqlError(
                    "0A000",
                    f'{value} in column "{name_in_errors(field)}" of node "{fragment.node}": {NOT_FINITE}',
                    node=fragment.node,
                )
            state = "22003" if numeric and not isinstance(value, str | bytes) else "22P02"
            return ill_typed(fragment, name_in_errors(field), value, str(field.type), sqlstate=state)
    return SqlError("XX000", f'column "{name_in_errors(field)}" of node "{fragment.node}": {exc}', node=fragment.node)


def infinite_times(array: pa.Array, *, low: int, high: int) -> pa.Array:
    """A date or timestamp column whose driver writes -infinity as `low` and infinity as `high`, with fedgate's infinities.

    0A000 of the last thirty years that PostgreSQL's timestamps have, which the driver wraps around to before the first.
    """
    bits = pa.int32() if pa.types.is_date32(array.type) else pa.int64()
    infinity = DATE_INFINITY if pa.types.is_date32(array.type) else TIMESTAMP_INFINITY
    raw = array.view(bits)
    odd = pc.less(raw, DATE_MIN if pa.types.is_date32(array.type) else TIMESTAMP_MIN)
    if pc.any(odd).as_py():
        wrapped = set(pc.unique(raw.filter(odd)).to_pylist()) - {low, high}
        if wrapped:
            check_timestamp(min(wrapped) + 2**64, "timestamp out of range")
        raw = pc.if_else(pc.equal(raw, low), -infinity, pc.if_else(pc.equal(raw, high), infinity, raw)).cast(bits)
    return raw.view(array.type)


def guarded(batches: Iterable[pa.RecordBatch], fragment: Fragment) -> Iterator[tuple[pa.RecordBatch, bool]]:
    """Each batch without its guard column, with whether its guard found an ill-typed value."""
    for batch in batches:
        if not fragment.guard:
            yield batch, False
            continue
        guard = batch.column(batch.num_columns - 1)
        bad = pc.any(pc.not_equal(guard, 0)).as_py() is True
        yield pa.RecordBatch.from_arrays(batch.columns[:-1], names=batch.schema.names[:-1]), bad


def offender_error(fragment: Fragment, row: tuple[object, ...] | None) -> SqlError:
    """The error that a guard's offender row (column, row id, stored type, value as text) stands for."""
    if row is None:
        return SqlError(
            "22P02", f'relation "{fragment.relation}" of node "{fragment.node}" holds ill-typed values', node=fragment.node
        )
    column, rowid, stored, value = row[:4]
    value = value if isinstance(value, bytes) else str(value)
    if stored == "overflow":
        return ill_typed(fragment, str(column), value, "its type", sqlstate="22003", row=rowid)
    wanted = f"value of the catalog's type (stored as {stored})"
    return ill_typed(fragment, str(column), value, wanted, row=rowid)
