"""Texts -> a column in its type's carrier: `text_in` a column at a time, for rows that come by the thousands.

What is written plainly is converted by Arrow; a column that holds anything else goes value by value, each different text once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.types.arrow_values import from_python
from fedgate.types.catalog import BY_OID, NUMERIC, SqlType, arrow_type
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse
from fedgate.types.values import Value

_Fast = Callable[[pa.Array, SqlType, TextStyle], "pa.Array | None"]


def column_from_texts(texts: Sequence[str | None], type_: SqlType, style: TextStyle, *, now_us: int | None = None) -> pa.Array:
    """The values of the texts; None is NULL. Raises SqlError of the first text that is none of the type's, as `parse`."""
    array = pa.array(texts, pa.string())
    fast = _FAST.get(type_.oid)
    if fast is not None:
        try:
            made = fast(array, type_, style)
        except pa.ArrowException:
            made = None
        if made is not None:
            return made
    known: dict[str, Value] = {}
    values: list[Value] = []
    for text in texts:
        if text is None:
            values.append(None)
            continue
        if text not in known:
            known[text] = parse(text, type_, style, now_us=now_us)
        values.append(known[text])
    return from_python(values, type_)


def _all_match(array: pa.Array, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(array, pattern), min_count=0).as_py() is not False


def _integers(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    return pc.cast(array, arrow_type(type_)) if _all_match(array, r"^-?[0-9]{1,18}$") else None


def _floats(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    if type_.oid != BY_OID[701].oid or not _all_match(array, r"^-?[0-9]{1,15}(\.[0-9]{1,20})?$"):
        return None  # real, exponents and names of infinities have rules of their own
    return pc.cast(array, pa.float64())


def _booleans(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    true, false = pc.equal(array, "t"), pc.equal(array, "f")
    return true if pc.all(pc.or_(true, false), min_count=0).as_py() else None


def _texts(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    if pc.any(pc.match_substring(array, "\0"), min_count=0).as_py():
        return None
    if type_.typmod < 0:
        return array
    longest = pc.max(pc.utf8_length(array)).as_py()
    return array if longest is None or longest <= type_.typmod - 4 else None


def _dates(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    return pc.cast(array, pa.date32()) if _all_match(array, r"^(1[0-9]{3}|2[0-9]{3})-[01][0-9]-[0-3][0-9]$") else None


_TIMESTAMP: Final = r"^(1[0-9]{3}|2[0-9]{3})-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"


def _timestamps(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    if type_.typmod not in (-1, 6) or not _all_match(array, _TIMESTAMP + "$"):
        return None
    return pc.cast(array, pa.timestamp("us"))


def _timestamptzs(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    """Those in UTC."""
    if type_.typmod not in (-1, 6) or not _all_match(array, _TIMESTAMP + r"(\+00|\+00:00|Z)$"):
        return None
    return pc.cast(pc.replace_substring_regex(array, r"(\+00|\+00:00|Z)$", "Z"), pa.timestamp("us", tz="UTC"))


def _numerics(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    carrier = arrow_type(type_)
    if not pa.types.is_decimal(carrier):
        # A text such as PostgreSQL writes it is its carrier.
        plain = type_.typmod < 0 and _all_match(array, r"^(-?[1-9][0-9]{0,100}|0)$|^(-?[1-9][0-9]{0,100}|0)\.[0-9]{1,100}$")
        return array if plain else None
    scale = carrier.scale
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    whole = carrier.precision - scale
    return pc.cast(array, carrier) if _all_match(array, rf"^-?[0-9]{{1,{max(whole - 1, 1)}}}{fraction}$") else None


def _uuids(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array | None:
    digits = "[0-9a-f]"
    return array if _all_match(array, rf"^{digits}{{8}}-{digits}{{4}}-{digits}{{4}}-{digits}{{4}}-{digits}{{12}}$") else None


_FAST: Final[dict[int, _Fast]] = {
    16: _booleans,
    20: _integers,
    21: _integers,
    23: _integers,
    25: _texts,
    701: _floats,
    1043: _texts,
    1082: _dates,
    1114: _timestamps,
    1184: _timestamptzs,
    NUMERIC: _numerics,
    2950: _uuids,
}
