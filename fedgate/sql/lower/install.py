"""Puts the macros and UDFs that lowered SQL calls on a DuckDB connection. Cursors of the connection see them too."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fedgate.sql.functions import table
from fedgate.sql.functions.udf import MACROS, UDFS

_MODULES = (
    "fedgate.sql.numeric.columns",
    "fedgate.sql.numeric.places",
    "fedgate.sql.numeric.statistics",
    "fedgate.sql.functions.text_io",
    "fedgate.sql.lower.macros",
)


def install(connection: Any) -> None:
    """Idempotent. `connection` is a duckdb connection; drivers are none of this room's business, so it is only used, never made."""
    for module in _MODULES:
        import_module(module)
    table.find("function", "", ())  # loads the families, which register macros and UDFs of their own
    known = {row[0] for row in connection.execute("SELECT function_name FROM duckdb_functions() WHERE NOT internal").fetchall()}
    for udf in UDFS.values():
        if udf.name not in known:
            connection.create_function(
                udf.name,
                udf.call,
                list(udf.arguments),
                udf.returns,
                type="arrow",
                null_handling="special",
                side_effects=udf.volatile,
            )
    for text in MACROS.values():
        connection.execute(text)
    # A constant is a sort key like any other in PostgreSQL; DuckDB refuses it unless told.
    connection.execute("SET GLOBAL order_by_non_integer_literal = true")
