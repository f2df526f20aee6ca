"""Window calls: OVER (…) with explicit NULL order and frame (`frames`); the function itself is the function table's."""

from __future__ import annotations

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import key
from fedgate.sql.functions.table import Kind, lookup
from fedgate.sql.lower import frames
from fedgate.sql.lower.aggregates import sorts
from fedgate.sql.lower.state import Lowering, handles
from fedgate.sql.tree import WindowFunc


@handles(WindowFunc)
def lower_window(lo: Lowering, node: WindowFunc) -> E:
    kind: Kind = "aggregate" if node.aggregate else "window"
    row = lookup(kind, node.name, () if node.star else node.arg_types, node.pos)
    assert not isinstance(row.lower, str)
    condition = lo.condition(node.filter) if node.filter is not None else None
    call = Call(lo.cx, node, lo.exprs(node.args), False, (), condition, over(lo, node))
    result: E = row.lower(call)
    return E(f"({result.sql})", result.type, result.dec)


def over(lo: Lowering, node: WindowFunc) -> str:
    """What stands in OVER (…)."""
    parts = []
    if node.partition_by:
        parts.append("PARTITION BY " + ", ".join(key(lo.expr(p)) for p in node.partition_by))
    order = sorts(lo, node.order_by)
    if node.frame is not None and frames.distant(node.frame):
        order = (frames.measured(lo, node.frame, node.order_by[0], order[0]),)
    if order:
        parts.append("ORDER BY " + ", ".join(map(str, order)))
    if node.frame is not None:
        parts.append(frames.render(lo, node.frame, node.order_by[0] if order else None, order[0] if order else None))
    return " ".join(parts)
