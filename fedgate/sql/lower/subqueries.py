"""Sub-queries in expressions. DuckDB decorrelates them; it gets names that cannot clash and values in comparable carriers."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.fragment import column_name
from fedgate.sql.functions.carriers import E, error, type_dec
from fedgate.sql.functions.comparison import OPERATORS, sides
from fedgate.sql.functions.emit import to_carrier
from fedgate.sql.lower.expressions import lower_filter
from fedgate.sql.lower.state import Lowering, Rendered, handles
from fedgate.sql.tree import BOOL, Block, Const, Expr, Node, Query, SubLink, Var, conjuncts, walk

_MANY_ROWS = error("21000", "more than one row returned by a subquery used as an expression")


@handles(SubLink)
def lower_sublink(lo: Lowering, node: SubLink) -> E:
    body = lo.query(node.query)
    if node.kind == "exists":
        return E(f"EXISTS ({body.sql})", BOOL)
    if node.kind == "scalar":
        column = next(iter(body.columns.values()))
        return E(_once(lo, node, body, column.sql) if _raises(node) else f"({body.sql})", node.type, column.dec)
    if node.kind == "array":
        return _array(lo, node, body)
    return _quantified(lo, node, body)


def lower_where(lo: Lowering, predicate: Expr) -> str:
    """WHERE or HAVING, with conjuncts that may raise 21000 kept where only the rows that pass the others come.

    DuckDB would make a join of `column = (subquery)` and compute the other side's key first, whether or not a row is there.
    """
    parts = conjuncts(predicate)
    if not any(map(_reads_raising, parts)):
        return lower_filter(lo, predicate).sql
    texts = (f"CASE WHEN {lo.condition(p)} THEN true END" if _reads_raising(p) else f"({lower_filter(lo, p).sql})" for p in parts)
    return " AND ".join(texts)


def _reads_raising(part: Expr) -> bool:
    return any(isinstance(n, SubLink) and _raises(n) for n in walk(part))


def _raises(node: SubLink) -> bool:
    """Whether it may have a second row, and DuckDB would look for one before any row needs the value."""
    return node.kind == "scalar" and not _one_row(node.query) and not reads_outside(node.query)


def _one_row(query: Query) -> bool:
    if isinstance(query.limit, Const) and isinstance(query.limit.value, int) and query.limit.value <= 1 and not query.with_ties:
        return True
    return isinstance(query, Block) and query.grouped and not query.group_by and query.grouping_sets is None


def reads_outside(node: Node) -> bool:
    """Whether a query or expression reads columns of relations that it does not have itself."""
    nodes = list(walk(node, into_queries=True))
    inner = {rel for n in nodes if (rel := getattr(n, "rel", None)) is not None and not isinstance(n, Var)}
    return any(isinstance(n, Var) and n.rel not in inner for n in nodes)


def _once(lo: Lowering, node: SubLink, body: Rendered, column: str) -> str:
    """The value of the only row, NULL of none; 21000 only where a row reads it."""
    rows, one = lo.alias(), lo.alias()
    counted = f"SELECT {{'n': count(*), 'v': first({rows}.{column})}} FROM (SELECT * FROM ({body.sql}) AS {rows} LIMIT 2) AS {rows}"
    count, value = (f"struct_extract({one}, '{name}')" for name in "nv")  # in HAVING, DuckDB takes one.n for a column
    return f"list_transform([({counted})], lambda {one}: CASE WHEN {count} > 1 THEN {_MANY_ROWS} ELSE {value} END)[1]"


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
