with recursive e(a, b) as (values (1, 2), (1, 13), (2, 13), (1, 4), (4, 5)), s(f, t) as (select a, b from e where a = 1 union all select e.a, e.b from e, s where e.a = s.t) search depth first by f, t set seq select string_agg(t::text, ' ' order by seq), max(cardinality(seq)) from s
with recursive e(a, b) as (values (1, 2), (1, 13), (2, 13), (1, 4), (4, 5)), s(f, t) as (select a, b from e where a = 1 union select e.a, e.b from e, s where e.a = s.t) search breadth first by f, t set seq select *, row_number() over (order by s.t) from s order by seq
with recursive s as (select 1 as n, 'a' as x union all select n + 1, x || n from s where n < 3) search depth first by x, n set o cycle n set c using p select p, o, * from s order by o desc
with recursive e(a, b) as (values (1, 2), (2, 3), (3, 1), (1, 4)), s(f, t) as (select a, b from e where a = 1 union select e.a, e.b from e, s where e.a = s.t) cycle f, t set c to 'again' default '' using p select * from s
with recursive e(a, b) as (values (1, 2), (2, 3), (3, 1), (1, 4)), s(f, t) as (select a, b from e where a = 1 union all select e.a, e.b from e, s where e.a = s.t) search breadth first by t set seq cycle f set c using p select x.p, y.c, y.seq from s x join s y using (f, t)
with recursive s(d) as (select device from readings where device < 3 union all select (d + 1) % 5 from s) cycle d set c using p select d, c, p from s
with recursive s(n) as (select 1 union all select n + 1 from s where n < 3) search depth first by m set o select * from s
with recursive s(n) as (select 1 union all select n + 1 from s where n < 3) cycle n, n set c using p select * from s
with recursive s(n) as (select 1 union all select 3 from s where false) search depth first by n set n select * from s
with recursive s(n) as (select 1 union all select n + 1 from s where n < 3) cycle n set c using c select * from s
with recursive s(n) as (select 1 union all select n + 1 from s where n < 3) cycle n set c to 1 default 'a' using p select * from s
with recursive s(n) as (select 1 union all select n + 1 from s where n < 3) cycle n set c to '{}'::json default '{}'::json using p select * from s
with recursive s(n) as (select 1 union all select n + 1 from s where n < 3) search depth first by n set p cycle n set c using p select * from s
with recursive s(n) as (select 1 union all select n from (select n + 1 from s where n < 3) y(n)) search depth first by n set o select * from s
with recursive s(n) as (select 1 union all (select 2 union all select n + 1 from s where n < 3)) search depth first by n set o select * from s
with s(n) as (select 1) cycle n set c using p select * from s
