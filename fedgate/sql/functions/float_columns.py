"""Checked float steps on whole columns, where a macro would have to repeat its operands: with every level the text would
multiply.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.sql.functions.udf import define

Floats = npt.NDArray[np.float64]


def _numbers(column: Any) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """A column's values (whatever stands for NULL) and which are NULL."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    nulls = array.is_null().to_numpy(zero_copy_only=False)
    return array.fill_null(1.0).to_numpy(zero_copy_only=False), nulls


def float4(column: Any) -> pa.Array:
    """float8 to float4. Raises SqlError 22003 where the value overflows or underflows."""
    values, nulls = _numbers(column)
    with np.errstate(all="ignore"):
        narrow = values.astype(np.float32)
    if (np.isinf(narrow) & ~np.isinf(values)).any():
        raise SqlError("22003", "value out of range: overflow")
    if ((narrow == 0) & (values != 0)).any():
        raise SqlError("22003", "value out of range: underflow")
    return pa.array(narrow, pa.float32(), mask=nulls)


def nonzero(divisor: Any, dividend: Any) -> pa.Array:
    """The divisor, once no value but NaN is divided by zero. Raises SqlError 22012."""
    below, nulls_below = _numbers(divisor)
    above, nulls_above = _numbers(dividend)
    nulls = nulls_below | nulls_above
    if ((below == 0) & ~np.isnan(above) & ~nulls).any():
        raise SqlError("22012", "division by zero")
    return pa.array(below, pa.float64(), mask=nulls)


define("pg_float4_step", ["DOUBLE"], "FLOAT", float4)
define("pg_nonzero_for", ["DOUBLE", "DOUBLE"], "DOUBLE", nonzero)
