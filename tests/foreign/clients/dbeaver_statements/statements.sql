-- connect: bootstrap
SELECT current_database()

-- connect: the server
SELECT version()

-- connect: where am I
SELECT current_schema(), session_user

-- connect: the path
SHOW search_path

-- connect: digits of floats, as the driver sets them
SET extra_float_digits = 3

-- connect: its name
SET application_name = 'DBeaver 26.3.1 - Main <fedgate>'

-- connect: columns that a server may lack
SELECT reltype FROM pg_catalog.pg_class WHERE 1 <> 1 LIMIT 1

-- connect: columns of types
SELECT typcategory FROM pg_catalog.pg_type WHERE 1 <> 1 LIMIT 1

-- databases
SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate OR db.datname = 'fedgate' ORDER BY db.datname

-- a database
SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datname = 'fedgate'

-- a database's comment
SELECT description FROM pg_shdescription JOIN pg_database ON objoid = pg_database.oid WHERE datname = 'fedgate'

-- templates
SELECT db.datname FROM pg_catalog.pg_database db WHERE datistemplate

-- sizes of databases
SELECT db.datname, pg_database_size(db.oid) >= 0 FROM pg_catalog.pg_database db WHERE db.datname = 'fedgate'

-- data types of the catalogs
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name, d.description FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid = t.typelem LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid AND d.classoid = 'pg_type'::regclass WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C') AND t.typnamespace = 'pg_catalog'::regnamespace AND t.oid < 10000 ORDER BY t.oid

-- a data type by its number
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_class c ON c.oid = t.typrelid LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid WHERE t.oid = 1184

-- data types of a schema
SELECT t.typname, t.typtype, c.relkind FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE t.typnamespace = 'public'::regnamespace ORDER BY 1

-- schemas
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass WHERE nspname NOT LIKE 'pg_t%' AND nspname <> 'fedgate' ORDER BY nspname

-- a schema's number
SELECT s.oid AS schema_id FROM pg_catalog.pg_namespace s WHERE s.nspname = 'public'

-- tables of a schema
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr, pg_catalog.pg_get_partkeydef(c.oid) AS partition_key FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('i', 'I', 'c') ORDER BY c.relname

-- one table
SELECT c.oid, c.relname, c.relkind, c.relnatts, c.relhasindex, d.description FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('i', 'I', 'c') AND relname = 'readings'

-- columns of a table
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid WHERE NOT a.attisdropped AND a.attnum > 0 AND c.relkind NOT IN ('i', 'I', 'c') AND c.oid = 'public.readings'::regclass ORDER BY a.attnum

-- columns of all tables of a schema
SELECT c.relname, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated, a.attcollation, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) WHERE NOT a.attisdropped AND a.attnum > 0 AND c.relkind NOT IN ('i', 'I', 'c') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum

-- constraints of a table
SELECT c.oid, c.*, t.relname AS tabrelname, rt.relnamespace AS refnamespace, d.description, CASE WHEN c.contype = 'c' THEN "substring"(pg_get_constraintdef(c.oid), 7) ELSE NULL END consrc_copy FROM pg_catalog.pg_constraint c INNER JOIN pg_catalog.pg_class t ON t.oid = c.conrelid LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = c.confrelid LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass WHERE c.conrelid = 'public.readings'::regclass ORDER BY c.conname

-- constraints of a schema, as text
SELECT t.relname, c.conname, c.contype, c.conkey, pg_catalog.pg_get_constraintdef(c.oid), pg_catalog.pg_get_constraintdef(c.oid, true) FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid WHERE t.relnamespace = 'public'::regnamespace ORDER BY 1, 2

-- who points to a table
SELECT DISTINCT connamespace FROM pg_catalog.pg_constraint WHERE confrelid = 'public.readings'::regclass

-- indexes of a table
SELECT i.*, i.indkey AS keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname AS tabrelname, dsc.description, pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) AS expr FROM pg_catalog.pg_index i INNER JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid INNER JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid = dsc.objoid WHERE i.indrelid = 'public.readings'::regclass ORDER BY c.relname

-- an index's text
SELECT c.relname, pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.pg_get_indexdef(i.indexrelid, 1, true) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid WHERE t.relnamespace = 'public'::regnamespace ORDER BY 1

-- triggers
SELECT x.oid, x.*, p.pronamespace AS func_schema_id, d.description FROM pg_catalog.pg_trigger x LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid = x.tgfoid LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = x.oid AND d.objsubid = 0 WHERE x.tgrelid = 'public.readings'::regclass AND NOT x.tgisinternal

-- rules
SELECT r.oid, r.*, pg_get_ruledef(r.oid) AS definition FROM pg_rewrite r WHERE r.ev_class = 'public.readings'::regclass AND r.rulename <> '_RETURN'::name

-- policies
SELECT * FROM pg_catalog.pg_policies WHERE schemaname = 'public' AND tablename = 'readings'

-- parents and partitions
SELECT i.*, c.relnamespace FROM pg_catalog.pg_inherits i, pg_catalog.pg_class c WHERE i.inhrelid = 'public.readings'::regclass AND c.oid = i.inhparent ORDER BY i.inhseqno

-- a partition's range
SELECT pg_get_expr(c.relpartbound, c.oid, true) AS partition_range FROM "pg_catalog".pg_class c WHERE relname = 'readings' AND relnamespace = 'public'::regnamespace

-- sizes of a schema
SELECT c.relname, pg_catalog.pg_total_relation_size(c.oid) >= 0 AS total_rel_size, pg_catalog.pg_relation_size(c.oid) >= 0 AS rel_size FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1

-- a view's text
SELECT pg_get_viewdef('public.hourly'::regclass, true)

-- a view's text, plain, and by its name
SELECT pg_get_viewdef('public.hourly'::regclass) = pg_get_viewdef('public.hourly'), (SELECT definition FROM pg_catalog.pg_views WHERE schemaname = 'public' AND viewname = 'hourly') IS NOT NULL

-- functions of a schema
SELECT p.oid AS poid, p.*, pg_catalog.pg_get_expr(p.proargdefaults, 0) AS arg_defaults, d.description FROM pg_catalog.pg_proc p LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass AND d.objsubid = 0 WHERE p.pronamespace = 'public'::regnamespace ORDER BY p.proname

-- aggregates of the catalogs
SELECT p.oid AS proc_oid, p.proname AS proc_name, a.* FROM pg_catalog.pg_aggregate a, pg_catalog.pg_proc p WHERE p.oid = a.aggfnoid AND p.pronamespace = 'public'::regnamespace ORDER BY p.proname

-- sequences
SELECT * FROM pg_catalog.pg_sequences WHERE schemaname = 'public'

-- enums
SELECT * FROM pg_catalog.pg_enum

-- extensions of the server
SELECT e.extname, e.extversion, cfg.tbls, n.nspname AS schema_name FROM pg_catalog.pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace LEFT JOIN (SELECT array_agg(ns.nspname || '.' || cls.relname) tbls, oid_ext FROM (SELECT unnest(e1.extconfig) oid, e1.oid oid_ext FROM pg_catalog.pg_extension e1) c JOIN pg_class cls ON cls.oid = c.oid JOIN pg_namespace ns ON ns.oid = cls.relnamespace GROUP BY oid_ext) cfg ON cfg.oid_ext = e.oid WHERE e.extname <> 'plpgsql' ORDER BY 1

-- roles
SELECT a.rolname, a.rolcanlogin, a.rolreplication, pd.description FROM pg_catalog.pg_roles a LEFT JOIN pg_catalog.pg_shdescription pd ON a.oid = pd.objoid WHERE a.rolname = current_user ORDER BY a.rolname

-- members of a role
SELECT * FROM pg_catalog.pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = current_user)

-- settings of a role
SELECT s.setconfig, pd.datname FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database pd ON s.setdatabase = pd.oid WHERE s.setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)

-- privileges of a role on other objects
SELECT * FROM (SELECT DISTINCT relnamespace, relacl, relname, relkind, (aclexplode(relacl)).grantee AS granteei FROM pg_class WHERE relacl IS NOT NULL AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' AND nspname <> 'information_schema')) AS tr WHERE tr.granteei = 0 AND tr.relkind IN ('S', 'm', 'C')

-- default privileges
SELECT * FROM pg_default_acl WHERE defaclnamespace = 'public'::regnamespace

-- access methods
SELECT am.oid, am.* FROM pg_catalog.pg_am am ORDER BY am.oid

-- operator classes of an access method
SELECT oc.oid, oc.* FROM pg_catalog.pg_opclass oc WHERE oc.opcmethod = 403 AND oc.oid < 10000 ORDER BY oc.oid

-- encodings
SELECT c.contoencoding AS encid, pg_catalog.pg_encoding_to_char(c.contoencoding) AS encname FROM pg_catalog.pg_conversion c GROUP BY c.contoencoding ORDER BY 2

-- collations
SELECT c.oid, c.collname, c.collencoding FROM pg_catalog.pg_collation c WHERE c.oid < 10000 ORDER BY c.oid

-- languages
SELECT l.lanname, l.lanispl, l.lanpltrusted FROM pg_catalog.pg_language l WHERE l.lanname <> 'plpgsql' ORDER BY l.oid

-- foreign data wrappers
SELECT l.oid, l.*, p.pronamespace AS handler_schema_id FROM pg_catalog.pg_foreign_data_wrapper l LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid = l.fdwhandler ORDER BY l.fdwname

-- foreign servers
SELECT l.oid, l.* FROM pg_catalog.pg_foreign_server l ORDER BY l.srvname

-- tablespaces
SELECT t.oid, t.*, pg_tablespace_location(t.oid) loc FROM pg_catalog.pg_tablespace t ORDER BY t.oid

-- available extensions
SELECT name FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb'

-- event triggers
SELECT pet.*, d.description FROM pg_catalog.pg_event_trigger pet LEFT OUTER JOIN pg_catalog.pg_description d ON pet.oid = d.objoid

-- what depends on a table
SELECT DISTINCT dep.deptype, dep.classid::regclass::text, cl.relkind FROM pg_depend dep LEFT JOIN pg_class cl ON dep.objid = cl.oid LEFT JOIN pg_attribute att ON dep.objid = att.attrelid AND dep.objsubid = att.attnum LEFT JOIN pg_rewrite rw ON dep.objid = rw.oid LEFT JOIN pg_class clrw ON clrw.oid = rw.ev_class WHERE dep.refobjid = 'plant."Odd names"'::regclass AND dep.deptype = 'e' ORDER BY 1

-- search of objects
SELECT pc.relname, pc.relkind, pc.relnamespace FROM pg_catalog.pg_class pc LEFT JOIN pg_catalog.pg_description d ON d.objoid = pc.oid AND d.objsubid = 0 WHERE pc.relkind IN ('r', 'v', 'm', 'f', 'p') AND (pc.relname ILIKE '%read%' OR d.description ILIKE '%read%') AND pc.relnamespace IN ('public'::regnamespace, 'plant'::regnamespace) ORDER BY pc.relname LIMIT 100

-- search of columns
SELECT x.attname, x.attrelid::regclass::text, x.atttypid, x.attnum FROM pg_catalog.pg_attribute x, pg_catalog.pg_class c WHERE c.oid = x.attrelid AND x.attname LIKE '%ite%' AND c.relnamespace IN ('public'::regnamespace) AND c.relkind IN ('r', 'v') ORDER BY 2, 1 LIMIT 10

-- search of constraints
SELECT co.conname, n.nspname, co.contype FROM pg_catalog.pg_constraint co JOIN pg_catalog.pg_namespace n ON n.oid = co.connamespace WHERE co.conname ILIKE '%pkey%' AND n.nspname = 'public' ORDER BY 1

-- the schema's name space
SELECT oid::regclass::text, relkind FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace AND relname = 'readings'

-- settings
SELECT name, setting, unit, vartype FROM pg_catalog.pg_settings WHERE name IN ('search_path', 'standard_conforming_strings', 'server_encoding', 'max_identifier_length') ORDER BY 1

-- sessions
SELECT sa.datname, sa.usename, sa.state, sa.backend_type, sa.query IS NOT NULL AS asked FROM pg_catalog.pg_stat_activity sa WHERE sa.pid = pg_backend_pid()

-- locks of a session
SELECT coalesce(db.datname, '') AS datname, coalesce(lock.locktype, '') AS locktype, coalesce(lock.relation::regclass::varchar, '') AS relation, coalesce(lock.mode, '') AS mode, coalesce(lock.transactionid::varchar, '') AS tid, lock.page AS page, lock.tuple AS tuple, lock.granted FROM pg_catalog.pg_locks lock LEFT JOIN pg_catalog.pg_database db ON db.oid = lock.database WHERE lock.pid = 0

-- who waits for whom
WITH locks AS (SELECT pid, locktype, mode, granted, transactionid tid, relation, page, tuple FROM pg_locks), conflict AS (SELECT * FROM (VALUES ('AccessShareLock', 'AccessExclusiveLock', 1), ('ShareLock', 'RowExclusiveLock', 1)) AS t (mode1, mode2, prt)), real_locks AS (SELECT la.pid AS blocked_pid, a.usename AS blocked_user FROM (SELECT l.*, c.mode2, l2.pid blocked, row_number() OVER (PARTITION BY l.pid ORDER BY c.prt) rid FROM locks l JOIN conflict c ON l.mode = c.mode1 JOIN locks l2 ON l2.locktype = l.locktype AND l2.mode = c.mode2 AND l2.granted AND l.pid <> l2.pid AND coalesce(l.tid::text, '*') || ':' || coalesce(l.relation::text, '*') = coalesce(l2.tid::text, '*') || ':' || coalesce(l2.relation::text, '*') WHERE NOT l.granted) la JOIN pg_catalog.pg_stat_activity a ON a.pid = la.pid WHERE la.rid = 1) SELECT blocked_pid, blocked_user FROM real_locks

-- privileges of tables
SELECT table_schema, table_name, privilege_type FROM information_schema.table_privileges WHERE table_catalog = 'fedgate' AND table_schema = 'public' AND grantee = 'nobody'

-- a plan
EXPLAIN (FORMAT JSON) SELECT count(*) FROM readings WHERE false

-- data: a page of a table
SELECT r.* FROM public.readings r ORDER BY site, device, ts LIMIT 5

-- data: the number of rows
SELECT count(*) FROM public.readings

-- data: manual commit
BEGIN

-- data: an error in a transaction
SELECT nope FROM public.readings

-- data: what comes after it
SELECT 1

-- data: and its end
ROLLBACK
