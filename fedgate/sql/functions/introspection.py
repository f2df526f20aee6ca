"""What a value is: pg_typeof (an OID, as every regtype is here) and the sizes of values."""

from __future__ import annotations

from typing import Any

from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.table import Lowering, function


def _typeof(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"CAST({node.arg_types[0]} AS BIGINT)"


function("pg_typeof", "any", _typeof)


def _counting(test: str) -> Lowering:
    """How many arguments, or elements of the array after VARIADIC, pass a test."""

    def count(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        if node.variadic:
            return f"CAST(len(list_filter({a[0].sql}, lambda x: x {test})) AS INTEGER)"
        return "CAST(" + " + ".join(f"CAST({e.sql} {test} AS INTEGER)" for e in a) + " AS INTEGER)"

    return count


function("num_nulls", "any...", _counting("IS NULL"))
function("num_nonnulls", "any...", _counting("IS NOT NULL"))
