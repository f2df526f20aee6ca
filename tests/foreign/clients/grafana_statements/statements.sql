-- health check
SELECT 1

-- version of the server, as its settings page finds it
SELECT current_setting('server_version_num')::int / 100 AS version

-- version of TimescaleDB
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'

-- schemas of the builder
SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name NOT IN ('information_schema', 'pg_catalog', 'pg_toast', '_timescaledb_cache', '_timescaledb_config') ORDER BY 1

-- tables of the builder, of the search path without their schema
SELECT CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(p[i]) = '"$user"' THEN user ELSE trim(p[i]) END FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i, string_to_array(current_setting('search_path'), ',') p) THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table" FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog') ORDER BY CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(p[i]) = '"$user"' THEN user ELSE trim(p[i]) END FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i, string_to_array(current_setting('search_path'), ',') p) THEN 0 ELSE 1 END, 1

-- tables of a schema
SELECT quote_ident(table_name) AS "table" FROM information_schema.tables WHERE quote_ident(table_schema) = 'plant' ORDER BY 1

-- columns of a table
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE CASE WHEN array_length(parse_ident('readings'), 1) = 2 THEN quote_ident(table_schema) = (parse_ident('readings'))[1] AND quote_ident(table_name) = (parse_ident('readings'))[2] ELSE quote_ident(table_name) = 'readings' AND quote_ident(table_schema) IN (SELECT CASE WHEN trim(p[i]) = '"$user"' THEN user ELSE trim(p[i]) END FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i, string_to_array(current_setting('search_path'), ',') p) END

-- columns of a table in another schema
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE quote_ident(table_schema) = (parse_ident('plant."Odd names"'))[1] AND table_name = (parse_ident('plant."Odd names"'))[2]

-- the parts of a name
SELECT parse_ident('plant."Odd names"'), array_length(parse_ident('readings'), 1), parse_ident('"A""b".c', false)

-- a column's times and numbers, for old builders
SELECT quote_ident(column_name), data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'readings' AND (data_type IN ('bigint', 'integer', 'double precision', 'numeric', 'real', 'timestamp with time zone', 'timestamp without time zone')) ORDER BY ordinal_position

-- the first table with a time and a number
SELECT quote_ident(table_schema) AS s, quote_ident(table_name) AS t, (SELECT quote_ident(column_name) FROM information_schema.columns c WHERE c.table_name = t.table_name AND c.table_schema = t.table_schema AND udt_name IN ('timestamptz', 'timestamp') ORDER BY ordinal_position LIMIT 1) AS time_column, (SELECT quote_ident(column_name) FROM information_schema.columns c WHERE c.table_name = t.table_name AND c.table_schema = t.table_schema AND udt_name IN ('float8', 'float4', 'numeric') ORDER BY ordinal_position LIMIT 1) AS value_column FROM information_schema.tables t WHERE t.table_schema = 'public' AND EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_name = t.table_name AND c.table_schema = t.table_schema AND udt_name = 'timestamptz') ORDER BY 1, 2

-- completion of schemas, tables and columns
SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, ordinal_position

-- what goes on
SELECT datname, usename, state, backend_type FROM pg_stat_activity WHERE pid = pg_backend_pid()

-- locks and sizes of monitoring dashboards
SELECT mode, count(*) FROM pg_locks WHERE database = 1 GROUP BY mode

-- databases of a monitoring variable
SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1

-- the time of the server is close to ours
SELECT abs(extract(epoch from now() - clock_timestamp())) < 60

-- alert without a row
SELECT count(*) AS n FROM readings WHERE ts > '2030-01-01'
