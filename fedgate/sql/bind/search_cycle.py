"""SEARCH and CYCLE of recursive WITH items: columns that say in which order rows are found, and where they come round again.

Contract: `Additions.read` takes the raw clauses (42601, 42701), `base` and `step` give the two branches of the item's UNION
with these columns after their own, `columns` and `spreads` what readers of the item see of them.

* BREADTH FIRST: a row of the depth and the columns, kept as columns of its own (row_columns); DEPTH FIRST: an array of rows.
* CYCLE: a mark, and the array of the rows on the way; rows that are marked are not followed.

Source: https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-SEARCH
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr
from fedgate.sql.bind.operators import make_array_operator, make_operator
from fedgate.sql.bind.row_arrays import kept
from fedgate.sql.bind.row_columns import Spread, Spreads
from fedgate.sql.bind.sort import require_equality
from fedgate.sql.bind.state import CteEntry, Message, State, enum_name
from fedgate.sql.tree import (
    INT8,
    RECORD,
    ArrayExpr,
    Block,
    Case,
    Const,
    CteRef,
    Derived,
    Expr,
    OutputColumn,
    Query,
    RowExpr,
    Target,
    Var,
    When,
    conjunction,
    leaves,
    transform,
)
from fedgate.types import SqlType

_DEPTH = "*DEPTH*"


@dataclass(slots=True)
class Additions:
    """The columns that the clauses of one item add. `held` are those of the UNION, `columns` what readers see of them."""

    state: State
    name: str
    known: tuple[OutputColumn, ...]
    held: list[OutputColumn] = field(default_factory=list)
    columns: list[OutputColumn] = field(default_factory=list)
    spreads: Spreads = field(default_factory=dict)
    search: tuple[int, ...] = ()
    breadth: bool = False
    cycle: tuple[int, ...] = ()
    marks: tuple[Expr, Expr] | None = None

    def read(self, item: Message) -> None:
        """Takes the clauses of a raw WITH item."""
        if item.HasField("search_clause"):
            self._read_search(item.search_clause)
        if item.HasField("cycle_clause"):
            self._read_cycle(item.cycle_clause)
        if item.HasField("search_clause") and item.HasField("cycle_clause"):
            _apart(self.state, item)

    def _read_search(self, node: Message) -> None:
        state, position = self.state, self.state.pos(node.location)
        self.search = self._places(node.search_col_list, "search", position)
        self._new("search sequence column name", node.search_seq_column, position)
        self.breadth = bool(node.search_breadth_first)
        if not self.breadth:
            self._add(node.search_seq_column, self._path(self.search).type)
            return
        parts = [self._hold("", INT8), *(self._hold(self.known[i].name, self.known[i].type) for i in self.search)]
        names = (_DEPTH, *(self.known[i].name for i in self.search))
        column = OutputColumn(state.binder.new_id(), node.search_seq_column, RECORD)
        self.columns.append(column)
        self.spreads[column.id] = Spread(names, tuple(parts), None, RECORD)

    def _read_cycle(self, node: Message) -> None:
        state, position = self.state, self.state.pos(node.location)
        self.cycle = self._places(node.cycle_col_list, "cycle", position)
        self._new("cycle mark column name", node.cycle_mark_column, position)
        pair = [bind_expr(state, node.cycle_mark_value), bind_expr(state, node.cycle_mark_default)]
        oid = c.common_type(pair, "CYCLE")
        value, default = (c.settle_unknown(state, c.to_common(state, e, oid, "CYCLE")) for e in pair)
        require_equality(value, None)
        self.marks = value, default
        self._new("cycle path column name", node.cycle_path_column, position)
        if node.cycle_mark_column == node.cycle_path_column:
            raise SqlError("42601", "cycle mark column name and cycle path column name are the same", position=position)
        self._add(node.cycle_mark_column, value.type)
        self._add(node.cycle_path_column, self._path(self.cycle).type)

    def _places(self, names: list[Message], word: str, position: int | None) -> tuple[int, ...]:
        """Which of the item's columns are named."""
        own = [column.name for column in self.known]
        found: list[int] = []
        for item in names:
            name = item.string.sval
            if name not in own:
                raise SqlError("42601", f'{word} column "{name}" not in WITH query column list', position=position)
            if own.index(name) in found:
                raise SqlError("42701", f'{word} column "{name}" specified more than once', position=position)
            found.append(own.index(name))
        return tuple(found)

    def _new(self, what: str, name: str, position: int | None) -> None:
        if any(column.name == name for column in self.known):
            raise SqlError("42601", f'{what} "{name}" already used in WITH query column list', position=position)

    def _hold(self, name: str, type_: SqlType) -> OutputColumn:
        self.held.append(OutputColumn(self.state.binder.new_id(), name, type_))
        return self.held[-1]

    def _add(self, name: str, type_: SqlType) -> None:
        self.columns.append(self._hold(name, type_))

    def _row(self, places: tuple[int, ...], columns: tuple[OutputColumn, ...], rel: int) -> RowExpr:
        fields = tuple(Var(rel, columns[i].id, self.known[i].type) for i in places)
        return RowExpr(fields, tuple(self.known[i].name for i in places))

    def _path(self, places: tuple[int, ...], columns: tuple[OutputColumn, ...] | None = None, rel: int = 0) -> Expr:
        """An array of the one row."""
        row = self._row(places, columns or self.known, rel)
        return kept((ArrayExpr((row,), SqlType(t.RECORD_ARRAY)),))[0]

    def base(self, query: Query) -> Block:
        """The non-recursive branch."""
        rel = self.state.new_rel()
        exprs: list[Expr] = []
        if self.search and self.breadth:
            exprs += [Const(INT8, 0), *self._row(self.search, query.columns, rel).fields]
        elif self.search:
            exprs.append(self._path(self.search, query.columns, rel))
        if self.marks is not None:
            exprs += [self.marks[1], self._path(self.cycle, query.columns, rel)]
        return self._around(query, rel, exprs)

    def step(self, entry: CteEntry, query: Query) -> Block:
        """The recursive branch, which reads what the row before has of them. 0A000 where it is not read at the top."""
        found = [leaf for leaf in leaves(query.from_) if _is_use(leaf, entry)] if isinstance(query, Block) else []
        if not isinstance(query, Block) or len(found) != 1:
            message = f'with a SEARCH or CYCLE clause, the recursive reference to WITH query "{self.name}" must be at the top '
            raise SqlError("0A000", message + "level of its right-hand SELECT", position=entry.positions[0])
        if query.distinct is not False or query.grouped:
            raise unsupported("DISTINCT or GROUP BY in a recursive term with SEARCH or CYCLE", position=entry.positions[0])
        before = {column.id: Var(found[0].rel, column.id, column.type) for column in self.held}
        ids = {column.id: self.state.binder.new_id() for column in self.held}
        inner = self._reading(entry, query, [Target(ids[i], var, "") for i, var in before.items()])
        rel = self.state.new_rel()
        last = iter([Var(rel, ids[column.id], column.type) for column in self.held])
        exprs: list[Expr] = []
        if self.search and self.breadth:
            exprs += [make_operator(self.state, "+", next(last), Const(INT8, 1), None)]
            for expr in self._row(self.search, query.columns, rel).fields:
                next(last)
                exprs.append(expr)
        elif self.search:
            exprs.append(make_operator(self.state, "||", next(last), self._row(self.search, query.columns, rel), None))
        if self.marks is not None:
            value, default = self.marks
            next(last)
            path, row = next(last), self._row(self.cycle, query.columns, rel)
            again = make_array_operator(self.state, "=", row, path, all_=False, position=None)
            exprs.append(Case((When(again, value),), default, value.type))
            exprs.append(make_operator(self.state, "||", path, row, None))
        return self._around(inner, rel, exprs)

    def _reading(self, entry: CteEntry, query: Block, targets: list[Target]) -> Block:
        """The step with the columns of the row before as further targets, of rows that are not marked."""

        def wider(node: Any) -> Any:
            return replace(node, columns=(*node.columns, *self.held)) if _is_use(node, entry) else node

        query = transform(query, wider, into_queries=True)
        where = query.where
        if self.marks is not None:
            mark = targets[-2].expr
            unmarked = make_operator(self.state, "<>", mark, self.marks[0], None)
            where = unmarked if where is None else conjunction((where, unmarked))
        shown = [target for target in query.targets if not target.junk]
        return replace(query, targets=(*shown, *targets), where=where)

    def _around(self, query: Query, rel: int, exprs: list[Expr]) -> Block:
        own = query.columns[: len(self.known)]
        targets = [Target(self.state.binder.new_id(), Var(rel, column.id, column.type), column.name) for column in own]
        targets += [Target(self.state.binder.new_id(), e, x.name) for e, x in zip(exprs, self.held, strict=True)]
        return Block(tuple(targets), (Derived(rel, query),))


def _is_use(node: object, entry: CteEntry) -> bool:
    return isinstance(node, CteRef) and node.cte == entry.id


def _apart(state: State, item: Message) -> None:
    seq, cycle = item.search_clause.search_seq_column, item.cycle_clause
    for what, name in (("mark", cycle.cycle_mark_column), ("path", cycle.cycle_path_column)):
        if name == seq:
            message = f"search sequence column name and cycle {what} column name are the same"
            raise SqlError("42601", message, position=state.pos(item.search_clause.location))


def has_clauses(item: Message) -> bool:
    """Whether a raw WITH item has any of the two."""
    return bool(item.HasField("search_clause") or item.HasField("cycle_clause"))


def check_form(state: State, item: Message) -> None:
    """0A000 and, as PostgreSQL has it, 42601 where a side of the UNION is one itself."""
    node = item.ctequery.select_stmt
    for side, word, code in ((node.larg, "left", "0A000"), (node.rarg, "right", "42601")):
        if enum_name(side, "op") != "SETOP_NONE":
            message = f"with a SEARCH or CYCLE clause, the {word} side of the UNION must be a SELECT"
            raise SqlError(code, message, position=state.pos(item.location))


def not_recursive(state: State, item: Message) -> SqlError:
    """The error for either clause of an item that does not read itself."""
    return SqlError("42601", "WITH query is not recursive", position=state.pos(item.location))
