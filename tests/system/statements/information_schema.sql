-- Views of the standard; what may be changed, AND who may do it, differs.
SELECT table_catalog,table_schema,table_name,table_type,is_typed FROM information_schema.tables WHERE table_schema<>'fedgate';
SELECT table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
    character_maximum_length, character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale,
    datetime_precision, interval_type, interval_precision, character_set_catalog, character_set_schema, character_set_name,
    collation_catalog, collation_schema, collation_name, domain_catalog, domain_schema, domain_name, udt_catalog,
    udt_schema, udt_name, scope_catalog, maximum_cardinality, dtd_identifier, is_self_referencing, is_identity,
    identity_generation, identity_cycle, is_generated, generation_expression
    FROM information_schema.columns WHERE table_schema <> 'fedgate' AND data_type <> 'anyarray' AND column_name !~ '^stavalues|^most_common|^histogram|attmissingval'
    AND udt_name NOT IN ('pg_dependencies', 'pg_ndistinct') AND table_name NOT LIKE 'pg_stat%ext%';
SELECT * FROM information_schema.schemata WHERE schema_name NOT IN ('pg_toast','fedgate');
SELECT * FROM information_schema.element_types WHERE object_schema='public';
SELECT * FROM information_schema.data_type_privileges WHERE object_schema='public';
SELECT * FROM information_schema.column_udt_usage WHERE table_schema='public';
SELECT * FROM information_schema.collations WHERE collation_name IN ('default','C');
SELECT * FROM information_schema.character_sets;
SELECT constraint_catalog,constraint_schema,table_name,constraint_type,is_deferrable,enforced,nulls_distinct FROM information_schema.table_constraints WHERE table_schema IN ('public','plant');
SELECT check_clause FROM information_schema.check_constraints WHERE constraint_schema IN ('public','plant');
SELECT * FROM information_schema.key_column_usage WHERE table_schema IN ('public','plant');
SELECT * FROM information_schema.constraint_column_usage WHERE table_schema IN ('public','plant');
SELECT * FROM information_schema.constraint_table_usage WHERE table_schema IN ('public','plant');
SELECT * FROM information_schema.referential_constraints;
SELECT * FROM information_schema.domains;
SELECT * FROM information_schema.domain_constraints;
SELECT * FROM information_schema.domain_udt_usage;
SELECT * FROM information_schema.routines WHERE routine_name !~ 'plpgsql';
SELECT * FROM information_schema.parameters WHERE specific_name !~ 'plpgsql';
SELECT * FROM information_schema.sql_features;
SELECT * FROM information_schema.sql_sizing;
SELECT * FROM information_schema.sql_parts;
SELECT * FROM information_schema.sql_implementation_info;
