"""Names of columns and relations: what a ColumnRef means.

Source: https://www.postgresql.org/docs/15/sql-expressions.html; errors are 42703, 42P01, 42702 with the nearest name as hint, as
PostgreSQL gives them.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from fedgate.errors import SqlError, unsupported
from fedgate.schema import HIDDEN_COLUMNS
from fedgate.sql.bind.dispatch import handles
from fedgate.sql.bind.state import Item, Message, State
from fedgate.sql.bind.typenames import OID
from fedgate.sql.tree import BOOL, Const, Expr, RowExpr, Var
from fedgate.types import SqlType, record_type

_SYSTEM_COLUMNS = frozenset(("tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"))


@handles("column_ref", "fields location")
def bind_column_ref(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    fields = list(node.fields)
    if fields[-1].WhichOneof("node") == "a_star":
        return _whole_row_of_star(state, [f.string.sval for f in fields[:-1]], position)
    names = [f.string.sval for f in fields]
    if len(names) == 1:
        return unqualified(state, names[0], position)
    return _qualified(state, names, position)


def _whole_row_of_star(state: State, names: list[str], position: int | None) -> Expr:
    """`r.*` as a value is the whole row."""
    if not names:
        raise SqlError("42601", 'row expansion via "*" is not supported here', position=position)
    item = find_relation(state, names[:-1], names[-1], position)
    if item is None:
        raise missing_relation(state, names, position)
    return whole_row(state, item, position)


def unqualified(state: State, name: str, position: int | None) -> Expr:
    """What a name without a qualifier means: a column, else a whole row; 42703."""
    found = find_column(state, name, position)
    if found is not None:
        return found
    item = find_relation(state, [], name, position)
    if item is not None:
        return whole_row(state, item, position)
    raise missing_column(state, name, position)


def _qualified(state: State, names: list[str], position: int | None) -> Expr:
    if len(names) > 4:
        message = f"improper qualified name (too many dotted names): {'.'.join(names)}"
        raise SqlError("42601", message, position=position)
    if len(names) == 4 and names[0] != state.binder.context.database:
        raise SqlError("0A000", f"cross-database references are not implemented: {'.'.join(names)}", position=position)
    qualifier, name = names[-2], names[-1]
    item = find_relation(state, names[-3:-2], qualifier, position)
    if item is None:
        raise missing_relation(state, names[-2:-1], position)
    expr = item_column(item, name, position)
    if expr is not None:
        return expr
    check_granted([item], name, position)
    hint = _hint(state, name, item)
    raise SqlError("42703", f"column {qualifier}.{name} does not exist", position=position, hint=hint)


def find_column(state: State, name: str, position: int | None) -> Expr | None:
    """The column that an unqualified name means, in this level or the nearest one around it; 42702 when two match."""
    level: State | None = state
    while level is not None:
        found: Expr | None = None
        for item in level.items:
            if not item.columns_visible or (item.lateral_only and not level.lateral_active):
                continue
            here = item_column(item, name, position)
            if here is None:
                continue
            if found is not None:
                raise SqlError("42702", f'column reference "{name}" is ambiguous', position=position)
            _check_lateral(item, position)
            found = here
        if found is not None:
            return found
        check_granted(level.items, name, position)
        level = level.parent
    return None


def check_granted(items: Iterable[Item], name: str, position: int | None) -> None:
    """42501 when the column `name` of one of them is there, and withheld."""
    for item in items:
        if name in item.withheld and not any(column.name == name for column in item.columns):
            raise SqlError("42501", f"permission denied for {item.called}", position=position)


def item_column(item: Item, name: str, position: int | None) -> Expr | None:
    """The column `name` of one relation, hidden ones of tables included; 42702 when it has two of that name."""
    found: Expr | None = None
    for column in item.columns:
        if column.name == name:
            if found is not None:
                raise SqlError("42702", f'column reference "{name}" is ambiguous', position=position)
            found = at(column.expr, position)
    if found is None and item.table is not None:
        if item.table.kind == "virtual":
            for hidden in HIDDEN_COLUMNS:
                if hidden.name == name:
                    return Var(item.rel, hidden.attnum, hidden.type, pos=position)
        if name == "tableoid" and not item.nullable:
            return Const(SqlType(OID), item.table.oid, pos=position)
        if name in _SYSTEM_COLUMNS:
            raise unsupported(f'the system column "{name}"', hint="_node and _shard say where a row lies.", position=position)
    return found


def at(expr: Expr, position: int | None) -> Expr:
    """The expression of a column as it stands where its name was written."""
    if isinstance(expr, Var):
        return Var(expr.rel, expr.col, expr.type, pos=position)
    return expr


def whole_row(state: State, item: Item, position: int | None) -> Expr:
    if item.function_scalar:
        return at(item.columns[0].expr, position)
    fields = tuple(at(c.expr, position) for c in item.columns)
    present = presence(state, item) if item.nullable else None
    names = item.field_names or tuple(c.name for c in item.columns)
    return RowExpr(fields, names, present, record_type(item.row_type), pos=position)


def presence(state: State, item: Item) -> Expr | None:
    """A column that is NULL only where an outer join put NULL for the whole row. Relations other than tables get one for it.

    None for the alias of a join, whose row is that of its columns whatever they are.
    """
    if item.table is not None and item.table.kind == "virtual":
        shard = HIDDEN_COLUMNS[0]
        return Var(item.rel, shard.attnum, shard.type)
    return given_presence(state, item.rel) if item.rel in state.binder.rel_names else None


def given_presence(state: State, rel: int) -> Var:
    """The column that relation `rel`, which is no table, is made to give."""
    column = state.binder.presences.get(rel)
    if column is None:
        column = state.binder.presences[rel] = state.binder.new_id()
    return Var(rel, column, BOOL)


def find_relation(state: State, schema: list[str], name: str, position: int | None) -> Item | None:
    """The relation that a qualifier names, in this level or the nearest one around it; 42P09 when two match."""
    level: State | None = state
    while level is not None:
        found: Item | None = None
        for item in level.items:
            if not item.relation_visible or item.name != name or (item.lateral_only and not level.lateral_active):
                continue
            if schema and (item.schema is None or item.schema != schema[0]):
                continue
            if found is not None:
                raise SqlError("42P09", f'table reference "{name}" is ambiguous', position=position)
            _check_lateral(item, position)
            found = item
        if found is not None:
            return found
        level = level.parent
    return None


def _check_lateral(item: Item, position: int | None) -> None:
    if item.lateral_only and not item.lateral_ok:
        raise SqlError(
            "42P10",
            f'invalid reference to FROM-clause entry for table "{item.name}"',
            detail="The combining JOIN type must be INNER or LEFT for a LATERAL reference.",
            position=position,
        )


def missing_relation(state: State, names: list[str], position: int | None) -> SqlError:
    """42P01 for a qualifier that names nothing that can be seen from here."""
    name = names[-1]
    shown = ".".join(names)
    level: State | None = state
    while level is not None:
        for item in level.known:
            if item.name == name:
                return _invisible(item, shown, position)
            if item.table is not None and item.table.name == name and item.name:
                hint = f'Perhaps you meant to reference the table alias "{item.name}".'
                message = f'invalid reference to FROM-clause entry for table "{shown}"'
                return SqlError("42P01", message, hint=hint, position=position)
        level = level.parent
    return SqlError("42P01", f'missing FROM-clause entry for table "{shown}"', position=position)


def _invisible(item: Item, shown: str, position: int | None) -> SqlError:
    hint = f'There is an entry for table "{item.name}", but it cannot be referenced from this part of the query.'
    return SqlError("42P01", f'invalid reference to FROM-clause entry for table "{shown}"', hint=hint, position=position)


def missing_column(state: State, name: str, position: int | None) -> SqlError:
    hint = None
    level: State | None = state
    while level is not None and hint is None:
        for item in level.known:
            if item.name and any(c.name == name for c in item.columns):
                hint = f'There is a column named "{name}" in table "{item.name}", but it cannot be referenced from this part of '
                hint += "the query."
        level = level.parent
    return SqlError("42703", f'column "{name}" does not exist', position=position, hint=hint or _hint(state, name, None))


def _hint(state: State, name: str, only: Item | None) -> str | None:
    known: dict[str, str] = {}
    level: State | None = state
    while level is not None:
        for item in level.known if only is None else [only]:
            if item.name:
                for column in item.columns:
                    known.setdefault(column.name, f"{item.name}.{column.name}")
        level = level.parent
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f'Perhaps you meant to reference the column "{known[near[0]]}".' if near else None
