"""The system relations beside PostgreSQL's own: same shape, and the same rows where both have the same relations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fedgate.system.facts import Facts
from fedgate.system.tables import tables
from tests.system.gateway import Answer, Metadata

Ask = Callable[[str], Answer]

# Types that PostgreSQL has and no client reads as values; see tools/generate_system_tables.py and system.tables.
_AS_TEXT = {2277, 3361, 3402, 5017, 10028}


@pytest.mark.parametrize("schema", ["pg_catalog", "information_schema"])
def test_every_relation_has_postgresqls_columns(schema: str, metadata: Metadata, postgres_says: Ask) -> None:
    found = 0
    for name in sorted(n for s, n in tables() if s == schema):
        theirs = postgres_says(f'SELECT * FROM {schema}."{name}" LIMIT 0')
        table = tables()[(schema, name)]
        assert tuple(c.name for c in table.columns) == theirs.names, name
        for column, oid in zip(table.columns, theirs.types, strict=True):
            allowed = {25 if oid in _AS_TEXT else oid}
            assert column.type.oid in allowed, f"{name}.{column.name}"
        found += 1
    listed = postgres_says(f"SELECT count(*) FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind IN ('r', 'v')")
    assert listed.rows == [(str(found),)]


def test_every_relation_can_be_read(metadata: Metadata) -> None:
    from fedgate.system import SystemCatalog

    local = SystemCatalog().local(metadata.snapshot, Facts())
    for table in tables().values():
        rows = local.rows(table)
        assert rows.num_columns == len(table.columns), table.name


_MINE = "n.nspname IN ('public', 'plant') AND c.relkind IN ('r', 'v')"
SAME = (
    # pg_class, pg_attribute
    "SELECT n.nspname, c.relname, c.relkind, c.relnatts, c.relpersistence, c.reltuples, c.relispartition, c.relhasrules "
    f"FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_MINE} ORDER BY 1, 2",
    "SELECT c.relname, a.attname, a.atttypid, a.attnum, a.atttypmod, a.attlen, a.attndims, a.attbyval, a.attalign, a.attstorage, "
    "a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated, a.attisdropped, a.attislocal, a.attinhcount, a.attcollation "
    f"FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_MINE} "
    "AND a.attnum > 0 ORDER BY n.nspname, 1, 4",
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'flights'::regclass "
    "AND attnum > 0 ORDER BY attnum",
    # row types
    "SELECT t.typname, t.typtype, t.typcategory, t.typlen, t.typinput::oid, t.typrelid = c.oid, c.reltype = t.oid FROM pg_class c "
    f"JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.typrelid = c.oid WHERE {_MINE} ORDER BY 1",
    # descriptions, as psql's \dL, \dT+, \df+ and \do ask for them
    "SELECT l.lanname, d.description FROM pg_language l LEFT JOIN pg_description d ON d.classoid = l.tableoid AND d.objoid = l.oid "
    "AND d.objsubid = 0 WHERE l.lanname <> 'plpgsql' ORDER BY 1",
    "SELECT objoid, description FROM pg_description WHERE classoid IN (1247, 1255, 2617) AND objoid < 10000 ORDER BY 1, 2",
    "SELECT obj_description(23, 'pg_type'), obj_description(1299, 'pg_proc'), pg_get_function_sqlbody(1299)",
    # types
    "SELECT oid, typname, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typelem, typarray, typinput::oid, "
    "typnotnull, typcollation FROM pg_type WHERE typnamespace = 11 AND typrelid = 0 AND typname !~ '^_pg_' ORDER BY oid",
    "SELECT t.typname, p.proname FROM pg_type t JOIN pg_proc p ON p.oid = t.typreceive "
    "WHERE t.typname IN ('int4', '_text', 'record') ORDER BY 1",
    "SELECT rngtypid, rngsubtype, rngmultitypid FROM pg_range ORDER BY 1",
    "SELECT oid, amname, amtype FROM pg_am ORDER BY 1",
    "SELECT typname FROM pg_type WHERE oid = to_regtype('integer')",
    # comments, schemas, constraints
    "SELECT obj_description('flights'::regclass, 'pg_class'), obj_description('v'::regclass), "
    "col_description('flights'::regclass, 1)",
    "SELECT objsubid, description FROM pg_description WHERE objoid = 'flights'::regclass ORDER BY 1",
    "SELECT nspname FROM pg_namespace WHERE nspname NOT IN ('fedgate', 'pg_toast') ORDER BY 1",
    "SELECT conname, contype, conkey, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'flights'::regclass",
    # visibility and names
    "SELECT pg_table_is_visible('flights'::regclass), pg_table_is_visible('plant.\"Sensors\"'::regclass), pg_table_is_visible(1)",
    "SELECT 'flights'::regclass::text, 'plant.\"Sensors\"'::regclass::text, 'pg_class'::regclass::text, 0::regclass::text",
    "SELECT 'information_schema.tables'::regclass::text, 'int4'::regtype::text, 'pg_catalog'::regnamespace::text",
    "SELECT to_regclass('FLIGHTS')::text, to_regclass('\"FLIGHTS\"')::text, "
    "to_regclass('plant.\"Sensors\"')::text, to_regclass('x')::text",
    "SELECT c.table_name, CAST(CAST(format('%I.%I', c.table_schema::text, c.table_name::text) AS regclass) AS oid) = t.oid "
    "FROM information_schema.tables c JOIN pg_class t ON t.relname = c.table_name "
    "WHERE table_schema IN ('public', 'plant') ORDER BY 1",
    "SELECT (quote_ident('plant') || '.' || quote_ident('Sensors'))::regclass, lower('INT4')::regtype, "
    "lower('PLANT')::regnamespace, NULL::text::regclass, '-'::text::regtype, '23'::text::regtype",
    "SELECT typname, pg_type_is_visible(oid) FROM pg_type WHERE typname IN ('int4', '_text', 'yes_or_no', 'flights', 'Sensors') "
    "ORDER BY 1",
    "SELECT pg_type_is_visible(1), pg_type_is_visible(NULL)",
    "SELECT current_schemas(false), current_schemas(true), current_schema()",
    "SELECT pg_encoding_to_char(6), pg_char_to_encoding('utf8'), getdatabaseencoding()",
    "SELECT format_type(1700, 786440), format_type(1042, -1), format_type(23, NULL), format_type(NULL, NULL), "
    "format_type(1185, 3), format_type(2283, -1), format_type(603, -1), "
    "format_type(0, -1), format_type(99999999, -1)",
    "SELECT pg_size_pretty(0::bigint), pg_size_pretty(10239::bigint), pg_size_pretty(10240::bigint), "
    "pg_size_pretty(-123456789::bigint), "
    "pg_size_pretty(1048575::bigint), pg_size_pretty(9223372036854775807), pg_size_pretty(NULL::bigint)",
    "SELECT x, pg_size_pretty(x) FROM (VALUES (0.50), (10239.9), (10240), (10241.5), (20479.5), (1048575.4), (-10240.5), (1e30), "
    "(15360.5), (10751), (10752), (10239.99999999999999999999999999999), ('NaN'), ('-Infinity'), (NULL)) v(x)",
    "SELECT pg_size_pretty(sum(reltuples::bigint * 0 + 20000)) FROM pg_class WHERE relname = 'flights'",
    "SELECT has_table_privilege('flights', 'select'), has_table_privilege('flights'::regclass, 'SELECT'), "
    "has_schema_privilege('public', 'USAGE'), has_table_privilege(NULL::text, 'SELECT')",
    "SELECT oid, oid::regprocedure, oid::regprocedure::text FROM pg_proc WHERE oid < 10000 ORDER BY 1",
    "SELECT oid, oid::regoperator, oid::regoperator::text FROM pg_operator ORDER BY 1",
    "SELECT oid, oid::regoper, oid::regoper::text FROM pg_operator WHERE oid < 200 ORDER BY 1",
    "SELECT 0::regoper, 0::regoperator, 0::regprocedure, 99999999::regoperator, NULL::regoper, 1::regoper::text, "
    "pg_typeof(96::regoperator), 96::regoper::oid, ARRAY[96::regoperator]",
    "SELECT pg_get_userbyid(424242), pg_get_userbyid(NULL), pg_is_in_recovery()",
    "SELECT pg_get_function_result(oid) FROM pg_proc WHERE proname IN ('lower', 'generate_series') ORDER BY oid",
    "SELECT pg_get_function_arguments(oid) FROM pg_proc WHERE proname IN "
    "('lower', 'concat', 'make_interval', 'jsonb_each', 'bpcharout', 'percentile_cont', 'mode', 'rank') ORDER BY oid",
    "SELECT format_type(1042, NULL), format_type(1014, NULL), 1042::regtype::text",
    # information_schema
    "SELECT table_schema, table_name, table_type, is_typed FROM information_schema.tables "
    "WHERE table_schema IN ('public', 'plant') ORDER BY 1, 2",
    "SELECT table_name, column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length, "
    "character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, udt_schema, udt_name, "
    "dtd_identifier, is_self_referencing, is_identity, is_generated FROM information_schema.columns "
    "WHERE table_schema IN ('public', 'plant') ORDER BY 1, 3",
    "SELECT constraint_name, table_name, constraint_type FROM information_schema.table_constraints "
    "WHERE table_schema = 'public' AND constraint_type = 'PRIMARY KEY'",
    "SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage WHERE table_schema = 'public'",
    "SELECT schema_name FROM information_schema.schemata WHERE schema_name !~ '^(pg_toast|fedgate)' ORDER BY 1",
    # psql's own
    """SELECT n.nspname as "Schema", c.relname as "Name", CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' END as "Type"
       FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
       WHERE c.relkind IN ('r','p','v','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast'
       AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2""",
    """SELECT n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname OPERATOR(pg_catalog.~) '^(flights)$' COLLATE pg_catalog.default
       AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1, 2""",
)


@pytest.mark.parametrize("statement", SAME)
def test_same_answer(statement: str, metadata: Metadata, postgres_says: Ask) -> None:
    mine, theirs = metadata.ask(statement), postgres_says(statement)
    assert mine.rows == theirs.rows
    assert mine.names == theirs.names
    assert mine.types == theirs.types
