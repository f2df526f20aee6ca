-- driver: what it is
SELECT version()

-- driver: base, range, multirange, enum and array types
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid FROM (SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind, elemtyp.oid AS elemtypoid, elemtyp.typname AS elemtypname, elemcls.relkind AS elemrelkind, CASE WHEN elemproc.proname = 'array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype FROM (SELECT t.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid, CASE WHEN p.proname = 'array_recv' THEN 'a' ELSE typtype END AS typtype, CASE WHEN p.proname = 'array_recv' THEN typelem WHEN typtype = 'r' THEN rngsubtype WHEN typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid) WHEN typtype = 'd' THEN typbasetype END AS elemtypoid FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid LEFT JOIN pg_proc AS p ON p.oid = t.typreceive LEFT JOIN pg_range AS r ON rngtypid = t.oid) AS typ LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = typ.elemtypoid LEFT JOIN pg_class AS elemcls ON elemcls.oid = elemtyp.typrelid LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive) AS t JOIN pg_namespace AS ns ON ns.oid = typnamespace WHERE (typtype IN ('b', 'r', 'm', 'e', 'd') OR (typtype = 'c' AND relkind = 'c') OR (typtype = 'p' AND typname IN ('record', 'void', 'unknown')) OR (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR (elemtyptype = 'c' AND elemrelkind = 'c')))) AND t.oid < 10000 ORDER BY CASE WHEN typtype IN ('b', 'e', 'p') THEN 0 WHEN typtype = 'r' THEN 1 WHEN typtype = 'm' THEN 2 WHEN typtype = 'c' THEN 3 WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4 WHEN typtype = 'a' THEN 5 ELSE 6 END, t.oid

-- driver: fields of composite types
SELECT typ.oid, att.attname, att.atttypid FROM pg_type AS typ JOIN pg_namespace AS ns ON ns.oid = typ.typnamespace JOIN pg_class AS cls ON cls.oid = typ.typrelid JOIN pg_attribute AS att ON att.attrelid = typ.typrelid WHERE typ.typtype = 'c' AND cls.relkind = 'c' AND att.attnum > 0 AND NOT att.attisdropped ORDER BY typ.oid, att.attnum

-- driver: labels of enums
SELECT t.oid, enumlabel FROM pg_enum JOIN pg_type AS t ON t.oid = enumtypid ORDER BY oid, enumsortorder

-- driver: a pool's reset
DISCARD ALL

-- driver: settings that it reads
SELECT current_setting('max_index_keys'), current_setting('standard_conforming_strings'), current_setting('client_encoding')

-- navigator: the database
SELECT current_database() AS database_name

-- navigator: its tables and views
SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY table_schema, table_name

-- navigator: tables, views, materialized views together
SELECT n.nspname, c.relname, c.relkind FROM pg_class c INNER JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2

-- columns with types
SELECT column_name, ordinal_position, is_nullable, CASE WHEN data_type ILIKE '%timestamp%' THEN 'timestamp' ELSE data_type END AS data_type, character_maximum_length, numeric_precision, numeric_scale, datetime_precision FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'readings' ORDER BY table_schema, table_name, ordinal_position

-- columns of every kind of type
SELECT column_name, ordinal_position, is_nullable, data_type, udt_name, character_maximum_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, interval_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'kinds' ORDER BY ordinal_position

-- columns of a table that needs quotes
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'plant' AND table_name = 'Odd names' ORDER BY ordinal_position

-- keys of a table
SELECT i.constraint_schema || '_' || i.constraint_name AS index_name, ii.column_name, ii.ordinal_position, CASE WHEN i.constraint_type = 'PRIMARY KEY' THEN 'Y' ELSE 'N' END AS primary_key FROM information_schema.table_constraints i INNER JOIN information_schema.key_column_usage ii ON i.constraint_schema = ii.constraint_schema AND i.constraint_name = ii.constraint_name AND i.table_schema = ii.table_schema AND i.table_name = ii.table_name WHERE i.table_schema = 'public' AND i.table_name = 'readings' AND i.constraint_type IN ('PRIMARY KEY', 'UNIQUE') ORDER BY 1, ii.table_schema, ii.table_name, ii.ordinal_position

-- tables that this one points to
SELECT pkcol.column_name AS pk_column_name, fkcol.table_schema, fkcol.table_name, fkcol.column_name AS fk_column_name, fkcol.ordinal_position, fkcon.constraint_schema || '_' || fkcol.table_name || '_' || 'readings' || '_' || fkcon.constraint_name AS fk_name FROM (SELECT DISTINCT constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name FROM information_schema.referential_constraints) fkcon INNER JOIN information_schema.key_column_usage fkcol ON fkcon.constraint_schema = fkcol.constraint_schema AND fkcon.constraint_name = fkcol.constraint_name INNER JOIN information_schema.key_column_usage pkcol ON fkcon.unique_constraint_schema = pkcol.constraint_schema AND fkcon.unique_constraint_name = pkcol.constraint_name WHERE pkcol.table_schema = 'public' AND pkcol.table_name = 'readings' AND pkcol.ordinal_position = fkcol.ordinal_position ORDER BY fk_name, fkcol.ordinal_position

-- views and what they are of
SELECT table_schema, table_name, view_definition IS NOT NULL AS known, check_option, is_updatable FROM information_schema.views WHERE table_schema = 'public'

-- gateway service: functions and procedures
SELECT routine_schema, routine_name FROM information_schema.routines WHERE routine_schema NOT IN ('pg_catalog', 'information_schema')

-- preview
select "$Table"."site" as "site", "$Table"."device" as "device", "$Table"."ts" as "ts", "$Table"."price" as "price" from "public"."readings" "$Table" order by 1, 2, 3 limit 20

-- a refresh in its transaction
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED

-- the rows of the refresh
select "_"."site", "_"."n", "_"."m" from (select "rows"."site" as "site", count(1) as "n", max("rows"."price") as "m" from (select "site", "price" from "public"."readings" "$Table" where "ok" = true) "rows" group by "site") "_" where not "_"."m" is null order by 1

-- the end of the refresh
COMMIT
