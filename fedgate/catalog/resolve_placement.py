"""A placement document → `model.Placement`: which local relation, how its columns map, what its check says."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from fedgate.catalog.documents import Document, DocumentError
from fedgate.catalog.model import CHECK_REL, INPUT_REL, ColumnMap, Encoding, LocalColumn, Node, Placement
from fedgate.catalog.resolve_table import parse_column_type
from fedgate.errors import SqlError
from fedgate.schema import Column, Table
from fedgate.sql.tree import Expr
from fedgate.types import BY_OID, SqlType
from fedgate.wording import nearest

REPLICATED_SHARD: Final = "all"
PRIORITY: Final = 100
_TIMES: Final = frozenset(BY_OID[oid].oid for oid in (1082, 1114, 1184))
_DATE: Final = 1082


def resolve_placement(document: Document, table: Table, node: Node) -> Placement:
    """Raises DocumentError."""
    body = document.body
    if table.replicated and "shard" in body:
        raise DocumentError(
            f'table "{table.name}" is replicated: each placement is a copy of everything', ("shard",), "leave it out"
        )
    written = body.get("columns", {})
    known = [c.name for c in table.columns]
    for name in written:
        if name not in known:
            near = nearest(name, known)
            hint = f'perhaps you mean "{near}"' if near else None
            raise DocumentError(f'table "{table.name}" has no column "{name}"', ("columns", name), hint)
    relation = body["relation"]
    if node.engine == "parquet":
        _check_below(relation if isinstance(relation, str) else relation[1])
    check = body.get("check", "")
    return Placement(
        table=table,
        node=node,
        shard=REPLICATED_SHARD if table.replicated else body.get("shard", node.name),
        relation=(None, relation) if isinstance(relation, str) else (relation[0], relation[1]),
        columns=tuple(_column(written.get(c.name), c, node) for c in table.columns),
        priority=body.get("priority", PRIORITY),
        check=_check(check, table) if check else None,
        check_text=check,
        labels=dict(body.get("labels", {})),
        comment=body.get("comment"),
        rows=body.get("rows"),
    )


def _check_below(pattern: str) -> None:
    """Files of a Parquet placement lie below the node's url: its path says what may be read."""
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise DocumentError(f'"{pattern}" is not below the node\'s url', ("relation",), "write a path or glob relative to it")


def _check(text: str, table: Table) -> Expr:
    from fedgate.catalog.expressions import bind_check  # the binder is heavy; catalogs without SQL do without it

    try:
        return bind_check(text, table.columns, CHECK_REL)
    except SqlError as error:
        raise _inside(error, ("check",)) from error


def _column(written: Any, column: Column, node: Node) -> ColumnMap:
    path = ("columns", column.name)
    if written is None:
        return ColumnMap(_local(column.name, column.type, {}, node, path))
    if isinstance(written, str):
        return ColumnMap(_local(written, column.type, {}, node, path))
    if "absent" in written:
        if len(written) > 1:
            raise DocumentError("an absent column has nothing else", path)
        if column.not_null:
            raise DocumentError(f'column "{column.name}" is not_null and cannot be absent', path)
        return ColumnMap()
    if "expression" in written:
        return _expression(written, column, node, path)
    return ColumnMap(_local(written.get("from", column.name), column.type, written, node, path))


def _expression(written: dict[str, Any], column: Column, node: Node, path: tuple[str, ...]) -> ColumnMap:
    for field in ("from", "encoding", "zone"):
        if field in written:
            raise DocumentError(f'"{field}" does not go with "expression"', (*path, field), "write it under inputs")
    inputs = []
    for name, item in written.get("inputs", {}).items():
        at = (*path, "inputs", name)
        more = {"type": item} if isinstance(item, str) else item
        inputs.append(_local(name, parse_column_type(more["type"], at), more, node, at))
    columns = [Column(place, local.name, local.type) for place, local in enumerate(inputs, 1)]
    from fedgate.catalog.expressions import bind_column  # as in _check

    try:
        bound = bind_column(written["expression"], columns, INPUT_REL, column.type)
    except SqlError as error:
        raise _inside(error, (*path, "expression")) from error
    return ColumnMap(None, bound, tuple(inputs))


def _local(name: str, type_: SqlType, written: dict[str, Any], node: Node, path: tuple[str, ...]) -> LocalColumn:
    encoding: Encoding | None = written.get("encoding")
    zone: str | None = written.get("zone")
    if encoding is not None and type_.oid not in _TIMES:
        raise DocumentError(f"an encoding is for times, not for {type_}", (*path, "encoding"))
    if zone is not None:
        if type_.oid not in _TIMES or type_.oid == _DATE:
            raise DocumentError(f"a zone is for timestamps, not for {type_}", (*path, "zone"))
        try:
            ZoneInfo(zone)
        except (KeyError, OSError, ValueError) as error:
            raise DocumentError(f'time zone "{zone}" not recognized', (*path, "zone")) from error
    if encoding is None and node.engine == "sqlite" and type_.oid in _TIMES:
        encoding = "iso8601"
    return LocalColumn(name, type_, encoding, zone)


def _inside(error: SqlError, path: tuple[str | int, ...]) -> DocumentError:
    where = f" at character {error.position}" if error.position else ""
    return DocumentError(f'field "{".".join(map(str, path))}": {error.message}{where}', path, error.hint)
