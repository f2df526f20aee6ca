"""`*` and `r.*`, in target lists and in argument lists of ROW()."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fedgate.errors import SqlError
from fedgate.sql.bind.dispatch import bind_expr
from fedgate.sql.bind.scope import at, find_relation, missing_relation
from fedgate.sql.bind.state import Item, ItemColumn, Message, State
from fedgate.sql.tree import Expr, FieldSelect, FuncExpr, RowExpr


def is_star(node: Message) -> bool:
    """Whether a raw expression is `*`, `r.*` or `(row).*`."""
    kind = node.WhichOneof("node")
    if kind == "column_ref":
        return bool(node.column_ref.fields[-1].WhichOneof("node") == "a_star")
    if kind == "a_indirection":
        return bool(node.a_indirection.indirection[-1].WhichOneof("node") == "a_star")
    return False


def expand(state: State, node: Message) -> Iterator[tuple[str, Expr]]:
    """(name, expression) of every column that a star stands for."""
    if node.WhichOneof("node") == "a_indirection":
        yield from _expand_row(state, node.a_indirection)
        return
    reference = node.column_ref
    position = state.pos(reference.location)
    names = [f.string.sval for f in reference.fields[:-1]]
    for column in _star_columns(state, names, position):
        yield column.name, at(column.expr, position)


def _star_columns(state: State, names: list[str], position: int | None) -> list[ItemColumn]:
    if not names:
        items = [item for item in state.items if item.columns_visible and not item.lateral_only]
        if not items:
            raise SqlError("42601", "SELECT * with no tables specified is not valid", position=position)
        return [column for item in items for column in item.columns]
    item: Item | None = find_relation(state, names[-2:-1], names[-1], position)
    if item is None:
        raise missing_relation(state, names, position)
    return item.columns


def _expand_row(state: State, node: Message) -> Iterator[tuple[str, Expr]]:
    from fedgate.sql.bind.indirection import bind_indirection_prefix
    from fedgate.sql.bind.rows import as_called, select_field

    position = state.pos(node.arg.column_ref.location) if node.arg.WhichOneof("node") == "column_ref" else None
    row = bind_indirection_prefix(state, node)
    if len(node.indirection) == 1:
        row = as_called(state, row)
    if isinstance(row, FuncExpr) and row.returns_set:
        from fedgate.sql.bind.from_functions import out_columns

        for i, (name, type_) in enumerate(columns := out_columns(row)):
            yield name, FieldSelect(row, i, type_, pos=row.pos)
        if columns:
            return
    if not isinstance(row, RowExpr):
        select_field(row, "*", position)
    assert isinstance(row, RowExpr)
    for i, name in enumerate(row.names):
        yield name, FieldSelect(row, i, row.fields[i].type, pos=row.pos)


def expand_args(state: State, nodes: Iterable[Message]) -> Iterator[Expr]:
    """The expressions of an argument list in which stars stand for their columns."""
    for node in nodes:
        if node.WhichOneof("node") != "a_const" and is_star(node):
            yield from (expr for _, expr in expand(state, node))
        else:
            yield bind_expr(state, node)
