"""A table document → `schema.Table`."""

from __future__ import annotations

from typing import Final

from fedgate.catalog.documents import Document, DocumentError
from fedgate.catalog.names import qualified
from fedgate.errors import SqlError
from fedgate.limits import IDENTIFIER_BYTES_MAX
from fedgate.schema import HIDDEN_COLUMNS, Column, Table
from fedgate.types import BY_OID, SqlType, parse_type
from fedgate.wording import nearest

# DESIGN: the types that documents may use.
_TYPES: Final = frozenset(
    (
        *("bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "bpchar", "bytea", "date", "time"),
        *("timestamp", "timestamptz", "interval", "uuid", "json", "jsonb"),
    )
)
_RESERVED_COLUMNS: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", *(c.name for c in HIDDEN_COLUMNS)})
_RESERVED_SCHEMAS: Final = frozenset({"information_schema", "fedgate"})


def resolve_table(document: Document, oid: int) -> Table:
    """Raises DocumentError; whether `colocated_with` exists is checked elsewhere."""
    body = document.body
    schema, _, name = document.name.partition(".")
    _check_name(schema, ("name",))
    _check_name(name, ("name",))
    if schema in _RESERVED_SCHEMAS or schema.startswith("pg_"):
        raise DocumentError(f'schema "{schema}" is the gateway\'s own', ("name",))
    columns = _columns(body["columns"])
    replicated = body.get("distribution") == "replicated"
    if replicated and ("shard_key" in body or "colocated_with" in body):
        field = "shard_key" if "shard_key" in body else "colocated_with"
        raise DocumentError("a replicated table has no shards", (field,))
    other = body.get("colocated_with")
    other_schema, _, other_name = qualified(other).partition(".") if other else ("", "", "")
    return Table(
        schema=schema,
        name=name,
        columns=columns,
        oid=oid,
        replicated=replicated,
        primary_key=_names(body, "primary_key", columns),
        shard_key=_names(body, "shard_key", columns),
        colocated_with=(other_schema, other_name) if other else None,
        comment=body.get("comment"),
        labels=dict(body.get("labels", {})),
    )


def parse_column_type(text: str, path: tuple[str | int, ...]) -> SqlType:
    """A type of DESIGN's list. Raises DocumentError with the nearest right name."""
    try:
        parsed = parse_type(text)
    except SqlError as error:
        near = nearest(text.lower(), [t.sql_name for t in BY_OID.values() if t.name in _TYPES] + sorted(_TYPES))
        raise DocumentError(error.message, path, f'perhaps you mean "{near}"' if near else None) from error
    pg = parsed.pg
    if (BY_OID[pg.element_oid] if pg.is_array else pg).name not in _TYPES:
        raise DocumentError(f'columns of type "{text}" are not supported', path)
    return parsed


def _columns(written: list[dict[str, object]]) -> tuple[Column, ...]:
    columns: list[Column] = []
    seen: set[str] = set()
    for place, item in enumerate(written):
        name = str(item["name"])
        path = ("columns", place, "name")
        _check_name(name, path)
        if name in seen:
            raise DocumentError(f'column "{name}" is written more than once', path)
        if name in _RESERVED_COLUMNS:
            raise DocumentError(f'column name "{name}" is the system\'s own', path)
        seen.add(name)
        comment = item.get("comment")
        columns.append(
            Column(
                place + 1,
                name,
                parse_column_type(str(item["type"]), ("columns", place, "type")),
                bool(item.get("not_null", False)),
                None if comment is None else str(comment),
            )
        )
    return tuple(columns)


def _names(body: dict[str, list[str]], field: str, columns: tuple[Column, ...]) -> tuple[str, ...]:
    known = [c.name for c in columns]
    names = body.get(field, [])
    for place, name in enumerate(names):
        if name not in known:
            near = nearest(name, known)
            hint = f'perhaps you mean "{near}"' if near else None
            raise DocumentError(f'there is no column "{name}"', (field, place), hint)
        if name in names[:place]:
            raise DocumentError(f'column "{name}" is written more than once', (field, place))
    return tuple(names)


def _check_name(name: str, path: tuple[str | int, ...]) -> None:
    if len(name.encode()) > IDENTIFIER_BYTES_MAX:
        raise DocumentError(f'"{name}" is longer than {IDENTIFIER_BYTES_MAX} bytes', path)
