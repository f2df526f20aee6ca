"""The SQL in documents, bound once: checks, column expressions and the columns of views.

Contract: expressions are read with TimeZone UTC and must not depend on when or by whom they run: volatile functions and the
statement's own facts (`now()`, `current_user`) are refused. Raises SqlError with the binder's SQLSTATE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from fedgate import limits
from fedgate.catalog.model import ROWS_REL
from fedgate.catalog.shapes import Shapes
from fedgate.errors import SqlError
from fedgate.schema import Column, Relations
from fedgate.sql import tree
from fedgate.sql.bind import bind, bind_expression
from fedgate.sql.bind.coerce import pathway
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import parse
from fedgate.sql.properties import is_settled, volatility
from fedgate.types import SqlType

CONTEXT = BindContext(
    search_path=("public",), timezone="UTC", datestyle="ISO, MDY", intervalstyle="postgres", user="fedgate", database="fedgate"
)
_ROWS_CONTEXT = replace(CONTEXT, user_is_text=True)
_BOOL = SqlType(16)
_UNKNOWN = 705
_ROWS_FACTS = frozenset({"user", "session_user", "now"})
_SHAPES = Shapes()


def bind_check(text: str, columns: Sequence[Column], rel: int) -> tree.Expr:
    """A check over a table's columns; remembered, since nearly all of a new revision's checks are those of the one before."""
    return _bound_check(text, tuple(columns), rel)


@lru_cache(maxsize=limits.CHECK_CACHE_ENTRIES_MAX)
def _bound_check(text: str, columns: tuple[Column, ...], rel: int) -> tree.Expr:
    return _SHAPES.bind(text, (columns, rel), lambda text: _new_check(text, columns, rel))


def _new_check(text: str, columns: tuple[Column, ...], rel: int) -> tree.Expr:
    bound = bind_expression(text, columns, rel, CONTEXT)
    _refuse_unsteady(bound)
    if bound.type.oid != _BOOL.oid:
        raise SqlError("42804", f"a check must be boolean, not {bound.type}")
    return bound


def bind_column(text: str, inputs: Sequence[Column], rel: int, type_: SqlType) -> tree.Expr:
    """A column's expression over its inputs, converted to the column's type."""
    bound = bind_expression(text, inputs, rel, CONTEXT)
    if bound.type != type_:
        if bound.type.oid != type_.oid and pathway(bound.type.oid, type_.oid, "a") is None and bound.type.oid != _UNKNOWN:
            raise SqlError("42804", f"the expression is of type {bound.type}, the column of type {type_}", hint="Write a cast.")
        bound = bind_expression(f"CAST(({text}\n) AS {type_})", inputs, rel, CONTEXT)
    _refuse_unsteady(bound)
    return bound


@lru_cache(maxsize=limits.CHECK_CACHE_ENTRIES_MAX)
def bind_rows(text: str, columns: tuple[Column, ...]) -> tree.Expr:
    """The rows of a table that a grant means, over Vars of relation ROWS_REL.

    It may ask who reads and when (`current_user`, `session_user`, `now()`), but must not depend on what a session may set, such as
    its time zone: whoever is meant to see less could see more by it.
    """
    bound = bind_expression(text, columns, ROWS_REL, _ROWS_CONTEXT)
    for node in tree.walk(bound, into_queries=True):
        if isinstance(node, tree.Param) and node.name not in _ROWS_FACTS:
            raise SqlError("42P17", f"{node.name} cannot stand in the rows of a grant")
    if not is_settled(bound):
        hint = "Convert times with AT TIME ZONE 'UTC' first."
        raise SqlError("42P17", "the rows of a grant depend on what a session may set", hint=hint)
    _refuse_parts(bound)
    if bound.type.oid != _BOOL.oid:
        raise SqlError("42804", f"the rows of a grant must be boolean, not {bound.type}")
    return bound


def any_rows(texts: tuple[str, ...], columns: tuple[Column, ...]) -> tree.Expr:
    """The rows that any of several grants means."""
    bound = tuple(bind_rows(text, columns) for text in texts)
    return bound[0] if len(bound) == 1 else tree.BoolExpr("or", bound)


def view_columns(query: str, relations: Relations) -> tuple[Column, ...]:
    """What a view's query gives. Raises SqlError when it does not bind or is not one SELECT."""
    statements = parse(query)
    if len(statements) != 1 or statements[0].kind != "select":
        raise SqlError("42601", "a view's query must be one SELECT")
    bound = bind(statements[0], relations, CONTEXT)
    if bound.parameters:
        raise SqlError("42P02", "a view's query cannot have parameters")
    names = [column.name for column in bound.columns]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise SqlError(
            "42701", f'column "{twice}" specified more than once', hint="Give each column of the view a name: … AS name."
        )
    return tuple(Column(place, column.name, column.type) for place, column in enumerate(bound.columns, 1))


def _refuse_unsteady(expression: tree.Expr) -> None:
    for node in tree.walk(expression, into_queries=True):
        if isinstance(node, tree.Param):
            raise SqlError("42P17", f"{node.name} is not the same at all times and cannot stand in a document")
        if isinstance(node, tree.FuncExpr) and volatility(node.name, node.oid) == "v":
            raise SqlError("42P17", f"function {node.name} is volatile and cannot stand in a document")
    _refuse_parts(expression)


def _refuse_parts(expression: tree.Expr) -> None:
    if any(isinstance(node, tree.SubLink | tree.Aggref | tree.WindowFunc) for node in tree.walk(expression, into_queries=True)):
        raise SqlError("0A000", "a document's expression cannot have subqueries, aggregates or window functions")
