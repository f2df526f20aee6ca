"""Views: their query, bound where they are named.

The text of a view is bound in a scope of its own: names of the statement around it do not reach in, parameters neither. The search
path is the catalog's default, not the session's, as a view means the same for everybody.

A view runs with its reader's rights: whatever columns it reads must be granted to the reader, whose rows of its tables are the rows
that it sees. It never means less than what it says: where PostgreSQL wrote out `*` and NATURAL when the view was made, they are all
columns here too.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.errors import SqlError
from fedgate.schema import View
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.select import bind_select
from fedgate.sql.bind.state import Binder, ParameterTypes, State
from fedgate.sql.parse import parse
from fedgate.sql.tree import Query, Var, table_refs, walk


def expand_view(binder: Binder, view: View, position: int | None) -> Query:
    """The view's query. 42P17 for one that reads itself; its other errors point at its name in the statement."""
    key = f"{view.schema}.{view.name}"
    if key in binder.views:
        message = f'infinite recursion detected in rules for relation "{view.name}"'
        raise SqlError("42P17", message, position=position)
    context = replace(binder.context, search_path=BindContext().search_path)
    try:
        statements = parse(view.query)
        if len(statements) != 1 or statements[0].kind != "select":
            raise SqlError("42601", "it is not a single SELECT")
        raw = statements[0]
        inner = Binder(
            raw.text, lambda _: None, binder.relations, context, ParameterTypes([]), binder.next_id, (*binder.views, key)
        )
        query = bind_select(State(inner), raw.node, resolve_unknowns=True, root=True)
        if inner.parameters.types:
            raise SqlError("42P02", "there is no parameter $1")
        _check_granted(query)
    except SqlError as exc:
        if exc.sqlstate == "42P17":
            raise
        if exc.sqlstate == "42501":
            raise SqlError(exc.sqlstate, exc.message, position=position) from None
        message = f'view "{view.name}" cannot be used: {exc.message}'
        raise SqlError(exc.sqlstate, message, detail=exc.detail, hint=exc.hint, position=position) from None
    binder.next_id = inner.next_id
    binder.owners.update(inner.owners)
    return query


def _check_granted(query: Query) -> None:
    """42501 when the view reads a column that its reader may not read."""
    tables = {ref.rel: ref.table for ref in table_refs(query) if ref.table.withheld}
    for node in walk(query, into_queries=True):
        if isinstance(node, Var) and node.rel in tables and node.col in {c.attnum for c in tables[node.rel].withheld}:
            raise SqlError("42501", f"permission denied for table {tables[node.rel].name}")
