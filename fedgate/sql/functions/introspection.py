"""What a value is: pg_typeof (an OID, as every regtype is here) and the sizes of values."""

from __future__ import annotations

from typing import Any

from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.table import function


def _typeof(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"CAST({node.arg_types[0]} AS BIGINT)"


function("pg_typeof", "any", _typeof)
function(
    "num_nulls", "any...", lambda cx, a, node: "CAST(" + " + ".join(f"CAST({e.sql} IS NULL AS INTEGER)" for e in a) + " AS INTEGER)"
)
function(
    "num_nonnulls",
    "any...",
    lambda cx, a, node: "CAST(" + " + ".join(f"CAST({e.sql} IS NOT NULL AS INTEGER)" for e in a) + " AS INTEGER)",
)
