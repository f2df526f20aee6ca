"""Window calls: OVER (…) with explicit NULL order and frame; the function itself is the function table's."""

from __future__ import annotations

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import key
from fedgate.sql.functions.table import Kind, lookup
from fedgate.sql.lower.aggregates import sorts
from fedgate.sql.lower.state import Lowering, handles
from fedgate.sql.tree import Expr, Frame, WindowFunc

_BOUNDS = {
    "unbounded_preceding": "UNBOUNDED PRECEDING",
    "unbounded_following": "UNBOUNDED FOLLOWING",
    "current_row": "CURRENT ROW",
}
_EXCLUDE = {"": "", "current_row": " EXCLUDE CURRENT ROW", "group": " EXCLUDE GROUP", "ties": " EXCLUDE TIES"}


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
    if node.order_by:
        parts.append("ORDER BY " + ", ".join(str(s) for s in sorts(lo, node.order_by)))
    if node.frame is not None:
        parts.append(_frame(lo, node.frame))
    return " ".join(parts)


def _frame(lo: Lowering, frame: Frame) -> str:
    start = _bound(lo, frame.start, frame.start_offset)
    end = _bound(lo, frame.end, frame.end_offset)
    return f"{frame.mode.upper()} BETWEEN {start} AND {end}{_EXCLUDE[frame.exclude]}"


def _bound(lo: Lowering, name: str, offset: Expr | None) -> str:
    if offset is None:
        return _BOUNDS[name]
    return f"{lo.expr(offset).sql} {name.upper()}"
