-- Whole relations, but for columns that hold files, rights, code and counters.
SELECT oid, relname, relnamespace, reltype, reloftype, relowner, relam, reltablespace, relhasindex, relisshared,
    relpersistence, relkind, relnatts, relchecks, relhasrules, relhastriggers, relhassubclass, relrowsecurity,
    relforcerowsecurity, relispopulated, relreplident, relispartition, relrewrite, reloptions, relpartbound
    FROM pg_class WHERE relnamespace <> 99 AND relname !~ '^pg_toast' AND relnamespace <> 14999;
SELECT attrelid, attname, atttypid, attstattarget, attlen, attnum, attndims, attcacheoff, atttypmod, attbyval, attalign, attstorage,
    attcompression, attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal, attinhcount,
    attcollation, attoptions, attfdwoptions FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE relnamespace <> 99 AND relname !~ '^pg_toast' AND relnamespace <> 14999 AND attnum > -7;
SELECT oid, typname, typnamespace, typowner, typlen, typbyval, typtype, typcategory, typispreferred, typisdefined, typdelim, typrelid,
    typsubscript, typelem, typarray, typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typalign, typstorage,
    typnotnull, typbasetype, typtypmod, typndims, typcollation, typdefault FROM pg_type
    WHERE typnamespace <> 14999;
SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname NOT IN ('pg_toast', 'fedgate');
SELECT i.* FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace <> 99 AND c.relname !~ '^pg_toast';
SELECT oid, conname, connamespace, contype, condeferrable, condeferred, convalidated, conrelid, contypid, conindid, conparentid,
    confrelid, confupdtype, confdeltype, confmatchtype, conislocal, coninhcount, connoinherit, conkey, confkey FROM pg_constraint;
SELECT d.* FROM pg_description d WHERE objoid < 12000 AND classoid <> 3456;
SELECT d.* FROM pg_description d JOIN pg_class c ON c.oid = d.objoid WHERE classoid = 1259 AND relnamespace <> 14999;
SELECT r.oid, rulename, ev_class, ev_type, ev_enabled, is_instead FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class
    WHERE relnamespace <> 14999;
SELECT d.* FROM pg_depend d JOIN pg_class c ON c.oid = d.objid WHERE c.relnamespace <> 99 AND classid = 1259 AND objid > 16384;
SELECT d.* FROM pg_depend d WHERE classid IN (1247, 2606) AND objid > 16384;
SELECT schemaname, tablename, tableowner, hasindexes, hasrules, hastriggers, rowsecurity FROM pg_tables WHERE schemaname <> 'fedgate';
SELECT * FROM pg_indexes WHERE schemaname <> 'pg_catalog';
SELECT schemaname, viewname, viewowner FROM pg_views WHERE schemaname <> 'fedgate';
SELECT relid, schemaname, relname, n_live_tup, n_dead_tup, last_vacuum, last_analyze, idx_scan FROM pg_stat_user_tables;
SELECT relid, indexrelid, schemaname, relname, indexrelname, idx_scan FROM pg_stat_user_indexes;
SELECT relid, indexrelid, schemaname, relname, indexrelname FROM pg_statio_user_indexes;
-- The same in every database.
SELECT * FROM pg_collation WHERE collname IN ('default', 'C', 'POSIX', 'ucs_basic');
SELECT * FROM pg_am;
SELECT * FROM pg_amop;
SELECT * FROM pg_amproc;
SELECT * FROM pg_aggregate;
SELECT * FROM pg_cast;
SELECT * FROM pg_conversion;
SELECT * FROM pg_opclass;
SELECT * FROM pg_operator;
SELECT * FROM pg_opfamily;
SELECT * FROM pg_range;
SELECT * FROM pg_ts_config;
SELECT * FROM pg_ts_config_map;
SELECT * FROM pg_ts_dict;
SELECT * FROM pg_ts_parser;
SELECT * FROM pg_ts_template;
SELECT oid, lanname, lanowner, lanispl, lanpltrusted, lanplcallfoid FROM pg_language WHERE lanname <> 'plpgsql';
SELECT oid, proname, pronamespace, proowner, prolang, procost, prorows, provariadic, prosupport, prokind, prosecdef, proleakproof,
    proisstrict, proretset, provolatile, proparallel, pronargs, pronargdefaults, prorettype, proargtypes, proallargtypes, proargmodes,
    proargnames, prosrc, probin, proconfig FROM pg_proc WHERE proname !~ 'plpgsql';
SELECT * FROM pg_roles WHERE rolname ~ '^pg_';
SELECT * FROM pg_auth_members WHERE roleid < 16384;
SELECT datname, pg_get_userbyid(datdba), encoding, datlocprovider, datistemplate, datallowconn, datconnlimit, dattablespace, datcollate,
    datctype FROM pg_database WHERE datname = current_database();
SELECT count(*) FROM pg_attrdef;
SELECT count(*) FROM pg_inherits;
SELECT count(*) FROM pg_enum;
SELECT count(*) FROM pg_trigger;
SELECT count(*) FROM pg_policies;
SELECT count(*) FROM pg_matviews;
SELECT count(*) FROM pg_sequences;
SELECT count(*) FROM pg_foreign_table;
SELECT count(*) FROM pg_publication;
