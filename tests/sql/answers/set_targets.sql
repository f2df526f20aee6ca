-- Set-returning functions in the select list: in each other's arguments, and after ORDER BY.
select generate_series(1, generate_series(2, 4))
select generate_series(generate_series(1, 2), generate_series(3, 5)), unnest(array['p', 'q', 'r', 's'])
select k, sum(v) * 2, generate_series(1, generate_series(1, k)) + 1 from (values (1, 2), (2, 3), (2, 4)) t(k, v) group by k
select distinct generate_series(1, generate_series(1, generate_series(1, 3))) order by 1 desc limit 2
select distinct on (k) k, v, generate_series(1, 2) from (values (3, 2), (3, 1), (1, 1), (1, 4)) t(k, v) order by k, v desc
select array_agg(s) from (select distinct on (k) k, generate_series(1, 2) n from (values (3, 2), (3, 1), (1, 1), (1, 4)) t(k, v) order by k, v desc limit 3) s
select distinct on (k) k, v, generate_series(1, 2) n from (values (3, 2), (3, 1), (1, 1), (1, 4)) t(k, v) order by k, v desc, n desc
select string_agg(n::text, '') from (select unnest(array[v, k, 7]) n from (values (3, 2), (4, 1)) t(k, v) order by v limit 5) s
select t, unnest(array[v, k]) from (values (3, 2), (4, 1)) t(k, v) order by k fetch first 1 rows with ties
-- LIMIT and OFFSET that read the row around them.
select n, array(select x from generate_series(1, 9) x order by x desc limit case when n > 1 then n end offset t.n) from generate_series(0, 3) t(n)
select n, array(select distinct x % 4 from generate_series(1, 9) x order by 1 desc limit n), (select x from (values (3), (5)) v(x) offset n) from generate_series(0, 3) t(n)
select n, x from generate_series(0, 3) t(n), lateral (select 5 union all select 7 order by 1 desc limit n) s(x)
select n, (select x from (values (3), (5)) v(x) limit n - 5) from generate_series(1, 2) t(n)
-- Subqueries beside what the merge engine computes in lambdas.
select array_positions(array(select x % 3 from generate_series(1, 8) x), (select 2)), array_remove(array[1, 2], (select 1)), array_replace(array(select 2.50), (select 2.5), (select 1.0))
select n, n = any (array(select x * 2 from generate_series(1, n) x)), (select n + 1) = any (array[n, 2]), (select 1) <> all (array(select n)) from generate_series(1, 4) t(n)
select to_json(array(select x / 2.0 from generate_series(1, 3) x)), trim_array(array(select 1), (select 1)), array(select 1.0) = array(select 1)
select i, (jsonb_each(j)).key, (json_each_text(j::json)).value from (values (1, '{"p": 1, "q": "r"}'::jsonb), (2, '{}'), (3, null)) v(i, j)
select (jsonb_each(j)).*, generate_series(1, 3) from (values ('{"p": 1, "q": [2]}'::jsonb)) v(j)
select (jsonb_each(j)).key as k, count(*), max(i) from (values (1, '{"p": 1, "q": 2}'::jsonb), (2, '{"p": null}')) v(i, j) group by 1 order by 1
select (jsonb_each(j)).nothing from (values ('{"p": 1}'::jsonb)) v(j)
