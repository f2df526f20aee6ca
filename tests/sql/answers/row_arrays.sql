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

-- rows with numerics and times as elements of arrays: CYCLE, SEARCH, compared, sorted
with recursive t(d, n) as (select date '2024-01-01', 1 union all select case when d = date '2024-01-03' then date '2024-01-01' else d + 1 end, n + 1 from t where n < 10) cycle d set c using p select d, n, c, p from t
with recursive t(d, n) as (select timestamp '2024-01-01 12:00:00.5', 1 union all select case when n = 3 then timestamp '2024-01-01 12:00:00.5' else d + interval '1 hour' end, n + 1 from t where n < 10) cycle d set c using p select d, n, c, p from t
with recursive t(d, n) as (select 1.0, 1 union all select case when n = 3 then 1.00 else d + 0.5 end, n + 1 from t where n < 10) cycle d set c using p select d, n, c, p from t
with recursive t(d, n) as (select time '10:00', 1 union all select case when n = 3 then time '10:00' else d + interval '1 hour' end, n + 1 from t where n < 10) cycle d set c using p select d, n, c, p from t
with recursive t(d, n) as (select timestamptz '2024-01-01 12:00:00Z', 1 union all select case when n = 3 then timestamptz '2024-01-01 12:00:00Z' else d + interval '1 hour' end, n + 1 from t where n < 10) cycle d set c using p select d, n, c, p from t
with recursive t(d, m, n) as (select date '2024-01-01', 1.50::numeric(6,2), 1 union all select case when n = 2 then date '2024-01-01' else d + 1 end, case when n = 2 then 1.5::numeric(6,2) else m + 1 end, n + 1 from t where n < 10) cycle d, m set c using p select d, m, n, c, p from t
select array_agg(row(d, 1)) from (values (date '2024-01-01'), ('2024-01-02')) v(d)
select row(date '2024-01-01', 1.50) = any(array[row(date '2024-01-01', 1.5)])
select array[row(date '2024-01-01', 1.50)] = array[row(date '2024-01-01', 1.5)], array[row(1.5)] < array[row(1.50), row(2.0)]
select array[row(timestamp '2024-01-01', 'x'::text)] || row(timestamp '2024-01-02', 'y'::text)
with recursive t(d, n) as (select date '2024-01-01', 1 union all select d + 1, n + 1 from t where n < 5) search depth first by d set o select d, o from t order by o
with recursive t(d, n) as (select 1.5, 1 union all select d + 1, n + 1 from t where n < 12) search depth first by d set o select d, o from t order by o
with recursive t(d, n) as (select 9.5, 1 union all select d - 1, n + 1 from t where n < 12) search breadth first by d set o select d, o from t order by o
with recursive t(d, n) as (select date 'infinity', 1 union all select case n when 1 then date '-infinity' when 2 then date '0044-03-15 BC' else date '2024-01-01' end, n + 1 from t where n < 5) cycle d set c using p select d, n, c, p from t
select array[row(a, b)] x from (values ('NaN'::numeric, 1), ('Infinity'::numeric, 2), (-5::numeric, 3), (-5.5, 4), (0.0, 5), (0.00, 4), (null::numeric, 5), ('-Infinity'::numeric, 2), (12.5, 0), (-100, 9)) v(a, b) order by x
select min(x), max(x) from (select array[row(a, b)] x from (values ('NaN'::numeric, 1), (-5.5, 4), (0.00, 4), ('-Infinity'::numeric, 2)) v(a, b)) q
select array[row(a, 1)] x from (values ('24:00'::time), ('10:00:00.5'), ('10:00'), (null)) v(a) order by x desc
select distinct array[row(a)] x from (values ('2024-01-01 00:00+02'::timestamptz), ('2023-12-31 22:00Z'), ('10000-01-01'), ('0001-01-01 BC'), ('infinity'), ('-infinity'), ('2024-01-01 00:00:00.000001Z')) v(a) order by x
