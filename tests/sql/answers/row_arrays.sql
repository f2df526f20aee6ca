select row(3, 'x'::text) = any (array[row(3, 'x'::text), row(4, 'y'::text)]), row(3, 4) <> all (array[row(3, 4), row(5, 6)]), row(null::int) = any (array[row(null::int)])
with recursive e(a, b) as (values (7, 8), (7, 9), (8, 9), (9, 7), (9, 10)), w(a, b, seen, path) as (select a, b, false, array[row(a, b)] from e where a = 7 union all select e.a, e.b, row(e.a, e.b) = any (path), path || row(e.a, e.b) from e, w where e.a = w.b and not seen) select * from w
select string_agg(path::text, ';') from (with recursive w(n, path) as (select 9, array[row(9, true)] union select n % 3 + 9, path || row(n, false) from w where cardinality(path) < 4) select path from w order by path desc) s
select p, count(*), p[1], p[2:], p[5] from (select array[row(device % 2), row(device)] p from readings where device < 4) s group by p
select distinct p from (select array[row(2, null::int)] p union all select array[row(2, null::int)] union all select null) s order by p
select p = array[row(1, 2)], p < array[row(1, 3)], p || p, cardinality(p), array_length(array_append(p, row(3, 4)), 1), p::text from (select array[row(1, 2)] p) s
select array_agg(x) || array_agg(x), row('a', 'b "c') || array[row('d', null)], array[row(1, array[row(2)])] from (values (row(1, 2)), (row(3, 4))) v(x)
select row(1, 2) = any (p) from (select array[row(1, 2, 3)] p) s
select row(1, 2) = any (p) from (select array[row(1, 'x'::text)] p) s
select unnest(array[row(1, 'a'::text), row(2, null)])
