"""Rows of the catalogs that describe relations: pg_class, pg_attribute, pg_type, pg_index, pg_constraint, pg_depend and the like.

They follow PostgreSQL's own rows (https://www.postgresql.org/docs/15/catalogs.html) for the same tables and views. A declared
primary key has the index that PostgreSQL would make for it: JDBC, ODBC and others find primary keys in pg_index only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from fedgate.schema import HIDDEN_COLUMNS, Column
from fedgate.system.build import Row, static_rows
from fedgate.system.facts import Facts
from fedgate.system.objects import (
    DATABASE_OWNER,
    OWNER_OID,
    PG_CLASS,
    PG_CONSTRAINT,
    PG_NAMESPACE,
    PG_REWRITE,
    PG_TYPE,
    Index,
    Relation,
    Shown,
    type_rows,
)

_HEAP, _BTREE = 2, 403
_PAGE_ROWS: Final = 100
"""Rows that are taken to fill a page of 8 KiB."""
_RECORD: Final = {"typinput": 2290, "typoutput": 2291, "typreceive": 2402, "typsend": 2403}
_ARRAY: Final = {
    "typsubscript": 6179,
    "typinput": 750,
    "typoutput": 751,
    "typreceive": 2400,
    "typsend": 2401,
    "typanalyze": 3816,
}
# The system columns of a table: name, type, number.
_POSTGRES_LAST: Final = -6
_SYSTEM_COLUMNS: Final = (
    *(("ctid", 27, -1), ("xmin", 28, -2), ("cmin", 29, -3)),
    *(("xmax", 28, -4), ("cmax", 29, -5), ("tableoid", 26, -6)),
    *((column.name, column.type.oid, column.attnum) for column in HIDDEN_COLUMNS),
)


def pg_class(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        is_table = relation.kind == "r"
        rows = relation.rows
        yield {
            "oid": relation.oid,
            "relname": relation.name,
            "relnamespace": shown.schemas[relation.schema],
            "reltype": relation.row_type,
            "relowner": OWNER_OID,
            "relam": _HEAP if is_table else 0,
            "relfilenode": relation.oid if is_table else 0,
            "relpages": -(-rows // _PAGE_ROWS) if rows else 0,
            "reltuples": -1.0 if rows is None else float(rows),
            "relhasindex": relation.key is not None,
            "relpersistence": "t" if relation.temporary else "p",
            "relkind": relation.kind,
            "relnatts": len(relation.columns),
            "relhasrules": not is_table,
            "relispopulated": True,
            "relreplident": "d" if is_table else "n",
        }
        if relation.key is not None:
            yield _index_class(shown, relation, relation.key)


def _index_class(shown: Shown, relation: Relation, index: Index) -> Row:
    return {
        "oid": index.oid,
        "relname": index.name,
        "relnamespace": shown.schemas[relation.schema],
        "relowner": OWNER_OID,
        "relam": _BTREE,
        "relfilenode": index.oid,
        "relpages": 1,
        "reltuples": float(relation.rows or 0),
        "relpersistence": "t" if relation.temporary else "p",
        "relkind": "i",
        "relnatts": len(index.columns),
        "relispopulated": True,
        "relreplident": "n",
    }


def pg_attribute(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        for column in relation.columns:
            yield _attribute(relation.oid, column, column.attnum, column.not_null)
        if relation.kind == "r":
            rest = (row for row in _system_attributes() if not (relation.temporary and row["attnum"] < _POSTGRES_LAST))
            yield from ({"attrelid": relation.oid, **row} for row in rest)
        if relation.key is not None:
            for place, column in enumerate(relation.key.columns, 1):
                yield _attribute(relation.key.oid, column, place, False)


def _attribute(relation: int, column: Column, attnum: int, not_null: bool) -> Row:
    return {
        "attrelid": relation,
        "attname": column.name,
        "attstattarget": -1,
        "attnum": attnum,
        "attndims": 1 if column.type.pg.is_array else 0,
        "atttypmod": column.type.typmod,
        "attnotnull": not_null,
        **_of_type(column.type.oid),
    }


@cache
def _of_type(oid: int) -> Row:
    """What pg_attribute repeats of a column's type."""
    type_ = type_rows()[oid]
    return {
        "atttypid": oid,
        "attlen": type_["typlen"],
        "attcacheoff": -1,
        "attbyval": type_["typbyval"],
        "attalign": type_["typalign"],
        "attstorage": type_["typstorage"],
        "attislocal": True,
        "attcollation": type_["typcollation"],
    }


@cache
def _system_attributes() -> tuple[Row, ...]:
    return tuple(
        {**_of_type(type_), "attname": name, "attnum": attnum, "atttypmod": -1, "attnotnull": True}
        for name, type_, attnum in _SYSTEM_COLUMNS
    )


def pg_type(shown: Shown, facts: Facts) -> Iterator[Row]:
    """The row type of each table and view, and its array type."""
    for relation in shown.relations:
        if not relation.row_type:
            continue
        both = {
            "typnamespace": shown.schemas[relation.schema],
            "typowner": OWNER_OID,
            "typlen": -1,
            "typisdefined": True,
            "typdelim": ",",
            "typalign": "d",
            "typstorage": "x",
            "typtypmod": -1,
        }
        yield {
            **both,
            "oid": relation.row_type,
            "typname": relation.name,
            "typtype": "c",
            "typcategory": "C",
            "typrelid": relation.oid,
            "typarray": relation.array_type,
            **_RECORD,
        }
        yield {
            **both,
            "oid": relation.array_type,
            "typname": _array_name(relation.name),
            "typtype": "b",
            "typcategory": "A",
            "typelem": relation.row_type,
            **_ARRAY,
        }


def _array_name(name: str) -> str:
    return "_" + name.encode()[:62].decode(errors="ignore")


def pg_namespace(shown: Shown, facts: Facts) -> Iterator[Row]:
    for name, oid in shown.schemas.items():
        yield {"oid": oid, "nspname": name, "nspowner": DATABASE_OWNER if name == "public" else OWNER_OID}


def pg_description(shown: Shown, facts: Facts) -> Iterator[Row]:
    """The comments of the documents."""
    for relation in shown.relations:
        if relation.comment is not None:
            yield {"objoid": relation.oid, "classoid": PG_CLASS, "objsubid": 0, "description": relation.comment}
        for column in relation.columns:
            if column.comment is not None:
                yield {"objoid": relation.oid, "classoid": PG_CLASS, "objsubid": column.attnum, "description": column.comment}


def _keyed(shown: Shown) -> Iterator[tuple[Relation, Index]]:
    return ((relation, relation.key) for relation in shown.relations if relation.key is not None)


def pg_constraint(shown: Shown, facts: Facts) -> Iterator[Row]:
    """Primary keys as the documents claim them: shown, never enforced."""
    for relation, index in _keyed(shown):
        yield {
            "oid": index.constraint,
            "conname": index.name,
            "connamespace": shown.schemas[relation.schema],
            "contype": "p",
            "convalidated": True,
            "conrelid": relation.oid,
            "conindid": index.oid,
            "confupdtype": " ",
            "confdeltype": " ",
            "confmatchtype": " ",
            "conislocal": True,
            "connoinherit": True,
            "conkey": [column.attnum for column in index.columns],
        }


def pg_index(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation, index in _keyed(shown):
        yield {
            "indexrelid": index.oid,
            "indrelid": relation.oid,
            "indnatts": len(index.columns),
            "indnkeyatts": len(index.columns),
            "indisunique": True,
            "indisprimary": True,
            "indimmediate": True,
            "indisvalid": True,
            "indisready": True,
            "indislive": True,
            "indkey": _vector(column.attnum for column in index.columns),
            "indcollation": _vector(type_rows()[column.type.oid]["typcollation"] for column in index.columns),
            "indclass": _vector(_operator_class(column.type.oid) for column in index.columns),
            "indoption": _vector(0 for _ in index.columns),
        }


def _vector(numbers: Iterator[int]) -> str:
    return " ".join(map(str, numbers))


@cache
def _operator_class(type_oid: int) -> int:
    """The default btree operator class of a type, 0 when it has none."""
    wanted = type_oid
    if type_rows()[type_oid]["typcategory"] == "A":
        wanted = 2277
    elif type_oid == 1043:
        wanted = 25
    classes: Any = static_rows("pg_opclass")
    return next((c["oid"] for c in classes if c["opcmethod"] == _BTREE and c["opcdefault"] and c["opcintype"] == wanted), 0)


def pg_rewrite(shown: Shown, facts: Facts) -> Iterator[Row]:
    """A view's own rule."""
    for relation in shown.relations:
        if relation.rule:
            yield {
                "oid": relation.rule,
                "rulename": "_RETURN",
                "ev_class": relation.oid,
                "ev_type": "1",
                "ev_enabled": "O",
                "is_instead": True,
                "ev_qual": "<>",
                "ev_action": "<>",
            }


def pg_depend(shown: Shown, facts: Facts) -> Iterator[Row]:
    """What a relation is made of; not what a view reads."""
    for relation in shown.relations:
        if not relation.row_type:
            continue
        own = (PG_CLASS, relation.oid, 0)
        yield _depends((PG_TYPE, relation.array_type, 0), (PG_TYPE, relation.row_type, 0), "i")
        yield _depends((PG_TYPE, relation.row_type, 0), own, "i")
        yield _depends(own, (PG_NAMESPACE, shown.schemas[relation.schema], 0), "n")
        if relation.rule:
            yield _depends((PG_REWRITE, relation.rule, 0), own, "i")
            yield _depends((PG_REWRITE, relation.rule, 0), own, "n")
        if relation.key is not None:
            constraint = (PG_CONSTRAINT, relation.key.constraint, 0)
            yield _depends((PG_CLASS, relation.key.oid, 0), constraint, "i")
            for column in relation.key.columns:
                yield _depends(constraint, (PG_CLASS, relation.oid, column.attnum), "a")


def _depends(what: tuple[int, int, int], on: tuple[int, int, int], kind: str) -> Row:
    return {
        **dict(zip(("classid", "objid", "objsubid"), what, strict=True)),
        **dict(zip(("refclassid", "refobjid", "refobjsubid"), on, strict=True)),
        "deptype": kind,
    }


ROWS: Final = {
    rows.__name__: rows
    for rows in (
        *(pg_class, pg_attribute, pg_type, pg_namespace, pg_description, pg_constraint),
        *(pg_index, pg_rewrite, pg_depend),
    )
}
