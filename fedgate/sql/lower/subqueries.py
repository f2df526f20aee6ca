"""Sub-queries in expressions. DuckDB decorrelates them; it gets names that cannot clash and values in comparable carriers."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.sql.functions.carriers import E, type_dec
from fedgate.sql.functions.comparison import OPERATORS, sides
from fedgate.sql.functions.emit import to_carrier
from fedgate.sql.lower.state import Lowering, Rendered, column_name, handles
from fedgate.sql.tree import BOOL, SubLink


@handles(SubLink)
def lower_sublink(lo: Lowering, node: SubLink) -> E:
    body = lo.query(node.query)
    if node.kind == "exists":
        return E(f"EXISTS ({body.sql})", BOOL)
    if node.kind == "scalar":
        column = next(iter(body.columns.values()))
        return E(f"({body.sql})", node.type, column.dec)
    if node.kind == "array":
        return _array(lo, node, body)
    return _quantified(lo, node, body)


def _array(lo: Lowering, node: SubLink, body: Rendered) -> E:
    column = next(iter(body.columns.values()))
    carrier = type_dec(node.type)
    alias = lo.alias()
    value = to_carrier(E(f"{alias}.{column.sql}", column.type, column.dec), carrier)
    result = E("", node.type, carrier)
    return E(f"CAST(ARRAY(SELECT {value.sql} FROM ({body.sql}) AS {alias}) AS {result.duck})", node.type, carrier)


def _quantified(lo: Lowering, node: SubLink, body: Rendered) -> E:
    """`left op ANY (query)`; IN and NOT IN are `= ANY` and NOT of it."""
    if node.op not in OPERATORS:
        raise unsupported(f"the operator {node.op} with ANY or ALL of a subquery", position=node.pos)
    alias = lo.alias()
    left, right = [], []
    for expr, column in zip(node.left, body.columns.values(), strict=True):
        a, b = sides(lo.cx, lo.expr(expr), E(f"{alias}.{column.sql}", column.type, column.dec))
        left.append(a)
        right.append(b)
    names = ", ".join(f"{r} AS {column_name(i)}" for i, r in enumerate(right, 1))
    rows = f"SELECT {names} FROM ({body.sql}) AS {alias}"
    quantifier = "ALL" if node.kind == "all" else "ANY"
    if len(left) == 1:
        return E(f"({left[0]} {node.op} {quantifier} ({rows}))", BOOL)
    row = f"({', '.join(left)})"
    if (node.op, quantifier) == ("=", "ANY"):
        return E(_row_in(lo, left, rows), BOOL)
    if (node.op, quantifier) == ("<>", "ALL"):
        return E(f"(NOT {_row_in(lo, left, rows)})", BOOL)
    raise unsupported(f"{row.count(',') + 1} columns with {node.op} {quantifier}", position=node.pos)


def _row_in(lo: Lowering, left: list[str], rows: str) -> str:
    """Row IN (…), three-valued: true if a row equals, NULL if one might."""
    alias = lo.alias()
    equal = " AND ".join(f"{value} = {alias}.c{i}" for i, value in enumerate(left, 1))
    verdict = f"CASE WHEN bool_or({equal}) THEN true WHEN bool_or(({equal}) IS NULL) THEN NULL ELSE false END"
    return f"(SELECT {verdict} FROM ({rows}) AS {alias})"
