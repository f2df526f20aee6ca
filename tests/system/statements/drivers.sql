-- psqlODBC: SQLTables, SQLColumns, SQLPrimaryKeys, SQLStatistics, SQLSpecialColumns.
SELECT relname, nspname, relkind FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n
    WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1', 'fedgate')
    AND n.oid = relnamespace ORDER BY nspname, relname;
SELECT n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules,
    c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid), CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE 0 END, t.typtypmod, 0,
    attidentity, c.relhassubclass
    FROM (((pg_catalog.pg_class c INNER JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.relname = 'readings'
        AND n.nspname = 'public') INNER JOIN pg_catalog.pg_attribute a ON (NOT a.attisdropped) AND a.attnum > 0 AND a.attrelid = c.oid)
        INNER JOIN pg_catalog.pg_type t ON t.oid = a.atttypid)
        LEFT OUTER JOIN pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum
    ORDER BY n.nspname, c.relname, attnum;
SELECT ta.attname, ia.attnum, ic.relname, n.nspname, tc.relname
    FROM pg_catalog.pg_attribute ta, pg_catalog.pg_attribute ia, pg_catalog.pg_class tc, pg_catalog.pg_index i,
    pg_catalog.pg_namespace n, pg_catalog.pg_class ic
    WHERE tc.relname = 'readings' AND n.nspname = 'public' AND tc.oid = i.indrelid AND n.oid = tc.relnamespace
    AND i.indisprimary = 't' AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid AND ta.attnum = i.indkey[ia.attnum - 1]
    AND (NOT ta.attisdropped) AND (NOT ia.attisdropped) AND ic.oid = i.indexrelid ORDER BY ia.attnum;
SELECT c.relname, i.indkey, i.indisunique, i.indisclustered, a.amname, c.relhasrules, n.nspname, c.oid, d.relhasoptions, i.indoption
    FROM pg_catalog.pg_index i, pg_catalog.pg_class c, (SELECT oid, relname, reloptions IS NOT NULL AS relhasoptions, relnamespace
        FROM pg_catalog.pg_class) d, pg_catalog.pg_am a, pg_catalog.pg_namespace n
    WHERE d.relname = 'readings' AND n.nspname = 'public' AND n.oid = d.relnamespace AND d.oid = i.indrelid
    AND i.indexrelid = c.oid AND c.relam = a.oid ORDER BY i.indisprimary DESC, i.indisunique, n.nspname, c.relname;
SELECT c.relhasrules, c.relkind, c.relhassubclass FROM pg_catalog.pg_namespace u, pg_catalog.pg_class c
    WHERE u.oid = c.relnamespace AND c.relname = 'readings' AND u.nspname = 'public';
-- npgsql: the types that it loads when it first connects.
SELECT version() LIKE 'PostgreSQL 15.%';
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
    FROM (SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind,
            elemtyp.oid AS elemtypoid, elemtyp.typname AS elemtypname, elemcls.relkind AS elemrelkind,
            CASE WHEN elemproc.proname = 'array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype
          FROM (SELECT typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
                CASE WHEN proc.proname = 'array_recv' THEN 'a' ELSE typ.typtype END AS typtype,
                CASE WHEN proc.proname = 'array_recv' THEN typ.typelem WHEN typ.typtype = 'r' THEN rngsubtype
                    WHEN typ.typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = typ.oid)
                    WHEN typ.typtype = 'd' THEN typ.typbasetype END AS elemtypoid
                FROM pg_type AS typ LEFT JOIN pg_class AS cls ON (cls.oid = typ.typrelid)
                LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive
                LEFT JOIN pg_range ON (pg_range.rngtypid = typ.oid)) AS typ
          LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elemtypoid LEFT JOIN pg_class AS elemcls ON (elemcls.oid = elemtyp.typrelid)
          LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive) AS t
    JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
    WHERE (typtype IN ('b', 'r', 'm', 'e', 'd') OR (typtype = 'c' AND relkind = 'c') OR (typtype = 'p' AND typname IN ('record', 'void', 'unknown'))
        OR (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void'))
        OR (elemtyptype = 'c' AND elemrelkind = 'c')))) AND ns.nspname <> 'fedgate'
    ORDER BY CASE WHEN typtype IN ('b', 'e', 'p') THEN 0 WHEN typtype = 'r' THEN 1 WHEN typtype = 'm' THEN 2 WHEN typtype = 'c' THEN 3
        WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4 WHEN typtype = 'a' THEN 5 WHEN typtype = 'd' AND elemtyptype = 'a' THEN 6 END;
SELECT typ.oid, att.attname, att.atttypid FROM pg_type AS typ JOIN pg_namespace AS ns ON (ns.oid = typ.typnamespace)
    JOIN pg_class AS cls ON (cls.oid = typ.typrelid) JOIN pg_attribute AS att ON (att.attrelid = typ.typrelid)
    WHERE (typ.typtype = 'c' AND cls.relkind = 'c') AND attnum > 0 AND NOT attisdropped ORDER BY typ.oid, att.attnum;
SELECT pg_type.oid, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid ORDER BY oid, enumsortorder;
-- asyncpg: the types around one, down to elements and attributes.
WITH RECURSIVE parts(oid, ns, name, kind, base, elem, delim, range, attributes, depth) AS (
    SELECT t.oid, n.nspname, t.typname, t.typtype, CASE WHEN t.typtype = 'd' THEN t.typbasetype END, t.typelem, t.typdelim,
        r.rngsubtype, CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(a.atttypid ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END, 0
    FROM pg_catalog.pg_type t INNER JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_range r ON r.rngtypid = t.oid WHERE t.oid = ANY ('{{type:public.readings},1016}'::oid[])
    UNION ALL
    SELECT t.oid, n.nspname, t.typname, t.typtype, CASE WHEN t.typtype = 'd' THEN t.typbasetype END, t.typelem, t.typdelim,
        r.rngsubtype, NULL::oid[], p.depth + 1
    FROM pg_catalog.pg_type t INNER JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_range r ON r.rngtypid = t.oid, parts p
    WHERE (p.elem <> 0 AND t.oid = p.elem) OR (p.attributes IS NOT NULL AND t.oid = ANY (p.attributes)))
    SELECT DISTINCT oid, ns, name, kind, base, elem, delim, range, attributes, depth, typinput::text, elem_name
    FROM (SELECT p.*, i.typinput, (SELECT e.typname FROM pg_type e WHERE e.oid = p.elem) AS elem_name
          FROM parts p JOIN pg_type i ON i.oid = p.oid) found ORDER BY depth DESC, oid;
-- psycopg's TypeInfo.fetch.
SELECT typname AS name, oid, typarray AS array_oid, oid::regtype::text AS regtype, typdelim AS delimiter
    FROM pg_type t WHERE t.oid = to_regtype('timestamptz') ORDER BY t.oid;
-- pgcli's completion.
SELECT n.nspname schema_name, c.relname table_name FROM pg_catalog.pg_class c
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = ANY ('{r,p,f}') AND n.nspname = 'public' ORDER BY 1, 2;
SELECT nsp.nspname schema_name, cls.relname table_name, att.attname column_name, att.atttypid::regtype::text type_name,
    att.atthasdef AS has_default, pg_catalog.pg_get_expr(def.adbin, def.adrelid, true) AS default
    FROM pg_catalog.pg_attribute att INNER JOIN pg_catalog.pg_class cls ON att.attrelid = cls.oid
    INNER JOIN pg_catalog.pg_namespace nsp ON cls.relnamespace = nsp.oid
    LEFT OUTER JOIN pg_attrdef def ON def.adrelid = att.attrelid AND def.adnum = att.attnum
    WHERE cls.relkind = ANY ('{r,v,m}') AND NOT att.attisdropped AND att.attnum > 0 AND nsp.nspname IN ('public', 'plant')
    ORDER BY 1, 2, att.attnum;
SELECT n.nspname schema_name, t.typname type_name FROM pg_catalog.pg_type t
    INNER JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid))
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
    AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND n.nspname <> 'fedgate' ORDER BY 1, 2;
SELECT n.nspname schema_name, p.proname func_name, p.proargnames, array_to_string(COALESCE(proallargtypes::regtype[], proargtypes::regtype[])::text[], ', '),
    p.proargmodes, prorettype::regtype::text return_type, p.prokind = 'a' is_aggregate, p.prokind = 'w' is_window,
    p.proretset is_set_returning, d.deptype = 'e' is_extension, pg_get_expr(proargdefaults, 0) AS arg_defaults
    FROM pg_catalog.pg_proc p INNER JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
    WHERE p.prorettype::regtype != 'trigger'::regtype AND p.proname IN ('upper', 'abs') AND p.pronargs < 2 ORDER BY p.oid;
-- DuckDB's scanner, and what dashboards ask for their pickers.
SELECT pg_namespace.oid AS namespace_id, relname, relpages, attname, pg_type.typname, atttypmod AS type_modifier,
    pg_attribute.attndims AS ndim, attnum, pg_attribute.attnotnull AS notnull, NULL AS constraint_id, NULL AS constraint_type,
    NULL AS constraint_key
    FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid JOIN pg_attribute ON pg_class.oid = pg_attribute.attrelid
    JOIN pg_type ON atttypid = pg_type.oid
    WHERE attnum > 0 AND relkind IN ('r', 'v', 'm', 'f', 'p') AND pg_namespace.nspname IN ('public', 'plant')
    UNION ALL
    SELECT pg_namespace.oid, relname, NULL, NULL, NULL, NULL, NULL, NULL, NULL, pg_constraint.oid, contype, conkey
    FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid JOIN pg_constraint ON (pg_class.oid = pg_constraint.conrelid)
    WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND contype IN ('p', 'u') AND pg_namespace.nspname IN ('public', 'plant')
    ORDER BY namespace_id, relname, attnum, constraint_id;
SELECT n.nspname, t.typtype, t.typname, t.oid, a.attname, t2.typname FROM pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 LEFT JOIN pg_type t2 ON t2.oid = a.atttypid
    WHERE n.nspname = 'public' AND t.typtype = 'c' AND a.attname IS NOT NULL ORDER BY 1, 3, a.attnum;
SELECT quote_ident(table_name) FROM information_schema.tables
    WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', 'fedgate') AND table_type IN ('BASE TABLE', 'VIEW')
    AND quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
        FROM generate_series(array_lower(string_to_array('public, plant', ','), 1), array_upper(string_to_array('public, plant', ','), 1)) AS i,
        string_to_array('public, plant', ',') s) ORDER BY 1;
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
    WHERE quote_ident(table_name) = 'readings' AND quote_ident(table_schema) = 'public' ORDER BY ordinal_position;
