"""Temporary tables: CREATE, DROP, TRUNCATE, indexes, and what keeps tables in order.

Source: https://www.postgresql.org/docs/15/sql-createtable.html; in a read-only transaction temporary tables may be written, but not
made or dropped (https://www.postgresql.org/docs/15/sql-set-transaction.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from fedgate import limits
from fedgate.errors import About, SqlError, unsupported
from fedgate.schema import Column, Table, View
from fedgate.session import sql_prepare
from fedgate.session import temp as tt
from fedgate.session.keys import first_double, key_text, keyable
from fedgate.session.portals import Statement
from fedgate.session.results import Result, Rows
from fedgate.session.temp_rows import Held
from fedgate.session.temp_targets import require_writable, target
from fedgate.sql import utility as u
from fedgate.sql.bind.definitions import Definitions
from fedgate.sql.parse import RawStatement
from fedgate.sql.refused import refused
from fedgate.sql.temp_statements import (
    CreateAsStmt,
    CreateIndexStmt,
    CreateTableStmt,
    DropStmt,
    LockStmt,
    MaintainStmt,
    Named,
    TruncateStmt,
)
from fedgate.types import RECORD, SqlType
from fedgate.types.values import Value

if TYPE_CHECKING:
    from fedgate.session.session import Session

_SERIALS: Final = {"smallserial": 21, "serial2": 21, "serial": 23, "serial4": 23, "bigserial": 20, "serial8": 20}
_LIKE_DEFAULTS, _LIKE_INDEXES = 8, 64
_HAS: Final = "A temporary table here has NOT NULL, DEFAULT, PRIMARY KEY and UNIQUE."
_PSEUDO: Final = frozenset({RECORD, 2275, 2278, 2287})
_TEXT, _UNKNOWN = 25, 705


# -------------------------------------------------------------------------------------------------------------- CREATE TABLE


@dataclass(slots=True)
class _Draft:
    """A table while its definition is read."""

    name: str
    columns: list[Column] = field(default_factory=list)
    defaults: dict[int, tt.Default] = field(default_factory=dict)
    sequences: dict[int, tt.Sequence] = field(default_factory=dict)
    keys: list[tuple[str, Sequence[str], bool, int | None]] = field(default_factory=list)

    def add(self, name: str, type_: SqlType, *, not_null: bool = False, comment: str | None = None) -> Column:
        if any(c.name == name for c in self.columns):
            raise SqlError("42701", f'column "{name}" specified more than once')
        if len(self.columns) >= limits.TABLE_COLUMNS_MAX:
            raise SqlError("54011", f"tables can have at most {limits.TABLE_COLUMNS_MAX} columns")
        self.columns.append(Column(len(self.columns) + 1, name, type_, not_null, comment))
        return self.columns[-1]

    def require(self, attnum: int) -> None:
        """NOT NULL."""
        self.columns[attnum - 1] = replace(self.columns[attnum - 1], not_null=True)


def create_table(session: Session, s: CreateTableStmt, raw: RawStatement) -> Result:
    require_writable(session, "CREATE TABLE")
    if _exists(session, s.target, if_not_exists=s.if_not_exists):
        return Result("CREATE TABLE")
    definitions = Definitions(raw, session.relations(), session.context())
    draft = _Draft(s.target.name)
    for element in s.elements:
        kind = element.WhichOneof("node")
        if kind == "column_def":
            _column(draft, element.column_def, definitions, raw)
        elif kind == "table_like_clause":
            _like(session, draft, element.table_like_clause)
        elif kind == "constraint":
            _table_constraint(draft, element.constraint, raw)
        else:
            raise unsupported(kind.replace("_", " "), hint=_HAS)
    uniques = _uniques(draft)
    for attnum, default in draft.defaults.items():
        definitions.check_default(default, draft.columns[attnum - 1])
    _put(session, draft, uniques, s.on_commit)
    return Result("CREATE TABLE")


def _put(session: Session, draft: _Draft, uniques: tuple[tt.Unique, ...], on_commit: tt.OnCommit, held: Held | None = None) -> None:
    primary = next((u.columns for u in uniques if u.primary), ())
    columns = tuple(draft.columns)
    table = session.temp.new(draft.name, columns, tuple(columns[n - 1].name for n in primary))
    made = tt.TempTable(
        table,
        Held(tt.held_schema(columns)),
        dict(draft.defaults),
        dict(draft.sequences),
        uniques,
        on_commit=on_commit,
    )
    session.temp.put(made if held is None else made.holding(held))


def _exists(session: Session, target: Named, *, if_not_exists: bool) -> bool:
    """Whether there is such a temporary table, which is only told then. Raises SqlError 42P07."""
    if session.temp.named(None, target.name) is None:
        return False
    if not if_not_exists:
        raise SqlError("42P07", f'relation "{target.name}" already exists')
    session.notice("42P07", f'relation "{target.name}" already exists, skipping')
    return True


def _column(draft: _Draft, node: Any, definitions: Definitions, raw: RawStatement) -> None:
    if node.HasField("coll_clause"):
        names = [n.string.sval for n in node.coll_clause.collname]
        if names[-1] not in ("C", "POSIX", "default", "C.UTF-8", "ucs_basic"):
            raise unsupported(f'the collation "{names[-1]}"', hint="Texts are ordered as in C.UTF-8.")
    type_names = [n.string.sval for n in node.type_name.names]
    serial = _SERIALS.get(type_names[-1]) if len(type_names) == 1 else None
    type_ = SqlType(serial) if serial is not None else definitions.type(node.type_name)
    _refuse_pseudo(node.colname, type_)
    column = draft.add(node.colname, type_, not_null=serial is not None)
    if serial is not None:
        draft.sequences[column.attnum] = tt.Sequence()
    for item in node.constraints:
        _column_constraint(draft, column, item.constraint, raw)


def _refuse_pseudo(name: str, type_: SqlType) -> None:
    if type_.oid in _PSEUDO:
        raise SqlError("42P16", f'column "{name}" has pseudo-type {type_}')


def _column_constraint(draft: _Draft, column: Column, node: Any, raw: RawStatement) -> None:
    kind = node.DESCRIPTOR.fields_by_name["contype"].enum_type.values_by_number[node.contype].name.removeprefix("CONSTR_")
    if kind == "NOTNULL":
        draft.require(column.attnum)
    elif kind == "DEFAULT":
        if column.attnum in draft.defaults or column.attnum in draft.sequences:
            message = f'multiple default values specified for column "{column.name}" of table "{draft.name}"'
            raise SqlError("42601", message, position=raw.position(node.location))
        if not _is_null(node.raw_expr):
            draft.defaults[column.attnum] = tt.Default(raw, node.raw_expr)
    elif kind in ("PRIMARY", "UNIQUE"):
        _key(draft, node, [column.name], raw)
    elif kind == "IDENTITY":
        draft.sequences[column.attnum] = tt.Sequence(always=node.generated_when == "a")
        draft.require(column.attnum)
    elif kind != "NULL":
        raise unsupported(f"{kind.replace('_', ' ')} of a column", hint=_HAS, position=raw.position(node.location))


def _is_null(node: Any) -> bool:
    return bool(node.WhichOneof("node") == "a_const" and node.a_const.isnull)


def _key(draft: _Draft, node: Any, columns: Sequence[str], raw: RawStatement) -> None:
    if node.nulls_not_distinct:
        raise unsupported("NULLS NOT DISTINCT")
    if node.deferrable or node.initdeferred:
        raise unsupported("a deferrable constraint")
    primary = node.contype == node.DESCRIPTOR.fields_by_name["contype"].enum_type.values_by_name["CONSTR_PRIMARY"].number
    draft.keys.append((node.conname, list(columns), primary, raw.position(node.location)))


def _table_constraint(draft: _Draft, node: Any, raw: RawStatement) -> None:
    kind = node.DESCRIPTOR.fields_by_name["contype"].enum_type.values_by_number[node.contype].name.removeprefix("CONSTR_")
    if kind not in ("PRIMARY", "UNIQUE"):
        raise unsupported(f"{kind} of a table", hint=_HAS, position=raw.position(node.location))
    _key(draft, node, [n.string.sval for n in node.keys], raw)


def _like(session: Session, draft: _Draft, node: Any) -> None:
    relations, relation = session.relations(), node.relation
    found = relations.find(relation.schemaname or None, relation.relname, session.context().search_path)
    if found is None:
        shown = f"{relation.schemaname}.{relation.relname}" if relation.schemaname else relation.relname
        raise SqlError("42P01", f'relation "{shown}" does not exist')
    mine = session.temp.named(relation.schemaname or None, relation.relname) if isinstance(found, Table) else None
    for column in found.columns:
        made = draft.add(column.name, column.type, not_null=column.not_null and isinstance(found, Table))
        if mine is not None and node.options & _LIKE_DEFAULTS and column.attnum in mine.defaults:
            draft.defaults[made.attnum] = mine.defaults[column.attnum]
    if not node.options & _LIKE_INDEXES or isinstance(found, View):
        return
    if mine is not None:
        names = {c.attnum: c.name for c in found.columns}
        draft.keys += [("", [names[n] for n in unique.columns], unique.primary, None) for unique in mine.uniques]
    elif found.primary_key:
        draft.keys.append(("", list(found.primary_key), True, None))


def _uniques(draft: _Draft) -> tuple[tt.Unique, ...]:
    """The constraints of a draft, named as PostgreSQL names them. Raises SqlError 42703, 42P16, 42701, 0A000."""
    places = {c.name: c.attnum for c in draft.columns}
    found: list[tt.Unique] = []
    for name, columns, primary, position in draft.keys:
        for column in columns:
            if column not in places:
                raise SqlError("42703", f'column "{column}" named in key does not exist', position=position)
            if list(columns).count(column) > 1:
                kind = "primary key" if primary else "unique"
                raise SqlError("42701", f'column "{column}" appears twice in {kind} constraint', position=position)
        if primary and any(u.primary for u in found):
            message = f'multiple primary keys for table "{draft.name}" are not allowed'
            raise SqlError("42P16", message, position=position)
        attnums = tuple(places[c] for c in columns)
        for attnum in attnums:
            keyable(draft.columns[attnum - 1])
            if primary:
                draft.require(attnum)
        found.append(
            tt.Unique(name or _constraint_name(draft.name, columns, (u.name for u in found), primary=primary), attnums, primary)
        )
    return tuple(found)


def _constraint_name(table: str, columns: Sequence[str], taken: Iterable[str], *, primary: bool) -> str:
    stem = f"{table}_pkey" if primary else f"{table}_{'_'.join(columns)}_key"
    names = set(taken)
    return next(n for n in (stem, *(f"{stem}{i}" for i in range(1, len(names) + 2))) if n not in names)


# ----------------------------------------------------------------------------------------------------------- CREATE TABLE AS


def create_as(session: Session, s: CreateAsStmt, values: tuple[Value, ...], types: tuple[SqlType, ...]) -> Result:
    """CREATE TEMP TABLE AS and SELECT INTO TEMP."""
    require_writable(session, "CREATE TABLE AS")
    if _exists(session, s.target, if_not_exists=s.if_not_exists):
        return Result("CREATE TABLE AS")
    rows = _rows_of(session, s, values, types)
    try:
        draft = _Draft(s.target.name)
        if len(s.columns) > len(rows.columns):
            raise SqlError("42601", "too many column names were specified")
        for i, column in enumerate(rows.columns):
            name = s.columns[i] if i < len(s.columns) else column.name
            type_ = SqlType(_TEXT) if column.type.oid == _UNKNOWN else column.type
            _refuse_pseudo(name, type_)
            draft.add(name, type_)
        if not s.with_data:
            _put(session, draft, (), s.on_commit)
            return Result("CREATE TABLE AS")
        schema = tt.held_schema(tuple(draft.columns))
        held = Held(schema).with_rows((_as(batch, schema) for batch in rows.take()), session.temp.store)
    finally:
        rows.close()
    _put(session, draft, (), s.on_commit, held)
    return Result(f"SELECT {held.rows}")


def _rows_of(session: Session, s: CreateAsStmt, values: tuple[Value, ...], types: tuple[SqlType, ...]) -> Rows:
    if s.query.kind == "select":
        prepared = session.prepare(s.query, tuple(t.oid for t in types))
        return session.start(prepared, values, s.query.source)
    execute = u.utility(s.query)
    if not isinstance(execute, u.ExecuteStmt):
        raise unsupported("CREATE TABLE AS of this statement")
    rows = sql_prepare.execute(session, execute, Statement("", s.query.source, s.query, None, None, (), None)).rows
    if rows is None:
        raise SqlError("42809", "prepared statement is not a SELECT")
    return rows


def _as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([c.cast(f.type) for c, f in zip(batch.columns, schema, strict=True)], schema=schema)


# -------------------------------------------------------------------------------------------------- DROP, TRUNCATE, the rest


def drop(session: Session, s: DropStmt) -> Result:
    tag = f"DROP {s.kind.upper()}"
    require_writable(session, tag)
    for named in s.targets:
        (_drop_table if s.kind == "table" else _drop_index)(session, s, named)
    return Result(tag)


def _drop_table(session: Session, s: DropStmt, named: Named) -> None:
    if session.temp.named(named.schema, named.name) is not None:
        session.temp.drop(named.name)
    elif session.relations().find(named.schema, named.name, session.context().search_path) is not None:
        raise refused(s.raw)
    else:
        _missing(session, s, "table", named)


def _drop_index(session: Session, s: DropStmt, named: Named) -> None:
    if named.schema is not None and not session.temp.owns(named.schema):
        raise refused(s.raw)
    for table in session.temp.tables.values():
        if named.name in table.indexes:
            kept = tuple(u for u in table.uniques if u.name != named.name)
            session.temp.put(replace(table, indexes=tuple(i for i in table.indexes if i != named.name), uniques=kept))
            return
    _missing(session, s, "index", named)


def _missing(session: Session, s: DropStmt, kind: str, named: Named) -> None:
    if named.schema is not None and not session.relations().schema_exists(named.schema):
        if not s.if_exists:
            raise SqlError("3F000", f'schema "{named.schema}" does not exist')
        session.notice("00000", f'schema "{named.schema}" does not exist, skipping')
    elif not s.if_exists:
        raise SqlError("42P01" if kind == "table" else "42704", f'{kind} "{named.shown}" does not exist')
    else:
        session.notice("00000", f'{kind} "{named.name}" does not exist, skipping')


def truncate(session: Session, s: TruncateStmt) -> Result:
    require_writable(session, "TRUNCATE TABLE")
    for table in [target(session, named, s.raw) for named in s.targets]:
        sequences = {n: tt.Sequence(always=q.always) for n, q in table.sequences.items()} if s.restart else table.sequences
        session.temp.put(replace(table.holding(Held(table.held.schema)), sequences=sequences))
    return Result("TRUNCATE TABLE")


def maintain(session: Session, s: MaintainStmt) -> Result:
    """VACUUM and ANALYZE: temporary tables need neither, and their sizes are known."""
    if s.tag == "VACUUM" and session.transaction.in_block:
        raise SqlError("25001", "VACUUM cannot run inside a transaction block")
    if not s.targets:
        raise refused(s.raw)
    for named in s.targets:
        target(session, named, s.raw)
    return Result(s.tag)


def lock(session: Session, s: LockStmt) -> Result:
    """LOCK TABLE: nobody else sees a temporary table, and what is read is not locked. Raises SqlError 42501 for all else."""
    if not session.transaction.in_block:
        raise SqlError("25P01", "LOCK TABLE can only be used in transaction blocks")
    for named in s.targets:
        try:
            target(session, named, s.raw)
        except SqlError as error:
            if error.sqlstate != "25006":
                raise
            if not s.reads:
                raise SqlError("42501", f"permission denied for table {named.name}") from None
    return Result("LOCK TABLE")


def create_index(session: Session, s: CreateIndexStmt) -> Result:
    require_writable(session, "CREATE INDEX")
    table = target(session, s.target, s.raw)
    places = {c.name: c.attnum for c in table.table.columns}
    for column in s.columns:
        if column and column not in places:
            raise SqlError("42703", f'column "{column}" does not exist')
    name = s.name or f"{table.name}_{'_'.join(c or 'expr' for c in s.columns)}_idx"
    taken = {i for t in session.temp.tables.values() for i in t.indexes} | {*session.temp.tables}
    if name in taken:
        if s.if_not_exists:
            session.notice("42P07", f'relation "{name}" already exists, skipping')
            return Result("CREATE INDEX")
        raise SqlError("42P07", f'relation "{name}" already exists')
    made = replace(table, indexes=(*table.indexes, name))
    if s.unique:
        made = _with_unique(session, made, s, name)
    session.temp.put(made)
    return Result("CREATE INDEX")


def _with_unique(session: Session, table: tt.TempTable, s: CreateIndexStmt, name: str) -> tt.TempTable:
    if not s.plain:
        raise unsupported("a unique index over expressions, or of some rows", hint="Name columns only.")
    columns = [next(c for c in table.table.columns if c.name == n) for n in s.columns]
    for column in columns:
        keyable(column)
    rows = table.held.plain()
    double = first_double(columns, rows.slice(0, 0), rows)
    if double is not None:
        key = key_text(columns, rows, double, session.settings.style)
        about = About(table.table.schema, table.name, constraint=name)
        raise SqlError("23505", f'could not create unique index "{name}"', detail=f"Key {key} is duplicated.", about=about)
    return replace(table, uniques=(*table.uniques, tt.Unique(name, tuple(c.attnum for c in columns))))
