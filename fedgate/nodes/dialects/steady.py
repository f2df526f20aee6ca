"""What may never be evaluated at a node, whatever the engine: what depends on when, where or by whom it is evaluated."""

from __future__ import annotations

from functools import cache

from fedgate.nodes.dialects.site import Refused
from fedgate.sql import tables
from fedgate.sql.tree import FuncExpr, Node, OpExpr, walk
from fedgate.types import BY_OID

# Stable in PostgreSQL because their results depend on settings. The renderers of these write the zone (and style) into the SQL.
_ZONED = frozenset(
    {
        "age",
        "concat",
        "concat_ws",
        "date",
        "date_part",
        "date_trunc",
        "extract",
        "generate_series",
        "interval_pl_timestamptz",
        "make_timestamptz",
        "time",
        "timestamp",
        "timestamptz",
        "timezone",
        "to_char",
        "to_date",
        "to_timestamp",
    }
)
_CATALOG_TYPES = frozenset(oid for oid, t in BY_OID.items() if t.name.startswith("reg") or t.name in ("oid", "name", "aclitem"))


@cache
def volatility(name: str, oid: int) -> str:
    """pg_proc.provolatile (i, s or v) of a function; v when the tables do not know it."""
    return next((row.volatile for row in tables.functions(name) if row.oid == oid), "v")


def check_steady(node: Node) -> None:
    """Refused if anything in the tree is volatile, or stable for a reason that the SQL cannot carry."""
    for part in walk(node, into_queries=True):
        if isinstance(part, FuncExpr):
            kind = volatility(part.name, part.oid)
            if kind == "v" or (kind == "s" and part.name not in _ZONED):
                raise Refused(f"{part.name}() depends on more than its arguments")
        if isinstance(part, FuncExpr | OpExpr) and (part.type.oid in _CATALOG_TYPES or set(part.arg_types) & _CATALOG_TYPES):
            raise Refused(f"{part.name} reads the catalogs")
