"""Parse analysis: a raw statement becomes the bound query of `fedgate.sql.tree`, by PostgreSQL's rules for names and types.

`bind` is the door; the rules live in one file per family of constructs.
"""

from __future__ import annotations

from collections.abc import Sequence

from fedgate.errors import SqlError, unsupported
from fedgate.schema import Column, Relations
from fedgate.sql.bind import (  # noqa: F401 (they register their handlers)
    arrays,
    casts,
    collations,
    conditionals,
    facts,
    functions,
    grouping,
    indirection,
    literals,
    newer,
    operators,
    params,
    rows,
    scope,
    subqueries,
)
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.fragments import bind_expression as _bind_expression
from fedgate.sql.bind.row_columns import written_rows
from fedgate.sql.bind.select import bind_select
from fedgate.sql.bind.state import Binder, ParameterTypes, State
from fedgate.sql.parse import RawStatement
from fedgate.sql.tree import BoundQuery, Expr

__all__ = ["BindContext", "bind", "bind_expression"]


def bind(raw: RawStatement, relations: Relations, context: BindContext, parameters: tuple[int, ...] = ()) -> BoundQuery:
    """The bound query of a SELECT, VALUES or TABLE statement.

    `parameters` are the OIDs that the client gave for `$1`…; 0 and 705 mean: infer. Raises SqlError with PostgreSQL's SQLSTATE and
    position; 0A000 for what fedgate does not have; 54001 when the statement is nested too deeply to bind.
    """
    if raw.kind != "select":
        raise unsupported(f"{raw.kind.replace('_', ' ').upper()} as a query")
    binder = Binder(raw.text, raw.position, relations, context, ParameterTypes(params.given_types(parameters)))
    try:
        state = State(binder)
        query = bind_select(state, raw.node, resolve_unknowns=True, root=True)
        return params.finished(binder, written_rows(state, query))
    except RecursionError:
        raise SqlError("54001", "the statement is nested too deeply") from None


def bind_expression(text: str, columns: Sequence[Column], rel: int, context: BindContext) -> Expr:
    """An expression of the catalog over `columns`, as Vars of relation `rel` with their attnums."""
    return _bind_expression(text, columns, rel, context)
