"""FROM: tables, exchanges, derived tables, CTE uses, set-returning functions, joins; and set-returning functions in a select list.

Each relation is called `t<rel>`; its columns are entered into `Lowering.vars` before anything that may refer to them is lowered.
"""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.fragment import column_name
from fedgate.schema import HIDDEN_COLUMNS, ROW_COLUMN
from fedgate.sql.functions.carriers import E, arrow_dec, type_dec
from fedgate.sql.functions.table import find, lookup
from fedgate.sql.lower import series
from fedgate.sql.lower.expressions import lower_filter
from fedgate.sql.lower.state import Lowering
from fedgate.sql.tree import CteRef, Derived, ExchangeRef, Expr, FromItem, FuncExpr, FunctionRef, Join, TableRef

_KEYWORD = {"inner": "INNER", "left": "LEFT", "right": "RIGHT", "full": "FULL"}


def lower_from(lo: Lowering, items: tuple[FromItem, ...]) -> str:
    """The text after FROM; empty for no items."""
    return ", ".join(lower_item(lo, item) for item in items)


def lower_item(lo: Lowering, item: FromItem) -> str:
    """One item, in parentheses where it is a join."""
    if isinstance(item, Join):
        return _join(lo, item)
    if isinstance(item, TableRef):
        for column in (*item.table.columns, *item.table.withheld, *HIDDEN_COLUMNS, ROW_COLUMN):
            name = f"t{item.rel}.{column_name(column.attnum)}"
            lo.vars[item.rel, column.attnum] = E(name, column.type, type_dec(column.type))
        return f"{lo.relation(item)} AS t{item.rel}"
    if isinstance(item, ExchangeRef):
        for out in item.columns:
            arrow = item.schema.field(column_name(out.id)).type
            lo.vars[item.rel, out.id] = E(f"t{item.rel}.{column_name(out.id)}", out.type, arrow_dec(out.type, arrow))
        return f"{item.name} AS t{item.rel}"
    if isinstance(item, CteRef):
        known = lo.ctes[item.cte]
        for given, out in zip(known.items(), item.columns, strict=True):
            inner_id, value = given
            lo.vars[item.rel, out.id] = E(f"t{item.rel}.{column_name(inner_id)}", out.type, value.dec)
        return f"w{item.cte} AS t{item.rel}"
    if isinstance(item, Derived):
        body = lo.query(item.query)
        for number, value in body.columns.items():
            lo.vars[item.rel, number] = E(f"t{item.rel}.{value.sql}", value.type, value.dec)
        return f"{'LATERAL ' if item.lateral else ''}({body.sql}) AS t{item.rel}"
    return _functions(lo, item)


def _join(lo: Lowering, item: Join) -> str:
    left = lower_item(lo, item.left)
    right = lower_item(lo, item.right)
    if item.on is None:
        if item.kind != "inner":
            return f"({left} {_KEYWORD[item.kind]} JOIN {right} ON true)"
        return f"({left} CROSS JOIN {right})"
    on = lo.condition(item.on) if getattr(item.right, "lateral", False) else lower_filter(lo, item.on).sql
    return f"({left} {_KEYWORD[item.kind]} JOIN {right} ON {on})"


def set_columns(lo: Lowering, node: Expr) -> tuple[E, ...]:
    """The lists that a set-returning call unnests, one per output column (`E.type` is the element's)."""
    if not isinstance(node, FuncExpr):
        raise unsupported("this set-returning expression")
    row = lookup("set", node.name, node.arg_types, node.pos)
    assert not isinstance(row.lower, str)
    result: tuple[E, ...] = row.lower(lo.cx, lo.exprs(node.args), node)
    return result


def _functions(lo: Lowering, item: FunctionRef) -> str:
    if (stream := series.streamed(lo, item)) is not None:
        return stream
    lists: list[E] = []
    scalars = 0
    for call in item.functions:
        if isinstance(call, FuncExpr) and (call.returns_set or find("set", call.name, call.arg_types)):
            lists.extend(set_columns(lo, call))
        else:
            value = lo.expr(call)
            lists.append(E(f"[{value.sql}]", value.type, value.dec))
            scalars += 1
    if item.ordinality:
        longest = ", ".join(f"coalesce(len({x.sql}), 0)" for x in lists)
        lists.append(E(f"range(1, CAST(greatest({longest}) AS BIGINT) + 1)", item.columns[-1].type))
    if len(lists) != len(item.columns):
        raise unsupported("a function in FROM with this shape of result")
    parts = []
    for out, values in zip(item.columns, lists, strict=True):
        parts.append(f"unnest({values.sql}) AS {column_name(out.id)}")
        lo.vars[item.rel, out.id] = E(f"t{item.rel}.{column_name(out.id)}", out.type, values.dec)
    return f"LATERAL (SELECT {', '.join(parts)}) AS t{item.rel}"


def set_in_targets(lo: Lowering, node: FuncExpr) -> E:
    """A set-returning call in a select list: several unnest side by side, padded with NULL, as in PostgreSQL."""
    lists = set_columns(lo, node)
    if len(lists) != 1:
        raise unsupported(f"{node.name}() with several columns in a select list", position=node.pos)
    return E(f"unnest({lists[0].sql})", node.type, lists[0].dec)
