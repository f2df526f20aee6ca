"""Rows of pg_catalog that come from the snapshot. A relation that is not here has its static rows, or none.

Source of the columns' meanings: https://www.postgresql.org/docs/15/catalogs.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fedgate.catalog import oids
from fedgate.catalog.snapshot import Snapshot
from fedgate.system.build import Row, static_rows
from fedgate.system.facts import DATABASE, OWNER, Facts
from fedgate.system.objects import OWNER_OID, PG_CLASS, Relation, relations, schema_oids, type_rows

Rows = Callable[[Snapshot, Facts], Iterator[Row]]
_UTF8 = 6
_DATABASE_OID = 5
_HEAP = 2
# pg_proc OIDs of record_in, record_out, record_recv and record_send.
_RECORD_FUNCTIONS = {"typinput": 2290, "typoutput": 2291, "typreceive": 2402, "typsend": 2403}


def pg_class(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    schemas = schema_oids(snapshot)
    for relation in relations(snapshot):
        table = relation.kind == "r"
        yield {
            "oid": relation.oid,
            "relname": relation.name,
            "relnamespace": schemas[relation.schema],
            "reltype": relation.row_type,
            "relowner": OWNER_OID,
            "relam": _HEAP if table else 0,
            "relfilenode": relation.oid if table and not relation.is_system else 0,
            "reltuples": -1.0,
            "relpersistence": "p",
            "relkind": relation.kind,
            "relnatts": len(relation.columns),
            "relhasrules": not table,
            "relispopulated": True,
            "relreplident": "d" if table and not relation.is_system else "n",
        }


def pg_attribute(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    types = type_rows()
    for relation in relations(snapshot):
        for column in relation.columns:
            type_ = types[column.type.oid]
            yield {
                "attrelid": relation.oid,
                "attname": column.name,
                "atttypid": column.type.oid,
                "attstattarget": -1,
                "attlen": type_["typlen"],
                "attnum": column.attnum,
                "attndims": 1 if column.type.pg.is_array else 0,
                "attcacheoff": -1,
                "atttypmod": column.type.typmod,
                "attbyval": type_["typbyval"],
                "attalign": type_["typalign"],
                "attstorage": type_["typstorage"],
                "attnotnull": column.not_null,
                "attislocal": True,
                "attcollation": type_["typcollation"],
            }


def pg_type(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    """The types of every database, and the row type of each table and view."""
    yield from static_rows("pg_type")
    schemas = schema_oids(snapshot)
    for relation in relations(snapshot):
        if relation.row_type:
            yield {
                "oid": relation.row_type,
                "typname": relation.name,
                "typnamespace": schemas[relation.schema],
                "typowner": OWNER_OID,
                "typlen": -1,
                "typtype": "c",
                "typcategory": "C",
                "typisdefined": True,
                "typdelim": ",",
                "typrelid": relation.oid,
                **_RECORD_FUNCTIONS,
                "typalign": "d",
                "typstorage": "x",
                "typtypmod": -1,
            }


def pg_namespace(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for name, oid in schema_oids(snapshot).items():
        yield {"oid": oid, "nspname": name, "nspowner": OWNER_OID}


def pg_description(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    """What PostgreSQL says of its types, functions and operators, and the comments of the documents."""
    yield from static_rows("pg_description")
    for relation in relations(snapshot):
        if relation.comment is not None:
            yield {"objoid": relation.oid, "classoid": PG_CLASS, "objsubid": 0, "description": relation.comment}
        for column in relation.columns:
            if column.comment is not None:
                yield {"objoid": relation.oid, "classoid": PG_CLASS, "objsubid": column.attnum, "description": column.comment}


def pg_constraint(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    """Primary keys as the documents claim them: shown, never enforced (`convalidated` is false)."""
    schemas = schema_oids(snapshot)
    keyed = [r for r in relations(snapshot) if r.primary_key]
    numbers = oids.assign(("constraint", r.schema, primary_key_name(r)) for r in keyed)
    for relation in keyed:
        places = {c.name: c.attnum for c in relation.columns}
        yield {
            "oid": numbers[("constraint", relation.schema, primary_key_name(relation))],
            "conname": primary_key_name(relation),
            "connamespace": schemas[relation.schema],
            "contype": "p",
            "conrelid": relation.oid,
            "confupdtype": " ",
            "confdeltype": " ",
            "confmatchtype": " ",
            "conislocal": True,
            "connoinherit": True,
            "conkey": [places[name] for name in relation.primary_key],
        }


def primary_key_name(relation: Relation) -> str:
    """As PostgreSQL names it, cut so that the suffix stays."""
    head = relation.name.encode()[: 63 - len("_pkey")].decode(errors="ignore")
    return f"{head}_pkey"


def pg_database(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    yield {
        "oid": _DATABASE_OID,
        "datname": DATABASE,
        "datdba": OWNER_OID,
        "encoding": _UTF8,
        "datlocprovider": "c",
        "datallowconn": True,
        "datconnlimit": -1,
        "dattablespace": 1663,
        "datcollate": "C.UTF-8",
        "datctype": "C.UTF-8",
    }


def _roles(facts: Facts) -> Iterator[tuple[int, str]]:
    yield OWNER_OID, OWNER
    if facts.user != OWNER:
        yield oids.assign([("role", "", facts.user)])[("role", "", facts.user)], facts.user


def pg_roles(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for oid, name in _roles(facts):
        yield {
            "rolname": name,
            "rolsuper": False,
            "rolinherit": True,
            "rolcreaterole": False,
            "rolcreatedb": False,
            "rolcanlogin": True,
            "rolreplication": False,
            "rolconnlimit": -1,
            "rolpassword": "********",
            "rolbypassrls": False,
            "oid": oid,
        }


def pg_authid(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for row in pg_roles(snapshot, facts):
        yield {**row, "rolpassword": None}


def pg_user(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for oid, name in _roles(facts):
        yield {
            "usename": name,
            "usesysid": oid,
            "usecreatedb": False,
            "usesuper": False,
            "userepl": False,
            "usebypassrls": False,
            "passwd": "********",
        }


def pg_tables(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        if relation.kind == "r":
            yield {
                "schemaname": relation.schema,
                "tablename": relation.name,
                "tableowner": OWNER,
                "hasindexes": False,
                "hasrules": False,
                "hastriggers": False,
                "rowsecurity": False,
            }


def pg_views(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        if relation.kind == "v":
            query = relation.query.strip().rstrip(";") + ";" if relation.query is not None else None
            yield {"schemaname": relation.schema, "viewname": relation.name, "viewowner": OWNER, "definition": query}


def pg_settings(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for setting in facts.settings():
        yield {
            "name": setting.name,
            "setting": setting.value,
            "unit": setting.unit,
            "category": "fedgate" if setting.name.startswith("fedgate.") else "Client Connection Defaults",
            "short_desc": setting.about,
            "context": "internal" if setting.fixed else "user",
            "vartype": setting.vartype,
            "source": "default" if setting.value == setting.default else "session",
            "min_val": setting.minimum,
            "max_val": setting.maximum,
            "enumvals": list(setting.choices) if setting.choices else None,
            "boot_val": setting.default,
            "reset_val": setting.default,
            "pending_restart": False,
        }


def pg_prepared_statements(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for found in facts.prepared():
        yield {
            "name": found.name,
            "statement": found.statement,
            "prepare_time": found.prepared_us,
            "parameter_types": list(found.types),
            "from_sql": found.from_sql,
        }


def pg_cursors(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for found in facts.cursors():
        yield {
            "name": found.name,
            "statement": found.statement,
            "is_holdable": found.holdable,
            "is_binary": found.binary,
            "is_scrollable": False,
            "creation_time": found.created_us,
        }


ROWS: dict[str, Rows] = {
    rows.__name__: rows
    for rows in (
        *(pg_class, pg_attribute, pg_type, pg_namespace, pg_description, pg_constraint, pg_database),
        *(pg_roles, pg_authid, pg_user, pg_tables, pg_views, pg_settings),
        *(pg_prepared_statements, pg_cursors),
    )
}
