"""Statements that make, fill, change or drop a table: raw parse nodes -> dataclasses.

They mean something for temporary tables only; whoever runs them refuses all others as `refused` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from fedgate.errors import SqlError, unsupported
from fedgate.sql.parse import RawStatement
from fedgate.sql.refused import refused

OnCommit = Literal["preserve", "delete", "drop"]
_ON_COMMIT: Final[dict[int, OnCommit]] = {3: "delete", 4: "drop"}  # OnCommitAction of libpg_query
_TEMP: Final = "t"


@dataclass(frozen=True, slots=True)
class Named:
    """A relation as a statement names it; `schema` None if it does not say."""

    schema: str | None
    name: str
    position: int | None = None

    @property
    def shown(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class CreateTableStmt:
    """CREATE TEMP TABLE: `elements` are raw column definitions, constraints and LIKE clauses."""

    target: Named
    elements: tuple[Any, ...]
    if_not_exists: bool
    on_commit: OnCommit


@dataclass(frozen=True, slots=True)
class CreateAsStmt:
    """CREATE TEMP TABLE AS, SELECT INTO TEMP: `query` is a SELECT or an EXECUTE. `select_into` decides names of tags."""

    target: Named
    columns: tuple[str, ...]
    query: RawStatement
    with_data: bool
    if_not_exists: bool
    on_commit: OnCommit


@dataclass(slots=True)
class ModifyStmt:
    """INSERT, UPDATE or DELETE of `target`, which only the session can tell to be temporary. `planned` is for the session."""

    kind: Literal["insert", "update", "delete"]
    target: Named
    raw: RawStatement
    returning: tuple[Any, ...] = ()
    planned: Any = None


@dataclass(frozen=True, slots=True)
class DropStmt:
    """DROP TABLE or DROP INDEX."""

    kind: Literal["table", "index"]
    targets: tuple[Named, ...]
    if_exists: bool
    raw: RawStatement


@dataclass(frozen=True, slots=True)
class TruncateStmt:
    targets: tuple[Named, ...]
    restart: bool
    raw: RawStatement


@dataclass(frozen=True, slots=True)
class MaintainStmt:
    """VACUUM or ANALYZE of tables; of none means of all."""

    tag: Literal["VACUUM", "ANALYZE"]
    targets: tuple[Named, ...]
    raw: RawStatement


@dataclass(frozen=True, slots=True)
class CreateIndexStmt:
    """CREATE [UNIQUE] INDEX on plain columns."""

    target: Named
    name: str
    columns: tuple[str, ...]
    unique: bool
    plain: bool
    if_not_exists: bool
    raw: RawStatement


@dataclass(frozen=True, slots=True)
class LockStmt:
    """LOCK TABLE; `reads`: in ACCESS SHARE mode, as reading does."""

    targets: tuple[Named, ...]
    reads: bool
    raw: RawStatement


def named(raw: RawStatement, relation: Any) -> Named:
    """What a RangeVar names."""
    return Named(relation.schemaname or None, relation.relname, raw.position(relation.location))


def _is_temp(relation: Any) -> bool:
    return bool(relation.relpersistence == _TEMP or relation.schemaname == "pg_temp")


def create_table(raw: RawStatement, node: Any) -> CreateTableStmt:
    """Raises SqlError 25006 for a table that is not temporary, 0A000 for clauses that such tables do not have here."""
    if not _is_temp(node.relation):
        raise refused(raw)
    target = _temporary(raw, node.relation)
    for name, what in (
        ("inh_relations", "INHERITS"),
        ("partbound", "PARTITION OF"),
        ("partspec", "PARTITION BY"),
        ("of_typename", "CREATE TABLE OF"),
        ("options", "WITH of a table"),
        ("tablespacename", "TABLESPACE"),
        ("access_method", "USING of a table"),
    ):
        value = getattr(node, name)
        if node.HasField(name) if name in ("partbound", "partspec", "of_typename") else bool(value):
            raise unsupported(what, hint="A temporary table here has columns, NOT NULL, DEFAULT, PRIMARY KEY and UNIQUE.")
    return CreateTableStmt(target, tuple(node.table_elts), node.if_not_exists, _ON_COMMIT.get(node.oncommit, "preserve"))


def _temporary(raw: RawStatement, relation: Any) -> Named:
    if relation.schemaname and not relation.schemaname.startswith("pg_temp"):
        message = "cannot create temporary relation in non-temporary schema"
        raise SqlError("42P16", message, position=raw.position(relation.location))
    return named(raw, relation)


def create_as(raw: RawStatement, node: Any) -> CreateAsStmt:
    """As `create_table`."""
    if not _is_temp(node.into.rel) or node.objtype != _OBJECT_TABLE:
        raise refused(raw)
    return _into(raw, node.into, raw.inner(node.query), if_not_exists=node.if_not_exists)


_OBJECT_TABLE: Final = 42  # ObjectType.OBJECT_TABLE of libpg_query


def select_into(raw: RawStatement, node: Any) -> CreateAsStmt:
    """SELECT … INTO TEMP."""
    if not _is_temp(node.into_clause.rel):
        raise SqlError("25006", "cannot execute SELECT INTO in a read-only transaction", hint="SELECT INTO TEMP makes a table.")
    plain = type(node)()
    plain.CopyFrom(node)
    plain.ClearField("into_clause")
    return _into(raw, node.into_clause, raw.instead("select", plain), if_not_exists=False)


def _into(raw: RawStatement, into: Any, query: RawStatement, *, if_not_exists: bool) -> CreateAsStmt:
    if into.options or into.table_space_name or into.access_method:
        raise unsupported("WITH, USING or TABLESPACE of a table")
    columns = tuple(n.string.sval for n in into.col_names)
    on_commit = _ON_COMMIT.get(into.on_commit, "preserve")
    return CreateAsStmt(_temporary(raw, into.rel), columns, query, not into.skip_data, if_not_exists, on_commit)


def modify(raw: RawStatement, node: Any) -> ModifyStmt:
    """INSERT, UPDATE, DELETE."""
    kind: Any = raw.kind
    return ModifyStmt(kind, named(raw, node.relation), raw, tuple(node.returning_clause.exprs))


def drop(raw: RawStatement, node: Any) -> DropStmt:
    """DROP TABLE and DROP INDEX; 25006 for all others."""
    kinds: dict[int, Literal["table", "index"]] = {_OBJECT_TABLE: "table", _OBJECT_INDEX: "index"}
    if node.remove_type not in kinds:
        raise refused(raw)
    targets = []
    for item in node.objects:
        parts = [part.string.sval for part in item.list.items]
        targets.append(Named(parts[-2] if len(parts) > 1 else None, parts[-1]))
    return DropStmt(kinds[node.remove_type], tuple(targets), node.missing_ok, raw)


_OBJECT_INDEX: Final = 21  # ObjectType.OBJECT_INDEX of libpg_query


def truncate(raw: RawStatement, node: Any) -> TruncateStmt:
    return TruncateStmt(tuple(named(raw, n.range_var) for n in node.relations), node.restart_seqs, raw)


def maintain(raw: RawStatement, node: Any) -> MaintainStmt:
    targets = tuple(named(raw, n.vacuum_relation.relation) for n in node.rels)
    return MaintainStmt("VACUUM" if node.is_vacuumcmd else "ANALYZE", targets, raw)


def create_index(raw: RawStatement, node: Any) -> CreateIndexStmt:
    elements = [n.index_elem for n in node.index_params]
    plain = not node.HasField("where_clause") and all(e.name and not e.opclass and not e.collation for e in elements)
    columns = tuple(e.name for e in elements)
    return CreateIndexStmt(named(raw, node.relation), node.idxname, columns, node.unique, plain, node.if_not_exists, raw)


def lock(raw: RawStatement, node: Any) -> LockStmt:
    return LockStmt(tuple(named(raw, n.range_var) for n in node.relations), node.mode == 1, raw)


TempStatement: TypeAlias = (
    LockStmt | CreateTableStmt | CreateAsStmt | ModifyStmt | DropStmt | TruncateStmt | MaintainStmt | CreateIndexStmt
)
HANDLERS: Final[dict[str, Callable[[RawStatement, Any], TempStatement]]] = {
    "create": create_table,
    "create_table_as": create_as,
    "select": select_into,
    **dict.fromkeys(("insert", "update", "delete"), modify),
    "drop": drop,
    "truncate": truncate,
    "vacuum": maintain,
    "index": create_index,
    "lock": lock,
}
