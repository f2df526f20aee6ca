"""Aggregate calls: the node's modifiers rendered, the rest is the function table's."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.sql.functions.calls import Call, Sort
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import key
from fedgate.sql.functions.table import lookup
from fedgate.sql.lower.state import Lowering, handles
from fedgate.sql.tree import Aggref, RowExpr, SortBy


@handles(Aggref)
def lower_aggregate(lo: Lowering, node: Aggref) -> E:
    row = lookup("aggregate", node.name, () if node.star else node.arg_types, node.pos)
    assert not isinstance(row.lower, str)
    condition = lo.condition(node.filter) if node.filter is not None else None
    call = Call(lo.cx, node, lo.exprs(node.args), node.distinct, sorts(lo, node.order_by), condition)
    result: E = row.lower(call)
    return E(f"({result.sql})" if condition else result.sql, result.type, result.dec)


def sorts(lo: Lowering, items: tuple[SortBy, ...]) -> tuple[Sort, ...]:
    """ORDER BY items inside a call."""
    result = []
    for item in items:
        if isinstance(item.expr, RowExpr):
            raise unsupported("ordering by a row value")
        value = lo.expr(item.expr)
        direction = f"{'DESC' if item.descending else 'ASC'} NULLS {'FIRST' if item.nulls_first else 'LAST'}"
        result.append(Sort(key(value), value, direction))
    return tuple(result)
