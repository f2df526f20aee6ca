"""Writes `fedgate/system/data/*.tsv` from a running PostgreSQL 15: `python tools/generate_system_tables.py CONNINFO`.

`relations.tsv`: every relation of pg_catalog and information_schema with its columns, one a line (schema, name, OID, relkind,
columns as JSON: name, type OID, type modifier, not null). Domains are written as their base types, as PostgreSQL sends them; types
that no client can read as values (anyarray, the statistics' own) as text. `rows/NAME.tsv`: the rows of those catalogs that are the
same in every database, each value in PostgreSQL's text, \\N for NULL. Any database of an untouched cluster will do.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psycopg
from psycopg import sql

DATA = Path(__file__).resolve().parent.parent / "fedgate" / "system" / "data"

RELATIONS = """
    select n.nspname, c.relname, c.oid, c.relkind, array_agg(json_build_array(a.attname,
        case when t.typtype = 'd' then t.typbasetype
             when t.typtype = 'p' or t.typname in ('pg_ndistinct', 'pg_dependencies', 'pg_mcv_list', '_pg_statistic') then 25
             else t.oid end::int,
        case when t.typtype = 'd' then t.typtypmod else a.atttypmod end, a.attnotnull) order by a.attnum)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    join pg_type t on t.oid = a.atttypid
    where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') and a.attnum > 0
    group by 1, 2, 3, 4 order by 1, 2"""

# Relation -> which of its rows belong to every database; columns that hold code or rights are left NULL or empty.
ROWS = {
    "pg_am": "true",
    "pg_cast": "true",
    "pg_collation": "collname in ('default', 'C', 'POSIX', 'ucs_basic')",
    "pg_description": "objsubid = 0 and classoid in ('pg_am'::regclass, 'pg_language'::regclass, 'pg_operator'::regclass, "
    "'pg_proc'::regclass, 'pg_type'::regclass) and objoid < 16384",
    "pg_language": "true",
    "pg_opclass": "true",
    "pg_operator": "true",
    "pg_proc": "pronamespace = 'pg_catalog'::regnamespace",
    "pg_range": "true",
    "pg_tablespace": "true",
    "pg_type": "typnamespace = 'pg_catalog'::regnamespace and typrelid = 0 and typname not like '\\_pg\\_%'",
}
_LEFT_OUT = ("aclitem[]", "pg_node_tree")
_EMPTY = ("prosrc",)


def main(conninfo: str) -> None:
    (DATA / "rows").mkdir(parents=True, exist_ok=True)
    with psycopg.connect(conninfo) as connection:
        if connection.info.server_version // 10000 != 15:
            raise SystemExit(f"a PostgreSQL 15 is needed, this is {connection.info.server_version}")
        lines = []
        for schema, name, oid, kind, columns in connection.execute(RELATIONS):
            lines.append("\t".join((schema, name, str(oid), kind, json.dumps(columns, separators=(",", ":")))))
        _write(DATA / "relations.tsv", lines)
        for name, condition in ROWS.items():
            _write(DATA / "rows" / f"{name}.tsv", _rows(connection, name, condition))


def _rows(connection: psycopg.Connection[tuple[str, ...]], name: str, condition: str) -> list[str]:
    columns = connection.execute(
        "select attname, format_type(atttypid, -1) from pg_attribute where attrelid = %s::regclass and attnum > 0 order by attnum",
        (f"pg_catalog.{name}",),
    ).fetchall()
    values = [_value(column, type_) for column, type_ in columns]
    query = sql.SQL("select {} from {} where {} order by 1").format(
        sql.SQL(", ").join(values), sql.Identifier("pg_catalog", name), sql.SQL(condition)
    )
    return ["\t".join(_field(v) for v in row) for row in connection.execute(query)]


def _value(column: str, type_: str) -> sql.Composable:
    if type_ in _LEFT_OUT:
        return sql.SQL("null")
    if column in _EMPTY:
        return sql.SQL("''")
    name = sql.Identifier(column)
    return sql.SQL("{}::oid::text" if type_ in ("regproc", "regtype") else "{}::text").format(name)


def _field(value: str | None) -> str:
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(path.name, len(lines), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
