"""Window calls: OVER (…) with explicit NULL order and frame; the function itself is the function table's."""

from __future__ import annotations

from dataclasses import replace

from fedgate.errors import unsupported
from fedgate.sql.functions.calls import Call, Sort
from fedgate.sql.functions.carriers import Dec, E, error
from fedgate.sql.functions.emit import INTEGERS, against, key
from fedgate.sql.functions.table import Kind, lookup
from fedgate.sql.lower.aggregates import sorts
from fedgate.sql.lower.state import Lowering, handles
from fedgate.sql.tree import Expr, Frame, WindowFunc
from fedgate.types.catalog import NUMERIC

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
    order = sorts(lo, node.order_by)
    if order:
        parts.append("ORDER BY " + ", ".join(str(_measured(s) if _distant(node.frame) else s) for s in order))
    if node.frame is not None:
        parts.append(_frame(lo, node.frame, order[0].value if order else None))
    return " ".join(parts)


def _distant(frame: Frame | None) -> bool:
    """Are the frame's ends found by adding to the one sort key?"""
    return frame is not None and frame.mode == "range" and (frame.start_offset is not None or frame.end_offset is not None)


def _measured(sort: Sort) -> Sort:
    """A key that a distance can be added to: of integers a sum beyond the type is no error but beyond every row."""
    if sort.value.oid in INTEGERS:
        return replace(sort, sql=f"CAST({sort.sql} AS HUGEINT)")
    if sort.value.oid == NUMERIC and sort.value.dec is None:
        raise unsupported(
            "RANGE with a distance over numeric without a scale", hint="Cast the sort key to numeric(precision, scale)."
        )
    return sort


def _frame(lo: Lowering, frame: Frame, by: E | None) -> str:
    start = _bound(lo, frame, frame.start, frame.start_offset, by)
    end = _bound(lo, frame, frame.end, frame.end_offset, by)
    return f"{frame.mode.upper()} BETWEEN {start} AND {end}{_EXCLUDE[frame.exclude]}"


def _bound(lo: Lowering, frame: Frame, name: str, offset: Expr | None, by: E | None) -> str:
    if offset is None:
        return _BOUNDS[name]
    distance = lo.expr(offset)
    if by is None or not _distant(frame):
        return f"{distance.sql} {name.upper()}"
    measure = _distance(lo, distance, by)
    if not distance.literal or distance.is_null:
        missing = f"frame {'starting' if offset is frame.start_offset else 'ending'} offset must not be null"
        measure = f"coalesce({measure}, {error('22004', missing)})"  # the merge engine would take it for no bound
    return f"{measure} {name.upper()}"


def _distance(lo: Lowering, distance: E, by: E) -> str:
    """A distance between keys `by`, in a type that is added to them."""
    if by.oid in INTEGERS:
        return f"CAST({distance.sql} AS HUGEINT)"
    if by.dec is None or distance.dec is not None:
        return distance.sql
    # Two keys are at most two tops apart, one digit more; between steps of their scale all distances are alike.
    fixed = against(lo.cx, distance, Dec(by.dec.p + 1, by.dec.s))
    if fixed is None:
        raise unsupported("RANGE with a distance over numeric of so many digits")
    return fixed
