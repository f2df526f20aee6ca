select row_to_json(b), count(b) from readings a left join devices b on a.device = b.device + 1000 where a.device < 3 group by b.device, b.model, b.installed
select count(b), json_agg(b) from (select 5 as x) a left join devices b on a.x = b.device + 1000
select count(b), json_agg(b order by b.device) from (select 5 as x) a left join devices b on b.device < 3
select row_to_json(b) from (values (1)) a(x) left join devices b on a.x = b.device
select row_to_json(b) from (values (1000)) a(x) left join devices b on a.x = b.device
select row_to_json(a) from (values (1000)) a(x) left join devices b on a.x = b.device
select to_json(b), coalesce(row_to_json(b)::text, 'none') from devices b right join (values (1000),(2)) a(x) on a.x = b.device
select a.x from (values (1000),(2)) a(x) left join devices b on a.x = b.device where b is null
select a.x from (values (1000),(2)) a(x) left join devices b on a.x = b.device where b is not null
select a.x, (b).model, b.* from (values (1000),(2)) a(x) left join devices b on a.x = b.device
select count(*) from (values (1000),(2)) a(x) full join devices b on a.x = b.device where a is null
select b is null, b.x is null from (values (1)) a(x) left join (values (2)) b(x) on a.x = b.x
-- Arrays of rows, rows of the null side of outer joins, rows compared with a subquery.
select array_agg(row(device, model) order by device) from devices where device < 4
select model, array_agg((device, installed) order by device) from devices d group by model
select array(select row(device, model) from devices where device < 3 order by device)
select array[row(1, 'a'), row(2, 'b"c')]
select array[row(1, 'a'), row(2, 3)]
select array_agg(row(1, null)) from devices where false
select array_agg(row(a, b)) from (values (1, 'x y'), (null, null)) v(a, b)
select d, x from devices d left join (select 101 as device, 'x' as k) x on x.device = d.device where d.device in (101, 102)
select x.* is null, x is null, x is not null, count(*) from devices d left join (select 101 as device, null::text as k) x on x.device = d.device group by 1, 2, 3
select count(x), count(x.*) from devices d left join (values (101, null), (102, 'b')) x(device, k) on x.device = d.device
select d.device, g from devices d left join generate_series(1, 3) g on g = d.device order by 1 limit 5
select d.device, g from devices d left join generate_series(1, 3) with ordinality g(a, b) on g.a = d.device order by 1 limit 5
select s.r, d.device from devices d left join (select row(device, model) r, device from devices where device < 3) s on s.device = d.device where d.device < 5 order by 2
with x as (select device, model from devices where device < 3) select d.device, x from devices d left join x on x.device = d.device where d.device < 5
with x as materialized (select device, model from devices where device < 3) select d.device, x from devices d left join x on x.device = d.device where d.device < 5
select d.device, x from devices d left join lateral (select d.device + 1 as n, d.model where d.device < 3) x on true where d.device < 5
select d.device, row_to_json(x) from devices d left join (select distinct model from devices where model = 'B2') x on x.model = d.model where d.device < 5
select x, count(*) from devices d left join (select 'B2' as model) x on x.model = d.model group by x
select x, y from (values (1), (2)) x(a) full join (values (2), (3)) y(b) on a = b
select (min(device), max(device)) = (select 1, 208) from devices
select (min(device), max(device)) = (select min(device), max(device) from devices) from devices
select model, (model, max(device)) = (select d2.model, d2.device from devices d2 where d2.device = max(d.device)) from devices d group by model
select (1, 2) = (select 1, 2 where false)
select (1, 2) = (select device, 2 from devices)
select (1, null) = (select 2, 3)
select (1, null) <> (select 2, 3)
select (1, 2) < (select 1, 3)
select (1, 2) = (select 1, 2, 3)
select (1, 2) is distinct from (select 1, 2)
select devices from devices limit 0
select row(1.50::numeric, null::int, 'x'::text, array[1,2], row(1, 'y'), date '2020-01-01', now() is null)
select row(1, 'a b', null)::text, row(1, row(2, 'x'))::varchar
select d::text, x::text from devices d left join (select 5 as device, null::text as k) x using (device) where device in (5, 6)
select row(1, 2)::varchar(3)
select array_agg(q)::text, array[row(3, 'p"q'), row(4, null)]::text, concat(array[row(5, 6)], 'x') from (select 1 as b, 'p q' c) q
select row_to_json(d), to_jsonb(d), (d).id, (d).*, id(d) from devices d(id) where d.id = 5
select (s.d).device, row_to_json(s) from (select d from devices d(id) where d.id = 5) s
select p[1] is distinct from row(3), p[1] is not distinct from row(2), nullif(p[1], row(2)) from (select array[row(2)] p) a
