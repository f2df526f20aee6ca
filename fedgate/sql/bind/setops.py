"""UNION, INTERSECT and EXCEPT.

Source: https://www.postgresql.org/docs/15/typeconv-union-case.html. Literals and parameters of unknown type in a branch take the
type that the whole column has, so branches are bound with their unknown columns left open.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.from_items import add_item
from fedgate.sql.bind.params import is_open_parameter
from fedgate.sql.bind.result_order import order_result
from fedgate.sql.bind.row_arrays import of_fields
from fedgate.sql.bind.select import bind_limit, bind_select
from fedgate.sql.bind.sort import require_equality
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.tree import Block, Const, Derived, Expr, OutputColumn, Query, SetOp, Target, Values, Var
from fedgate.types import SqlType


def bind_set_operation(state: State, node: Message) -> Query:
    """The whole tree of set operations below `node`, with its ORDER BY and LIMIT."""
    state.is_block = False
    query = _operation(state, node)
    columns = [(col.id, col.name, col.type) for col in query.columns]
    item = add_item(state, "*SELECT*", state.new_rel(), columns, ())
    offset, limit, with_ties = bind_limit(state, node)
    made = order_result(state, node, query, item, limit=limit, offset=offset, with_ties=with_ties)
    return _settled(state, made) if state.resolve_unknowns else made


def _operation(state: State, node: Message) -> SetOp:
    op = enum_name(node, "op").removeprefix("SETOP_").lower()
    left, right = _branch(state, node.larg), _branch(state, node.rarg)
    word = op.upper()
    if len(left.columns) != len(right.columns):
        position = _first_position(right)
        raise SqlError("42601", f"each {word} query must have the same number of columns", position=position)
    columns: list[OutputColumn] = []
    lefts, rights = branch_exprs(left), branch_exprs(right)
    left_types = [col.type.oid for col in left.columns]
    for i, (one, two) in enumerate(zip(left.columns, right.columns, strict=True)):
        pair = [lefts[i] or _stand_in(one), rights[i] or _stand_in(two)]
        type_ = _column_type(pair, word)
        left, right = convert_column(state, left, i, type_.oid, word), convert_column(state, right, i, type_.oid, word)
        columns.append(OutputColumn(state.binder.new_id(), one.name, type_, ascii=one.ascii or two.ascii))
    if not node.all or op != "union":
        for i, col in enumerate(columns):
            chosen = lefts[i] if left_types[i] == col.type.oid else rights[i]
            require_equality(Var(0, col.id, col.type), c.locate(chosen) if chosen is not None else None)
    return SetOp(op, node.all, left, right, tuple(columns))  # type: ignore[arg-type]


def _column_type(pair: list[Expr], word: str) -> SqlType:
    oid = c.common_type(pair, word)
    typmod = pair[0].type.typmod if pair[0].type == pair[1].type else -1
    return of_fields(SqlType(oid, typmod), pair)


def _stand_in(column: OutputColumn) -> Expr:
    return Var(0, column.id, column.type)


def _branch(state: State, node: Message) -> Query:
    """A branch that is itself an unadorned set operation belongs to this tree; anything else is a query of its own."""
    plain = not (node.sort_clause or node.HasField("limit_offset") or node.HasField("limit_count") or node.locking_clause)
    if enum_name(node, "op") != "SETOP_NONE" and plain and not node.HasField("with_clause"):
        return _operation(state, node)
    return bind_select(state, node, resolve_unknowns=False)


def branch_exprs(query: Query) -> list[Expr | None]:
    """The expressions behind a branch's columns where they can still take a type, and their positions."""
    if isinstance(query, Block):
        return [target.expr for target in query.targets if not target.junk]
    if isinstance(query, Values) and len(query.rows) == 1:
        return list(query.rows[0])
    return [None] * len(query.columns)


def _first_position(query: Query) -> int | None:
    exprs = branch_exprs(query)
    return exprs[0].pos if exprs and exprs[0] is not None else None


def convert_column(state: State, query: Query, index: int, oid: int, word: str) -> Query:
    """The branch with column `index` of type `oid`."""
    column = query.columns[index]
    if column.type.oid == oid:
        return query
    expr = branch_exprs(query)[index]
    unknown = column.type.oid == t.UNKNOWN
    if isinstance(query, Block) and _settable(query, column.id, expr):
        assert expr is not None
        made = c.to_common(state, expr, oid, word)
        targets = tuple(replace(x, expr=made) if x.id == column.id else x for x in query.targets)
        return replace(query, targets=targets)
    if isinstance(query, Values) and len(query.rows) == 1 and not query.order_by:
        assert expr is not None
        made = c.to_common(state, expr, oid, word)
        row = tuple(made if i == index else e for i, e in enumerate(query.rows[0]))
        columns = tuple(replace(x, type=made.type) if i == index else x for i, x in enumerate(query.columns))
        return replace(query, rows=(row,), columns=columns)
    if isinstance(query, SetOp) and unknown:
        return _convert_inside(state, query, index, oid, word)
    return _wrapped(state, query, index, oid, word)


def _settable(query: Block, column: int, expr: Expr | None) -> bool:
    """Whether converting the target itself means the same as converting the result."""
    if isinstance(expr, Const) or (expr is not None and is_open_parameter(expr)):
        return True
    ids = {key.column for key in query.order_by}
    plain = query.distinct is False or (isinstance(query.distinct, tuple) and column not in query.distinct)
    return plain and column not in ids


def _convert_inside(state: State, query: SetOp, index: int, oid: int, word: str) -> Query:
    left, right = convert_column(state, query.left, index, oid, word), convert_column(state, query.right, index, oid, word)
    columns = tuple(replace(x, type=SqlType(oid)) if i == index else x for i, x in enumerate(query.columns))
    return replace(query, left=left, right=right, columns=columns)


def _wrapped(state: State, query: Query, index: int, oid: int, word: str) -> Query:
    level = State(state.binder, state)
    rel = level.new_rel()
    targets = []
    for i, col in enumerate(query.columns):
        expr: Expr = Var(rel, col.id, col.type)
        if i == index:
            expr = c.to_common(level, expr, oid, word)
        targets.append(Target(state.binder.new_id(), expr, col.name))
    return Block(tuple(targets), (Derived(rel, query),))


def _settled(state: State, query: Query) -> Query:
    """Columns that are still unknown become text."""
    for i, col in enumerate(query.columns):
        if col.type.oid == t.UNKNOWN:
            query = convert_column(state, query, i, t.TEXT, "UNION")
    return query
