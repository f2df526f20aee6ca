"""Writes `fedgate/system/data/*.tsv` from a running PostgreSQL 15: `python tools/generate_system_tables.py CONNINFO`.

`relations.tsv`: every relation of pg_catalog and information_schema with its columns, one a line (schema, name, OID, relkind,
columns as JSON: name, type OID, type modifier, not null). Domains are written as their base types, as PostgreSQL sends them; types
that no client can read as values (anyarray, the statistics' own) as text. `rows/NAME.tsv`: the rows of those catalogs that are the
same in every database (of information_schema: `information_schema.NAME.tsv`), each value in PostgreSQL's text, \\N for NULL. Any
database of an untouched cluster will do.
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

# The relations that every database has: their rows in pg_class and pg_attribute, their indexes, rules and types.
_SYSTEM = "relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and relkind in ('r', 'v', 'i')"
_OURS = f"in (select oid from pg_class where {_SYSTEM})"
_OUR_SCHEMAS = "in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"

# Relation -> which of its rows belong to every database.
ROWS = {
    "pg_aggregate": "true",
    "pg_am": "true",
    "pg_amop": "true",
    "pg_amproc": "true",
    "pg_attribute": f"attrelid {_OURS}",
    "pg_authid": "rolname like 'pg\\_%'",
    "pg_auth_members": "roleid < 16384 and member < 16384",
    "pg_cast": "true",
    "pg_class": _SYSTEM,
    "pg_collation": "collname in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8')",
    "pg_constraint": f"connamespace {_OUR_SCHEMAS}",
    "pg_conversion": "true",
    "pg_description": "objoid < 16384 and classoid <> 'pg_collation'::regclass and classoid <> 'pg_extension'::regclass "
    "and not (classoid = 'pg_language'::regclass and objoid >= 12000)",
    "pg_index": f"indexrelid {_OURS}",
    "pg_language": "oid < 12000",
    "pg_opclass": "true",
    "pg_operator": "true",
    "pg_opfamily": "true",
    "pg_proc": f"pronamespace {_OUR_SCHEMAS} and prolang in (select oid from pg_language where oid < 12000) "
    "and proname !~ '^plpgsql'",
    "pg_range": "true",
    "pg_rewrite": f"ev_class {_OURS}",
    "pg_tablespace": "true",
    "pg_ts_config": "true",
    "pg_ts_config_map": "true",
    "pg_ts_dict": "true",
    "pg_ts_parser": "true",
    "pg_ts_template": "true",
    "pg_type": f"typnamespace {_OUR_SCHEMAS}",
}
INFORMATION = (
    *("character_sets", "domain_constraints", "domain_udt_usage", "domains"),
    *("sql_features", "sql_implementation_info", "sql_parts", "sql_sizing"),
)
# Columns that hold code, rights, or what only files have: NULL, or as good as nothing.
_LEFT_OUT = ("aclitem[]", "pg_node_tree", "anyarray")
_NOTHING = {
    **dict.fromkeys(("relfilenode", "relpages", "relallvisible", "reltoastrelid", "relfrozenxid", "relminmxid"), "0"),
    "reltuples": "-1",
    "rolpassword": None,
}


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
            _write(DATA / "rows" / f"{name}.tsv", _rows(connection, "pg_catalog", name, condition))
        for name in INFORMATION:
            _write(DATA / "rows" / f"information_schema.{name}.tsv", _rows(connection, "information_schema", name, "true"))


def _rows(connection: psycopg.Connection[tuple[str, ...]], schema: str, name: str, condition: str) -> list[str]:
    columns = connection.execute(
        "select attname, format_type(atttypid, -1) from pg_attribute where attrelid = %s::regclass and attnum > 0 order by attnum",
        (f"{schema}.{name}",),
    ).fetchall()
    values = [_value(column, type_) for column, type_ in columns]
    order = sql.SQL(", ").join(sql.Identifier("r", column) for column, type_ in columns[:3] if type_ not in _LEFT_OUT)
    query = sql.SQL("select {} from {} r where {} order by {}").format(
        sql.SQL(", ").join(values), sql.Identifier(schema, name), sql.SQL(condition), order
    )
    return ["\t".join(_field(v) for v in row) for row in connection.execute(query)]


def _value(column: str, type_: str) -> sql.Composable:
    if type_ in _LEFT_OUT:
        return sql.SQL("null")
    if column in _NOTHING:
        return sql.Literal(_NOTHING[column])
    name = sql.Identifier(column)
    if column.endswith("_catalog"):
        return sql.SQL("case when {} is not null then 'fedgate' end").format(name)
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
