-- What clients were seen to ask, one question each.
select 'readings'::regclass::text || '.' || 'x', relnamespace::regnamespace || '.' || relname from pg_class where relname='readings';
select 'trigger'::regtype::oid, 'internal'::regtype::text, 'pg_catalog.void'::regtype::oid, 'int4[]'::regtype::oid, 'character varying'::regtype::oid;
select count(*) from pg_proc p where p.prorettype::regtype != 'trigger'::regtype and p.proname='lower';
select (aclexplode(relacl)).grantee from pg_class where relname='flights_pkey';
select n.nspname, (aclexplode(coalesce(c.relacl, NULL))).privilege_type from pg_class c join pg_namespace n on n.oid=c.relnamespace where c.relname='daily';
select array[23,25]::oid[]::regtype[]::text[], array[23,1042]::oid[]::regtype[]::text;
select has_table_privilege('readings','SELECT'), has_table_privilege('readings'::regclass,'SELECT'), has_table_privilege(99999999::oid,'SELECT'), has_table_privilege(NULL::text,'SELECT');
select pg_type_is_visible(oid) from pg_type where typname in ('int4','yes_or_no','flights','Sensors') order by typname;
select pg_function_is_visible(oid) from pg_proc where proname in ('now','_pg_expandarray') order by proname;
select array_to_string(NULL::text[] || array(select 'x'::text where false), ', ') from pg_class where relname='flights';
select format_type(atttypid,atttypmod) from pg_attribute where attrelid='information_schema.tables'::regclass and attnum in (1,4,12) order by attnum;
select typname, typreceive from pg_type where oid < 100;
select rolname, rolcanlogin, rolsuper, rolreplication, rolbypassrls from pg_roles where rolname = current_user;
select nspname from pg_namespace where nspname<>'fedgate';
SELECT a.attname FROM pg_attribute a JOIN (SELECT unnest(ix.indkey) attnum, generate_subscripts(ix.indkey, 1) ord FROM pg_index ix WHERE ix.indrelid = 'readings'::regclass AND ix.indisprimary) k ON a.attnum=k.attnum WHERE a.attrelid = 'readings'::regclass ORDER BY k.ord;
select * from pg_get_keywords();
select string_agg(word, ',' order by word) from pg_catalog.pg_get_keywords() where word <> ALL ('{a,abs,absolute}'::text[]);
select upper(word) from pg_get_keywords() where catcode in ('C','R') order by 1;
