-- connection test
SELECT 1

-- zone of the database
SHOW timezone

-- the zone that an administrator chose
SET SESSION TIMEZONE TO 'Europe/Berlin'

-- back to the zone
SET SESSION TIMEZONE TO 'UTC'

-- read only and its level, as a pool sets them
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY

-- a pool's check
SELECT current_setting('transaction_read_only')

-- schemas
SELECT nspname AS "TABLE_SCHEM", NULL AS "TABLE_CATALOG" FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1]) AND (nspname !~ '^pg_toast_temp_' OR nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_')) ORDER BY "TABLE_SCHEM"

-- tables with comments and estimates of rows
SELECT n.nspname AS schema, c.relname AS name, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' END AS type, d.description, s.n_live_tup IS NULL AS not_counted FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid LEFT JOIN pg_catalog.pg_description d ON c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass LEFT JOIN pg_stat_user_tables s ON n.nspname = s.schemaname AND c.relname = s.relname WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> 'fedgate' AND c.relkind IN ('r', 'p', 'v', 'f', 'm') AND n.nspname IN ('public', 'plant') ORDER BY 3, 1, 2

-- what the user may do with tables
WITH privileges AS (SELECT NULL AS role, t.schemaname AS schema, t.objectname AS "table", pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'update') AS "update", pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') AS "select", pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'insert') AS "insert", pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'delete') AS "delete" FROM (SELECT schemaname, tablename AS objectname FROM pg_catalog.pg_tables UNION SELECT schemaname, viewname FROM pg_catalog.pg_views UNION SELECT schemaname, matviewname FROM pg_catalog.pg_matviews) t WHERE t.schemaname !~ '^pg_' AND t.schemaname <> 'information_schema' AND pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage')) SELECT p.* FROM privileges p WHERE "select" ORDER BY 2, 3

-- fields with types, keys and comments
SELECT c.column_name AS name, CASE WHEN c.udt_schema IN ('public', 'pg_catalog') THEN format('%s', c.udt_name) ELSE format('"%s"."%s"', c.udt_schema, c.udt_name) END AS database_type, c.ordinal_position - 1 AS database_position, c.table_schema, c.table_name, pk.column_name IS NOT NULL AS pk, col_description(CAST(CAST(format('%I.%I', CAST(c.table_schema AS text), CAST(c.table_name AS text)) AS regclass) AS oid), c.ordinal_position) AS field_comment, (column_default IS NULL OR lower(column_default) = 'null') AND is_nullable = 'NO' AND NOT (column_default IS NOT NULL AND column_default LIKE '%nextval(%' OR is_identity <> 'NO') AS required, column_default IS NOT NULL AND column_default LIKE '%nextval(%' OR is_identity <> 'NO' AS auto_increment FROM information_schema.columns c LEFT JOIN (SELECT tc.table_schema, tc.table_name, kc.column_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kc ON tc.constraint_name = kc.constraint_name AND tc.table_schema = kc.table_schema AND tc.table_name = kc.table_name WHERE tc.constraint_type = 'PRIMARY KEY') pk ON c.table_schema = pk.table_schema AND c.table_name = pk.table_name AND c.column_name = pk.column_name WHERE c.table_schema !~ '^information_schema|catalog_history|pg_' AND c.table_schema IN ('public', 'plant') UNION ALL SELECT a.attname, CASE WHEN tn.nspname IN ('public', 'pg_catalog') THEN format('%s', t.typname) ELSE format('"%s"."%s"', tn.nspname, t.typname) END, a.attnum - 1, n.nspname, c.relname, false, NULL, false, false FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE c.relkind = 'm' AND a.attnum >= 1 ORDER BY 4, 5, 3

-- foreign keys
SELECT fn.nspname AS "fk-table-schema", ft.relname AS "fk-table-name", fc.attname AS "fk-column-name", pn.nspname AS "pk-table-schema", pt.relname AS "pk-table-name", pc.attname AS "pk-column-name" FROM pg_constraint c JOIN pg_class ft ON c.conrelid = ft.oid JOIN pg_namespace fn ON c.connamespace = fn.oid JOIN pg_attribute fc ON c.conrelid = fc.attrelid JOIN pg_class pt ON c.confrelid = pt.oid JOIN pg_namespace pn ON pt.relnamespace = pn.oid JOIN pg_attribute pc ON c.confrelid = pc.attrelid WHERE fn.nspname !~ '^information_schema|catalog_history|pg_' AND c.contype = 'f'::char AND fc.attnum = ANY(c.conkey) AND pc.attnum = ANY(c.confkey) ORDER BY 1, 2

-- columns that an index starts with
SELECT x.table_schema, x.table_name, trim(BOTH '"' FROM pg_catalog.pg_get_indexdef(x.ci_oid, x.pos, false)) AS field_name FROM (SELECT n.nspname AS table_schema, ct.relname AS table_name, ci.oid AS ci_oid, (information_schema._pg_expandarray(i.indkey)).n AS pos FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_namespace n ON ct.relnamespace = n.oid JOIN pg_catalog.pg_index i ON ct.oid = i.indrelid JOIN pg_catalog.pg_class ci ON ci.oid = i.indexrelid WHERE pg_catalog.pg_get_expr(i.indpred, i.indrelid) IS NULL AND n.nspname !~ '^information_schema|catalog_history|pg_') x WHERE x.pos = 1

-- types that are enums
SELECT nspname, typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (SELECT DISTINCT enumtypid FROM pg_enum e)

-- is a table still there
SELECT 1 AS "_" FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'readings'

-- one row of nothing, to see whether a table can be read
SELECT TRUE AS "_" FROM "public"."readings" WHERE 1 <> 1 LIMIT 0

-- functions for the editor
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' ORDER BY 1

-- roles that a user may take
SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'member') AND rolname = current_user

-- a question in a transaction that is rolled back
BEGIN

-- its statement
SELECT "public"."readings"."site" AS "site", COUNT(*) AS "count" FROM "public"."readings" GROUP BY "public"."readings"."site" ORDER BY "public"."readings"."site" ASC

-- its end
ROLLBACK
