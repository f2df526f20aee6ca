"""COPY: a table or query to the client, or the client's rows into a temporary table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fedgate.errors import SqlError, unsupported
from fedgate.schema import Table, View
from fedgate.session.copy_in import Incoming
from fedgate.session.results import Result
from fedgate.sql.copy_statement import CopyStmt, CopyTarget, chosen, forced, settle
from fedgate.sql.parse import RawStatement, columns_select

if TYPE_CHECKING:
    from fedgate.session.session import Session


def run(session: Session, s: CopyStmt, raw: RawStatement) -> Result:
    """COPY: a Result with rows to write, or one that takes rows in. Errors come in PostgreSQL's order: the relation's first."""
    relation = None if s.target is None else _found(session, s.target)
    if s.reads:
        assert s.target is not None
        return _copy_in(session, s, raw, relation)
    if isinstance(relation, View):
        hint = "Try the COPY (SELECT ...) TO variant."
        raise SqlError("42809", f'cannot copy from view "{relation.name}"', hint=hint)
    form = settle(s, raw.position)
    query = _whole(raw, s, relation) if relation is not None else s.query
    assert query is not None
    if query.kind != "select":
        raise unsupported("COPY of a statement that writes")
    if query.node.HasField("into_clause"):
        raise unsupported("COPY (SELECT INTO)")
    prepared = session.prepare(query, None)
    names = [c.name for c in prepared.columns]
    if relation is None:
        form = forced(form, s, names, range(len(names)), None)
    else:
        form = forced(form, s, _names(relation), _places(s, relation, names), relation.name)
    return Result("COPY", session.start(prepared, (), raw.source), copy=form)


def _copy_in(session: Session, s: CopyStmt, raw: RawStatement, relation: Table | View | None) -> Result:
    table = next((t for t in session.temp.tables.values() if t.table is relation), None)
    if table is None:
        hint = "Rows are written at the nodes; a temporary table takes rows for the session."
        raise SqlError("25006", "cannot execute COPY FROM in a read-only transaction", hint=hint)
    form = settle(s, raw.position)
    if s.conditional:
        raise unsupported("COPY FROM … WHERE", hint="DELETE what is not wanted afterwards.")
    places = _places(s, table.table, _names(table.table))
    form = forced(form, s, _names(table.table), places, table.name)
    return Result("COPY", incoming=Incoming(session, table, places, form, raw))


def _found(session: Session, target: CopyTarget) -> Table | View:
    """The relation of that name. Raises SqlError 42P01, 3F000."""
    relations = session.relations()
    found = relations.find(target.schema, target.name, session.context().search_path)
    if found is None and target.schema is not None and not relations.schema_exists(target.schema):
        raise SqlError("3F000", f'schema "{target.schema}" does not exist')
    if found is None:
        shown = target.name if target.schema is None else f"{target.schema}.{target.name}"
        raise SqlError("42P01", f'relation "{shown}" does not exist')
    return found


def _names(relation: Table) -> list[str]:
    return [c.name for c in relation.columns]


def _places(s: CopyStmt, relation: Table | None, names: Sequence[str]) -> tuple[int, ...]:
    if relation is None or not s.columns:
        return tuple(range(len(names)))
    return chosen(_names(relation), s.columns, relation.name)


def _whole(raw: RawStatement, s: CopyStmt, relation: Table) -> RawStatement:
    """`SELECT columns FROM table`."""
    names = _names(relation)
    return columns_select(raw, raw.node.relation, [names[place] for place in _places(s, relation, names)])
