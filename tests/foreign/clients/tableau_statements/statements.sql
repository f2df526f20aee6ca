-- connect: what the server is
SELECT version()

-- connect: date style
SET DateStyle = 'ISO'

-- connect: digits of floats
SET extra_float_digits = 2

-- connect: bytes as they are
SHOW bytea_output

-- connect: names
SELECT current_database(), current_schema(), session_user = current_user

-- connect: large objects' type, which a driver asks for
SELECT oid, typbasetype FROM pg_type WHERE typname = 'lo'

-- connect: literals
SHOW standard_conforming_strings

-- capability: a local temporary table
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_2_Connect" ("COL" INTEGER) ON COMMIT PRESERVE ROWS

-- capability: it is there
SELECT "COL" FROM "#Tableau_1_2_Connect"

-- capability: rows go in
INSERT INTO "#Tableau_1_2_Connect" VALUES (1), (2)

-- capability: and come out
SELECT SUM("COL") FROM "#Tableau_1_2_Connect"

-- capability: dropped
DROP TABLE "#Tableau_1_2_Connect"

-- capability: a table from a query
SELECT * INTO TEMPORARY TABLE "#Tableau_1_3_Connect_CheckSelectInto" FROM (SELECT 1 AS "COL") AS "CHECKTEMP" LIMIT 1

-- capability: dropped, too
DROP TABLE "#Tableau_1_3_Connect_CheckSelectInto"

-- capability: a table as a query
CREATE TEMPORARY TABLE "#Tableau_1_4_Connect_CheckCreateTempTableAs" ON COMMIT PRESERVE ROWS AS SELECT "site", COUNT(*) AS "n" FROM "public"."readings" GROUP BY 1

-- capability: it joins
SELECT "t"."site", "t"."n", COUNT(1) FROM "public"."readings" "r" INNER JOIN "#Tableau_1_4_Connect_CheckCreateTempTableAs" "t" ON "r"."site" = "t"."site" GROUP BY 1, 2 ORDER BY 1

-- capability: dropped as well
DROP TABLE "#Tableau_1_4_Connect_CheckCreateTempTableAs"

-- capability: subqueries and their columns
SELECT "SUBQUERY"."COL" AS "COL" FROM (SELECT 1 AS "COL") "SUBQUERY" LIMIT 1

-- capability: a derived table grouped
SELECT "SUBCOL" AS "COL" FROM (SELECT 1 AS "SUBCOL") "SUBQUERY" GROUP BY 1

-- capability: HAVING without groups
SELECT 1 AS "COL" FROM (SELECT 1 AS "X") "C" HAVING COUNT(1) > 0

-- capability: boolean expressions
SELECT TRUE AS "COL", (1 = 1) IS NOT DISTINCT FROM TRUE

-- databases
SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1

-- schemas
SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' AND has_schema_privilege(nspname, 'USAGE') ORDER BY 1

-- tables as ODBC lists them
SELECT relname, nspname, relkind FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') AND n.oid = relnamespace ORDER BY nspname, relname

-- columns as ODBC lists them
SELECT n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid), CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE 0 END, t.typtypmod, 0, attidentity, c.relhassubclass FROM (((pg_catalog.pg_class c INNER JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.relname = 'readings' AND n.nspname = 'public') INNER JOIN pg_catalog.pg_attribute a ON (NOT a.attisdropped) AND a.attnum > 0 AND a.attrelid = c.oid) INNER JOIN pg_catalog.pg_type t ON t.oid = a.atttypid) LEFT OUTER JOIN pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum ORDER BY n.nspname, c.relname, attnum

-- primary keys as ODBC lists them
SELECT ta.attname, ia.attnum, ic.relname, n.nspname, tc.relname FROM pg_catalog.pg_attribute ta, pg_catalog.pg_attribute ia, pg_catalog.pg_class tc, pg_catalog.pg_index i, pg_catalog.pg_namespace n, pg_catalog.pg_class ic WHERE tc.relname = 'readings' AND n.nspname = 'public' AND tc.oid = i.indrelid AND n.oid = tc.relnamespace AND i.indisprimary = 't' AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid AND ta.attnum = i.indkey[ia.attnum - 1] AND (NOT ta.attisdropped) AND (NOT ia.attisdropped) AND ic.oid = i.indexrelid ORDER BY ia.attnum

-- foreign keys as ODBC lists them
SELECT 'public'::name AS "PKTABLE_SCHEM", n2.relname AS "PKTABLE_NAME", a2.attname AS "PKCOLUMN_NAME", n1.relname AS "FKTABLE_NAME", a1.attname AS "FKCOLUMN_NAME", i::int2 AS "KEY_SEQ" FROM (SELECT cn.conname, conrelid, confrelid, conkey, confkey, generate_series(array_lower(conkey, 1), array_upper(conkey, 1)) AS i FROM pg_catalog.pg_constraint cn, pg_catalog.pg_class c WHERE contype = 'f' AND c.oid = cn.conrelid AND c.relname = 'readings') ref, pg_catalog.pg_class n1, pg_catalog.pg_class n2, pg_catalog.pg_attribute a1, pg_catalog.pg_attribute a2 WHERE n1.oid = conrelid AND n2.oid = confrelid AND a1.attrelid = conrelid AND a1.attnum = conkey[i] AND a2.attrelid = confrelid AND a2.attnum = confkey[i]

-- indexes as ODBC lists them
SELECT c.relname, i.indkey, i.indisunique, i.indisclustered, a.amname, c.relhasrules, n.nspname, c.oid, d.relhasoids, i.indoption FROM pg_catalog.pg_index i, pg_catalog.pg_class c, (SELECT oid, relname, relnamespace, false AS relhasoids FROM pg_catalog.pg_class) d, pg_catalog.pg_am a, pg_catalog.pg_namespace n WHERE d.relname = 'readings' AND n.nspname = 'public' AND n.oid = d.relnamespace AND d.oid = i.indrelid AND i.indexrelid = c.oid AND c.relam = a.oid ORDER BY i.indisprimary DESC, i.indisunique, n.nspname, c.relname

-- stored procedures
SELECT p.proname, n.nspname FROM pg_catalog.pg_proc p, pg_catalog.pg_namespace n WHERE n.oid = p.pronamespace AND n.nspname NOT LIKE 'pg_%' AND n.nspname NOT IN ('information_schema', 'fedgate') ORDER BY 1

-- columns of a table, none of its rows
SELECT * FROM "public"."readings" "readings" LIMIT 0

-- columns of a query that a person wrote
SELECT * FROM ( select site, avg(temp) as t from readings group by site ) "Custom SQL Query" LIMIT 0

-- an extract: its transaction
BEGIN

-- an extract: its cursor
DECLARE "SQL_CUR0x5581" CURSOR WITH HOLD FOR SELECT "readings"."site" AS "site", "readings"."device" AS "device", "readings"."price" AS "price" FROM "public"."readings" "readings" WHERE "readings"."ts" < TIMESTAMP WITH TIME ZONE '2024-03-31 00:00:00+00' ORDER BY 1, 2, "readings"."ts"

-- an extract: the first rows
FETCH 10 IN "SQL_CUR0x5581"

-- an extract: the next
FETCH 100 IN "SQL_CUR0x5581"

-- an extract: the transaction ends
COMMIT

-- an extract: what is left
FETCH ALL IN "SQL_CUR0x5581"

-- an extract: closed
CLOSE "SQL_CUR0x5581"

-- initial SQL
SET search_path = public, plant

-- initial SQL: a zone
SET TIME ZONE 'America/New_York'

-- and back
RESET ALL

-- relative dates
SELECT DATE_TRUNC('MONTH', CAST(CURRENT_TIMESTAMP AS DATE)) <= NOW(), CURRENT_DATE - CURRENT_DATE
