"""A bound query → a program: closures that give its rows.

Every relation of the query has a slot of the environment, so that subqueries read the rows around them. A subquery that reads none
of them is answered once a run; over relations that stay as they are, once for all runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from fedgate.schema import Table
from fedgate.sql.tree import (
    Aggref,
    Block,
    BoundQuery,
    CteRef,
    Derived,
    Expr,
    FuncExpr,
    FunctionRef,
    GroupRef,
    OutputColumn,
    Param,
    Query,
    SetOp,
    SubLink,
    TableRef,
    Var,
    WindowFunc,
    ids_of,
    walk,
)
from fedgate.system.direct import blocks, setops
from fedgate.system.direct.expressions import compile_expr
from fedgate.system.direct.kinds import ARRAYS, kind, passes
from fedgate.system.direct.runtime import Env, Eval, Held, Mark, NotDirectError, Row, Rows, Run, Store
from fedgate.system.direct.sets import compile_set
from fedgate.system.direct.sublinks import compile_sublink


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled query. `slots` is the length of its environment."""

    columns: tuple[OutputColumn, ...]
    rows: Rows
    slots: int

    def run(self, run: Run) -> list[Row]:
        """All rows. Raises NotDirectError, and the query's own errors."""
        env: Env = [None] * self.slots
        env[0] = run
        return self.rows(env)


class Compiler:
    """What is known while a query is compiled. `load` and `kept` are those of `Run`."""

    def __init__(self, store: Store, load: Callable[[Table], pa.Table], kept: Callable[[Table], bool]) -> None:
        self.store = store
        self.load = load
        self.kept = kept
        self.slots = 1
        self._slots: dict[int, int] = {}
        self._places: dict[int, dict[int, int]] = {}
        self.groups: list[blocks.Grouping] = []
        self.sets: list[list[tuple[FuncExpr, int]]] = []
        self.windows: dict[int, tuple[int, int]] = {}

    # ------------------------------------------------------------------------------------------------------ relations

    def slot(self, rel: int) -> int:
        """The relation's slot."""
        found = self._slots.get(rel)
        if found is None:
            found = self._slots[rel] = self.new_slot()
        return found

    def new_slot(self) -> int:
        """A slot for something that is no relation."""
        self.slots += 1
        return self.slots - 1

    def shape(self, leaf: TableRef | Derived | FunctionRef | CteRef) -> None:
        """Say where a relation's columns are in its rows."""
        if isinstance(leaf, TableRef):
            if leaf.table.kind != "system":
                raise NotDirectError("a table of rows at nodes")
            ids = [column.attnum for column in leaf.table.columns]
        elif isinstance(leaf, Derived):
            ids = [column.id for column in leaf.query.columns]
        else:
            ids = [column.id for column in leaf.columns]
        self._places[leaf.rel] = {id_: place for place, id_ in enumerate(ids)}

    def place(self, var: Var) -> int:
        """Where a column is in its relation's row."""
        places = self._places.get(var.rel)
        if places is None or var.col not in places:
            raise NotDirectError("a column of what is not open")
        return places[var.col]

    def nulls(self, rel: int) -> Row:
        """A relation's row of NULLs."""
        return (None,) * len(self._places[rel])

    def held(self, table: Table) -> Held:
        """A relation's rows now, to choose indexes by."""
        if self.kept(table):
            return self.store.held(table, self.load)
        return Held([])

    def leaf_rows(self, leaf: Derived | FunctionRef | CteRef) -> Rows:
        """The rows of a relation that is no table."""
        if isinstance(leaf, CteRef):
            cte = leaf.cte
            return lambda env: env[0].ctes[cte]
        if isinstance(leaf, FunctionRef):
            return compile_set(self, leaf)
        return self.once(leaf.query, self.query(leaf.query)) if not leaf.lateral else self.query(leaf.query)

    # ----------------------------------------------------------------------------------------------------- expressions

    def expr(self, e: Expr) -> Eval:
        """The closure of an expression."""
        if isinstance(e, SubLink):
            return compile_sublink(self, e)
        if isinstance(e, Aggref | GroupRef):
            return self._grouped(e)
        if isinstance(e, WindowFunc):
            found = self.windows.get(id(e))
            if found is None:
                raise NotDirectError("a window function here")
            slot, place = found
            return lambda env: env[slot][place]
        return compile_expr(self, e)

    def _grouped(self, e: Aggref | GroupRef) -> Eval:
        if not self.groups:
            raise NotDirectError("a group here")
        slot, place = self.groups[-1].slot, self.groups[-1].place(e)
        return lambda env: env[slot][place]

    def set_function(self, e: FuncExpr) -> Eval:
        """The value of a set-returning function of the target list, in the row that is being made."""
        if not self.sets:
            raise NotDirectError("a set here")
        slot = self.new_slot()
        self.sets[-1].append((e, slot))
        return lambda env: env[slot]

    def element(self, array: Expr) -> int:
        """The element type of an array expression."""
        oid = array.type.oid
        if oid not in ARRAYS:
            raise NotDirectError("an array")
        return ARRAYS[oid]

    def alike(self, left: Expr, right: Expr) -> bool:
        """Whether = of both is the equality of Python."""
        return kind(left.type.oid) is not None and kind(left.type.oid) == kind(right.type.oid)

    # --------------------------------------------------------------------------------------------------------- queries

    def query(self, query: Query) -> Rows:
        """The rows of a query, one tuple of its columns each."""
        for column in query.columns:
            if not passes(column.type.oid):
                raise NotDirectError(f"a column of type {column.type}")
        if isinstance(query, Block):
            return blocks.compile_block(self, query)
        if isinstance(query, SetOp):
            return setops.compile_setop(self, query)
        return setops.compile_values(self, query)

    def once(self, query: Query, rows: Rows) -> Rows:
        """Its rows, computed once a run, when it reads nothing around it: once for the store when nothing in it changes."""
        if not self.is_closed(query):
            return rows
        mark, lasting = Mark(), self.is_lasting(query)
        return lambda env: env[0].answered(mark, lasting, lambda: rows(env))

    @staticmethod
    def is_closed(query: Query) -> bool:
        """Whether a query reads only relations of its own."""
        own = {n.rel for n in walk(query, into_queries=True) if isinstance(n, TableRef | Derived | FunctionRef | CteRef)}
        return ids_of(query) <= own

    def is_lasting(self, query: Query) -> bool:
        """Whether a closed query gives the same whenever it runs on the snapshot."""
        for node in walk(query, into_queries=True):
            if isinstance(node, Param | CteRef) or (isinstance(node, TableRef) and not self.kept(node.table)):
                return False
        return True


def reads_catalogs(bound: BoundQuery) -> bool:
    """Whether a query reads system relations, and no others."""
    kinds = {n.table.kind for n in walk(bound.query, into_queries=True) if isinstance(n, TableRef)}
    return kinds == {"system"}


def compile_program(
    bound: BoundQuery, store: Store, load: Callable[[Table], pa.Table], kept: Callable[[Table], bool]
) -> Program | None:
    """The program of a statement over system relations; None when it is not answered here."""
    compiler = Compiler(store, load, kept)
    try:
        rows = compiler.query(bound.query)
    except NotDirectError:
        return None
    return Program(bound.columns, rows, compiler.slots)
