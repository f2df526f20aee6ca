"""What may never be evaluated at a node, whatever the engine: what depends on when, where or by whom it is evaluated."""

from __future__ import annotations

from functools import cache

from fedgate.nodes.dialects.site import Refused
from fedgate.sql import tables
from fedgate.sql.properties import volatility
from fedgate.sql.tree import DistinctExpr, FuncExpr, Node, NullIf, OpExpr, RowCompare, ScalarArrayOp, SubLink, walk
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
def _unsteady_operators() -> frozenset[int]:
    """The operators of pg_operator whose functions are not immutable: what compares or moves times by the session's zone."""
    found = []
    for function, rows in tables.operators_by_function().items():
        name = tables.function_name(function)
        if name is None or volatility(name, function) != "i":
            found += [row.oid for row in rows]
    return frozenset(found)


def _operators(part: Node) -> tuple[int, ...]:
    if isinstance(part, OpExpr | DistinctExpr | ScalarArrayOp | NullIf):
        return (part.oid,)
    return part.oids if isinstance(part, RowCompare | SubLink) else ()


def check_steady(node: Node, *, zoned: bool) -> None:
    """Refused if anything in the tree is volatile, or stable for a reason that the SQL cannot carry.

    `zoned`: the node evaluates operators in the statement's zone, be it that the SQL names it or that it is the node's own (UTC).
    """
    for part in walk(node, into_queries=True):
        if isinstance(part, FuncExpr):
            kind = volatility(part.name, part.oid)
            if kind == "v" or (kind == "s" and part.name not in _ZONED):
                raise Refused(f"{part.name}() depends on more than its arguments")
        if isinstance(part, FuncExpr | OpExpr) and (part.type.oid in _CATALOG_TYPES or set(part.arg_types) & _CATALOG_TYPES):
            raise Refused(f"{part.name} reads the catalogs")
        if not zoned and not _unsteady_operators().isdisjoint(_operators(part)):
            raise Refused(f"{getattr(part, 'name', 'a comparison')} of these types depends on the time zone")
