"""INSERT, UPDATE and DELETE of a table that the gateway holds: each becomes a query whose rows say what is to be done.

INSERT gives whole new rows. UPDATE and DELETE give the numbers of the rows that they mean (`schema.ROW_ATTNUM`), UPDATE after that
their new values. Values become those of their columns by assignment, as PostgreSQL's transformInsertStmt and transformUpdateStmt do
it (https://www.postgresql.org/docs/15/typeconv-query.html).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from fedgate.errors import SqlError, unsupported
from fedgate.schema import ROW_COLUMN, Column, Relations, Table
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.from_items import bind_from
from fedgate.sql.bind.params import finished, given_types, is_open_parameter
from fedgate.sql.bind.presence import with_presence
from fedgate.sql.bind.row_columns import written_rows
from fedgate.sql.bind.select import bind_select
from fedgate.sql.bind.state import Binder, Message, ParameterTypes, State, allow, enum_name
from fedgate.sql.parse import RawStatement, from_item
from fedgate.sql.tree import Block, BoundQuery, Const, Derived, Expr, OutputColumn, Query, Target, Values, Var
from fedgate.types import SqlType

_INSERT = frozenset(("relation", "cols", "select_stmt", "returning_clause", "with_clause", "override", "on_conflict_clause"))
_UPDATE = frozenset(("relation", "target_list", "where_clause", "from_clause", "returning_clause", "with_clause"))
_DELETE = frozenset(("relation", "using_clause", "where_clause", "returning_clause", "with_clause"))
_REWRITE = "You will need to rewrite or cast the expression."


class Filler(Protocol):
    """The expression of a DEFAULT."""

    @property
    def raw(self) -> RawStatement: ...

    @property
    def node(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a table that is written: its defaults, and the columns that count (`always`: whatever the client says)."""

    table: Table
    defaults: Mapping[int, Filler]
    counted: frozenset[int] = frozenset()
    always: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class BoundInsert:
    """`query` gives the table's columns in their order; those in `counted` are NULL, and to be counted by whoever runs it."""

    query: BoundQuery
    counted: frozenset[int]


def bind_default(state: State, filler: Filler, column: Column) -> Expr:
    """A column's default as a value of it. Raises SqlError 42804 and what its parts raise, 0A000 for columns in it."""
    outer = state.binder
    binder = Binder(filler.raw.text, filler.raw.position, outer.relations, outer.context, ParameterTypes([]), outer.next_id)
    inner = State(binder)
    if filler.node.WhichOneof("node") == "column_ref":
        message = "cannot use column reference in DEFAULT expression"
        raise SqlError("0A000", message, position=filler.raw.position(filler.node.column_ref.location))
    expr = bind_as(inner, filler.node, "default")
    outer.next_id = binder.next_id
    made = c.coerce(inner, expr, column.type, "a")
    if made is None:
        message = f'column "{column.name}" is of type {column.type} but default expression is of type {t.type_name(expr.type.oid)}'
        raise SqlError("42804", message, hint=_REWRITE)
    return made


def _state(raw: RawStatement, relations: Relations, context: BindContext, parameters: tuple[int, ...]) -> State:
    return State(Binder(raw.text, raw.position, relations, context, ParameterTypes(given_types(parameters))))


# -------------------------------------------------------------------------------------------------------------------- INSERT


def bind_insert(
    raw: RawStatement, written: Written, relations: Relations, context: BindContext, parameters: tuple[int, ...] = ()
) -> BoundInsert:
    """INSERT. Raises SqlError as PostgreSQL does; 0A000 for ON CONFLICT DO UPDATE."""
    node = raw.node
    state = _state(raw, relations, context, parameters)
    allow(state, node, _INSERT, "INSERT")
    targets = _targets(state, node.cols, written.table)
    insert = _Insert(state, written, targets, positions=[state.pos(n.res_target.location) for n in node.cols])
    insert.overrides = enum_name(node, "override") == "OVERRIDING_SYSTEM_VALUE"
    if enum_name(node, "override") == "OVERRIDING_USER_VALUE":
        raise unsupported("OVERRIDING USER VALUE")
    query = insert.query(node)
    return BoundInsert(finished(state.binder, written_rows(state, query)), insert.counted)


def _targets(state: State, nodes: Sequence[Message], table: Table) -> list[Column]:
    """The columns that are named, or all of them."""
    if not nodes:
        return list(table.columns)
    found: list[Column] = []
    for node in nodes:
        item = node.res_target
        position = state.pos(item.location)
        if item.indirection:
            raise unsupported("assigning to a part of a column", position=position)
        found.append(_column(table, item.name, position))
        if found[-1] in found[:-1]:
            raise SqlError("42701", f'column "{item.name}" specified more than once', position=position)
    return found


def _column(table: Table, name: str, position: int | None) -> Column:
    column = next((col for col in table.columns if col.name == name), None)
    if column is None:
        raise SqlError("42703", f'column "{name}" of relation "{table.name}" does not exist', position=position)
    return column


class _Insert:
    """One INSERT while it is bound."""

    def __init__(self, state: State, written: Written, targets: list[Column], positions: Sequence[int | None]) -> None:
        self.state = state
        self.written = written
        self.targets = targets
        self.positions = positions
        self.overrides = False
        self.counted: frozenset[int] = frozenset()
        self._given: set[int] = set()

    def query(self, node: Message) -> Query:
        if node.HasField("with_clause") and node.HasField("select_stmt") and not node.select_stmt.select_stmt.values_lists:
            node = _with_inside(node)
        elif node.HasField("with_clause"):
            raise unsupported("WITH of INSERT … VALUES", hint="INSERT … SELECT may have it.")
        if not node.HasField("select_stmt"):
            self.targets = []
            return self._block([self._row([])])
        select = node.select_stmt.select_stmt
        if select.values_lists and not (select.sort_clause or select.HasField("limit_count") or select.HasField("limit_offset")):
            return self._values(select)
        return self._select(select)

    def _values(self, select: Message) -> Query:
        rows = [list(row.list.items) for row in select.values_lists]
        if any(len(row) != len(rows[0]) for row in rows):
            first = next(row for row in rows if len(row) != len(rows[0]))
            position = self.state.pos(_location(first[0])) if first else None
            raise SqlError("42601", "VALUES lists must all be the same length", position=position)
        self._check_width(len(rows[0]), lambda i: self.state.pos(_location(rows[0][i])))
        return self._block([self._row(row) for row in rows])

    def _row(self, items: Sequence[Message]) -> dict[int, Expr]:
        """The values of one row by attnum; those that are left to be counted are not among them."""
        found: dict[int, Expr] = {}
        for item, column in zip(items, self.targets, strict=False):
            if item.WhichOneof("node") == "set_to_default":
                continue
            self._refuse_always(column)
            found[column.attnum] = assigned(self.state, bind_as(self.state, item, "values"), column)
        return found

    def _refuse_always(self, column: Column) -> None:
        if column.attnum in self.written.always and not self.overrides:
            raise SqlError(
                "428C9",
                f'cannot insert a non-DEFAULT value into column "{column.name}"',
                detail=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS.',
                hint="Use OVERRIDING SYSTEM VALUE to override.",
            )

    def _block(self, rows: list[dict[int, Expr]]) -> Query:
        columns = self.written.table.columns
        for column in columns:
            given = [column.attnum in row for row in rows]
            if column.attnum in self.written.counted and any(given) and not all(given):
                raise unsupported(f'DEFAULT in some rows of "{column.name}" only', hint="Give it in all rows, or in none.")
        self._given = {attnum for row in rows for attnum in row}
        made = [tuple(row[col.attnum] if col.attnum in row else self._filled(col) for col in columns) for row in rows]
        if len(made) == 1:
            return Block(tuple(Target(col.attnum, expr, col.name) for col, expr in zip(columns, made[0], strict=True)))
        return Values(tuple(made), tuple(OutputColumn(col.attnum, col.name, col.type) for col in columns))

    def _filled(self, column: Column) -> Expr:
        """What a column is that gets no value."""
        if column.attnum in self.written.counted:
            self.counted |= {column.attnum}
        filler = self.written.defaults.get(column.attnum)
        return Const(column.type, None) if filler is None else bind_default(self.state, filler, column)

    def _select(self, select: Message) -> Query:
        state = self.state
        inner = bind_select(state, select, resolve_unknowns=False)
        shown = inner.columns
        self._check_width(len(shown), lambda i: state.pos(_target_location(select, i)))
        rel = state.new_rel()
        state.binder.rel_names[rel] = ("*SELECT*", {col.id: col.name for col in shown})
        values: dict[int, Expr] = {}
        for column, target in zip(shown, self.targets, strict=False):
            self._refuse_always(target)
            values[target.attnum] = assigned(state, _lifted(inner, column, rel), target)
        inner = _settled(state, inner)
        types = {col.id: col.type for col in inner.columns}
        values = {n: _retyped(expr, rel, types) for n, expr in values.items()}
        targets = (
            Target(col.attnum, values[col.attnum] if col.attnum in values else self._filled(col), col.name)
            for col in self.written.table.columns
        )
        return Block(tuple(targets), (Derived(rel, inner, alias="*SELECT*"),))

    def _check_width(self, width: int, position: Any) -> None:
        if width > len(self.targets):
            raise SqlError("42601", "INSERT has more expressions than target columns", position=position(len(self.targets)))
        if self.positions and width < len(self.targets):
            at = self.positions[width]
            raise SqlError("42601", "INSERT has more target columns than expressions", position=at)


def _with_inside(node: Message) -> Message:
    """The statement with its WITH moved into the SELECT, which sees it as well there."""
    if node.select_stmt.select_stmt.HasField("with_clause"):
        raise unsupported("WITH of both INSERT and its SELECT", hint="Write them as one.")
    moved = type(node)()
    moved.CopyFrom(node)
    moved.select_stmt.select_stmt.with_clause.CopyFrom(node.with_clause)
    moved.ClearField("with_clause")
    return moved


def _location(node: Message) -> int:
    return int(getattr(getattr(node, node.WhichOneof("node")), "location", -1))


def _target_location(select: Message, index: int) -> int:
    return int(select.target_list[index].res_target.location) if index < len(select.target_list) else -1


def _lifted(query: Query, column: OutputColumn, rel: int) -> Expr:
    """A column of the SELECT; a literal or parameter that nobody gave a type stands for itself, to get the target's."""
    if isinstance(query, Block) and column.type.oid == t.UNKNOWN:
        expr = next(target.expr for target in query.targets if target.id == column.id)
        if isinstance(expr, Const) or is_open_parameter(expr):
            return expr
    return Var(rel, column.id, column.type)


def _settled(state: State, query: Query) -> Query:
    """The SELECT with its untyped columns as text."""
    if not isinstance(query, Block):
        return query
    unknown = [target for target in query.targets if target.expr.type.oid == t.UNKNOWN]
    if not unknown:
        return query

    def text(target: Target) -> Target:
        if target not in unknown:
            return target
        if is_open_parameter(target.expr):
            return replace(target, expr=Const(SqlType(t.TEXT), None))
        return replace(target, expr=c.settle_unknown(state, target.expr))

    return replace(query, targets=tuple(map(text, query.targets)))


def _retyped(expr: Expr, rel: int, types: Mapping[int, SqlType]) -> Expr:
    if isinstance(expr, Var) and expr.rel == rel and expr.type.oid == t.UNKNOWN:
        return replace(expr, type=types[expr.col])
    return expr


def assigned(state: State, expr: Expr, column: Column) -> Expr:
    """An expression as a value of a column. 42804 when there is no assignment cast."""
    position = c.locate(expr)
    made = c.coerce(state, expr, column.type, "a", position=position)
    if made is None:
        message = f'column "{column.name}" is of type {t.type_name(column.type.oid)} but expression is of type '
        raise SqlError("42804", message + t.type_name(expr.type.oid), hint=_REWRITE, position=position)
    if c.expr_returns_set(made):
        raise unsupported("a set-returning function here", hint="INSERT … SELECT may have one.", position=position)
    return made


# ----------------------------------------------------------------------------------------------------------- UPDATE, DELETE


@dataclass(frozen=True, slots=True)
class BoundChange:
    """`query` gives the numbers of rows, then their new values in the columns `columns` (attnums; none for DELETE)."""

    query: BoundQuery
    columns: tuple[int, ...]


def bind_change(
    raw: RawStatement, written: Written, relations: Relations, context: BindContext, parameters: tuple[int, ...] = ()
) -> BoundChange:
    """UPDATE or DELETE. Raises SqlError as PostgreSQL does."""
    node, updates = raw.node, raw.kind == "update"
    state = _state(raw, relations, context, parameters)
    allow(state, node, _UPDATE if updates else _DELETE, raw.kind.upper())
    if node.HasField("with_clause"):
        from fedgate.sql.bind.ctes import bind_with

        bind_with(state, node.with_clause)
    others = node.from_clause if updates else node.using_clause
    from_ = bind_from(state, [from_item(node.relation), *others])
    target = state.items[0]
    number = Target(state.binder.new_id(), Var(target.rel, ROW_COLUMN.attnum, ROW_COLUMN.type), ROW_COLUMN.name)
    columns = _targets(state, node.target_list, written.table) if updates else []
    values = (
        [_new_value(state, n.res_target.val, col, written) for n, col in zip(node.target_list, columns, strict=True)]
        if updates
        else []
    )
    where = None
    if node.HasField("where_clause"):
        where = c.to_boolean(state, bind_as(state, node.where_clause, "where"), "WHERE")
    made = [Target(state.binder.new_id(), expr, col.name) for expr, col in zip(values, columns, strict=True)]
    query: Query = Block((number, *made), tuple(with_presence(state, item) for item in from_), where)
    if node.HasField("with_clause"):
        from fedgate.sql.bind.ctes import attach_ctes

        query = attach_ctes(state, query)
    return BoundChange(finished(state.binder, written_rows(state, query)), tuple(col.attnum for col in columns))


def _new_value(state: State, node: Message, column: Column, written: Written) -> Expr:
    kind = node.WhichOneof("node")
    if kind == "multi_assign_ref":
        ref = node.multi_assign_ref
        source = ref.source
        if source.WhichOneof("node") != "row_expr":
            raise unsupported("assigning a subquery's row to several columns", hint="Assign each column its own subquery.")
        if len(source.row_expr.args) != ref.ncolumns:
            position = state.pos(source.row_expr.location)
            raise SqlError("42601", "number of columns does not match number of values", position=position)
        return _new_value(state, source.row_expr.args[ref.colno - 1], column, written)
    if kind == "set_to_default":
        if column.attnum in written.counted:
            raise unsupported("SET … = DEFAULT of a column that counts")
        filler = written.defaults.get(column.attnum)
        return Const(column.type, None) if filler is None else bind_default(state, filler, column)
    if column.attnum in written.always:
        raise SqlError(
            "428C9",
            f'column "{column.name}" can only be updated to DEFAULT',
            detail=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS.',
        )
    return assigned(state, bind_as(state, node, "update"), column)
