-- a small side whose keys spare rows of a large one: limited and filtered derived tables, subqueries that depend on the row

select r.site, r.device, count(*) from readings r join (select site, device from readings where status = 3 group by 1, 2 order by sum(total) desc nulls last, 1, 2 limit 3) t on t.site = r.site and t.device = r.device group by 1, 2

select r.site, r.ts, r.temp from readings r join (select device, max(ts) as ts from readings where site = 'd1' group by device) m on m.ts = r.ts and m.device = r.device

select t.device, t.n, r.temp from (select device, count(*) n from readings group by 1 order by 2 desc, 1 limit 2) t left join readings r on r.device = t.device and r.temp > 42

select t.device, r.temp from readings r left join (select device from readings group by 1 order by 1 desc limit 2) t on r.device = t.device where r.temp > 42

select t.device, r.temp from readings r right join (select device from readings group by 1 order by 1 nulls first limit 3) t on r.device = t.device and r.temp > 40

select count(*), count(t.device), count(r.device) from readings r full join (select device from readings group by 1 order by 1 nulls first limit 3) t on r.device = t.device

select count(*) from readings a join readings b on a.ts = b.ts where b.site = 's1' and b.status = 2

select a.site, b.site, a.note from readings a, readings b where a.day = b.day and a.device = b.device and b.site = 'g1' and b.device = 3 and b.status = 1

select count(*) from readings a left join readings b on a.ts = b.ts and b.site = 's2' where a.site = 'd1' and a.device = 2

select site, count(*) from readings r where exists (select from devices d where d.device = r.device and d.model = 'nothing like it') group by 1

select count(*) from readings r where r.temp > 40 or exists (select 1 from devices d where d.device = r.device and d.model = 'A1')

select count(*) from readings r where exists (select 1 from readings i where i.device = r.device and i.site = 's1' and i.temp > r.temp and i.day = '2024-03-05') and r.status = 1

select site, count(*) from readings r where exists (select 1 from readings i where i.ts = r.ts and i.site = 'p1' limit 1) group by 1

select count(*) from readings r where exists (select 1 from readings i where i.ts = r.ts and i.site = 'p1' limit 0)

select d.device, d.model, (select max(r.temp) from readings r where r.device = d.device) from devices d where d.model = 'c3'

select d.device, (select count(*) from readings r where r.device = d.device and r.ok) n from devices d where d.device in (1, 2, 3, 99)

select d.device from devices d where d.model = 'B2' and (select avg(r.temp) from readings r where r.device = d.device) > 12

select d.device from devices d where d.model = 'B2' and d.installed > all (select r.day from readings r where r.device = d.device and r.status = 3)

select d.device from devices d where d.model = 'B2' and d.installed - 1200 in (select r.day - 3000 from readings r where r.device = d.device)

select d.device, array(select r.status from readings r where r.device = d.device and r.temp > 40 order by r.ts, r.site) from devices d where d.device = 4

select d.device, exists (select from readings r where r.device = d.device and r.temp > 47), not exists (select from readings r where r.device = d.device and r.note = 'ok') from devices d where d.model in ('A1', 'c3')

select d.model, count(*) from devices d left join readings r on r.device = d.device and r.status = 1 where d.model = 'A1' and exists (select from readings i where i.device = d.device and i.temp > 45) group by 1

select d.device, x.n from devices d, lateral (select count(*) n from readings r where r.device = d.device and r.status = 2) x where d.model = 'A1'

with top as (select device from readings where site = 's1' group by 1 order by count(*) desc, 1 limit 2) select r.site, r.device, count(*) from readings r join top t on t.device = r.device group by 1, 2

with top as (select device from readings where site = 's1' group by 1 order by count(*) desc, 1 limit 2) select r.site, count(*), (select count(*) from top) from readings r where r.device in (select device from top) group by 1

select r.site, d.model, count(*) from readings r join (select * from devices where model = 'A1' limit 100) d on d.device = r.device join readings s on s.ts = r.ts and s.site = r.site group by 1, 2

select r.device, r.day, sum(r.total) from readings r join (select device as device__, sum(total) as mme from readings where device is not null group by 1 order by mme desc, 1 limit 3) s on s.device__ = r.device where r.ok group by 1, 2

select r.site, s.site, count(*) from readings r join (select distinct site from readings where temp > 20 order by 1 desc limit 2) s on r.site = s.site and r.status = 1 group by 1, 2

select s.device, d.model from devices d join (select device from readings group by 1 order by count(*), 1 nulls first limit 5) s on d.device = s.device

select s.device, count(*) from (select device from readings group by 1 order by 1 nulls first limit 4) s, readings r, devices d where r.device = s.device and d.device = s.device and r.temp > 30 group by 1

select s.device, r.site from (select device from readings group by 1 order by 1 limit 4) s left join readings r on r.device = s.device and r.temp > 44

select r.site, s.device from readings r left join (select device from readings group by 1 order by 1 limit 4) s on r.device = s.device where r.temp > 44

select count(*) from (readings r left join devices d on d.device = r.device) join (select model from devices where model is not null group by 1 order by 1 limit 2) s on s.model = d.model

select count(*) from readings r join (select device from readings group by 1 order by 1 limit 4) s on s.device = r.device join (select site from readings group by 1 order by 1 limit 2) t on t.site = r.site

select count(*) from readings r join (select temp from readings where temp is not null group by 1 order by 1 limit 20) s on s.temp = r.temp

select count(*) from readings r join (select device from readings group by 1 order by 1 limit 0) s on s.device = r.device

select r.site, (select count(*) from devices d where d.device = s.device) n, count(*) from readings r join (select device from readings group by 1 order by 1 limit 3) s on s.device = r.device group by r.site, s.device

select a.device from readings a join (select device from readings group by 1 order by 1 limit 3) s on s.device = a.device and s.device > 1 order by a.ts, a.site limit 5

select count(*) from readings r join (select device from readings where 1 / (device - device) > 0 group by 1 limit 3) s on s.device = r.device where r.site = 'nowhere'

select r.site, r.device, r.ts from readings r where r.temp = (select max(x.temp) from readings x, devices d, (select device from readings group by 1 order by 1 limit 3) s where x.device = r.device and d.device = x.device and s.device = r.device)

select d.device, (select count(*) from readings a join readings b on a.ts = b.ts and a.site <> b.site where a.device = d.device and b.status = 1) from devices d where d.device < 4

select d.device from devices d where exists (select from readings a, readings b where a.device = d.device and b.device = d.device and a.ts = b.ts and a.site = 's1' and b.site = 's2')

-- params: {"1": "{1,2,NULL}", "2": "{}"}
select device, count(*), count(*) filter (where device = any($1)) from readings where device = any($1::int[]) or not device = any($2::int[]) or (status is null and device <> all($1)) group by 1

-- params: {"1": None}
select count(*), count(*) filter (where temp = any($1::float8[])) from readings where not (temp = any($1::float8[])) or temp = any($1::float8[]) or temp <> all($1::float8[])

-- params: {"1": "{NaN,-0,Infinity,NULL}"}
select site, temp, count(*) from readings where temp = any($1::float8[]) or (temp <> all($1::float8[])) is null and device = 1 group by 1, 2

-- params: {"1": "{2024-03-05,infinity}", "2": "{s1,NULL,Köln}"}
select r.site, count(i.day) from readings r left join readings i on i.ts = r.ts and i.day = any($1::date[]) and not i.site = any($2::text[]) where r.day = any($1::date[]) or r.site <> all($2::text[]) group by 1

-- two small sides, and one that spares rows of two relations
select r.site, count(*) from readings r join readings a on a.ts = r.ts and a.site = 's1' and a.status = 2 join readings b on b.day = r.day and b.site = 'd1' and b.device = 3 and b.status = 1 group by 1

select count(*) from readings a join readings b on b.ts = a.ts join readings c on c.ts = a.ts where a.status = 2 and a.note = 'ok' and a.device = 1

-- keys of other widths: smallint, integer and bigint
select count(*), sum(r.total) from readings r join readings k on k.total = r.device and k.site = 's1' and k.status = 1 and k.note = 'ok'

select count(*) from readings r join readings k on k.device = r.total where k.site = 's1' and k.status = 1 and k.note = 'ok'

select count(*) from readings r join readings k on k.status = r.device where k.site = 'd1' and k.device = 2 and k.note = 'ok'

-- lists in the statement
select v.x, count(r.device) from (values (1), (2), (99), (null)) v(x) left join readings r on r.device = v.x group by 1

select u.id, count(*) from unnest(array[3, 1, null, 99]) u(id) join readings r on r.device = u.id group by 1

-- params: {"1": "{1,4,NULL}"}
select u.id, count(*) from unnest($1::int[]) u(id) join readings r on r.device = u.id group by 1

select v.s, count(r.ts) from (values ('s1'), ('Köln'), (null)) v(s) left join readings r on r.site = v.s group by 1

-- texts, floats with NaN and -0, dates with infinity
select count(*) from readings r join readings k on k.note = r.note and k.site = 's1' and k.device = 1 and k.status = 2

select count(*) from readings r join readings k on k.temp = r.temp and k.site = 's2' and k.status = 1 and k.device = 2

select v.x, count(r.temp) from (values ('NaN'::float8), ('-0'), ('infinity'), (null), (20.5)) v(x) join readings r on r.temp = v.x group by 1

select v.x, count(*) from (values ('infinity'::date), ('2024-03-05'), (null)) v(x) join readings r on r.day = v.x group by 1

-- numbers of other scales
select count(*) from readings r join readings k on k.price = r.price and k.site = 'd1' and k.status = 1 and k.device = 2

select v.x, count(r.price) from (values (1.5), (1.50000000001), (null), ('NaN'), (12)) v(x) left join readings r on r.price = v.x group by 1

select v.x, count(r.price) from (select price as x from readings where site = 's1' and price is not null order by price limit 7) v join readings r on r.price = v.x group by 1

-- outer joins of both sides, anti joins, and a key that is NULL
select count(*), count(k.ts) from readings r left join (select ts, device from readings where site = 's1' and status = 2 and note = 'ok') k on k.ts = r.ts

select count(*), count(r.ts) from (select ts, device from readings where site = 's1' and status = 2 and note = 'ok') k left join readings r on k.ts = r.ts and r.ok

select count(*) from readings r where not exists (select from readings k where k.ts = r.ts and k.site = 's1' and k.status = 2 and k.note = 'ok')

select count(*) from readings r where exists (select from readings k where k.device = r.total and k.site = 's1' and k.status = 2 and k.note = 'ok')

select k.device, (select count(*) from readings r where r.total = k.device) from readings k where k.site = 's1' and k.status = 2 and k.note = 'ok'

-- semi-joins and anti-joins with tables that every node has
select r.site, count(*), avg(r.temp) from readings r where exists (select from devices d where d.device = r.device and d.model = 'A1') group by 1

select r.site, count(*) from readings r where not exists (select 1 from devices d where d.device = r.device and d.installed < r.day) group by 1

select r.site, r.device, r.ts from readings r where not exists (select from devices d where d.device = r.device) order by 1, 2, 3 limit 20

select count(*), count(r.device) from readings r where r.device not in (select d.device from devices d)

select count(*), count(r.device) from readings r where r.device not in (select d.device from devices d where d.device is not null)

select count(*) from readings r where (r.device in (select d.device from devices d where d.model = 'A1')) is null

select r.site, count(*) from readings r where r.ok and (r.status = 1 or exists (select from devices d where d.device = r.device and d.model like 'A%')) group by 1

select count(*) from readings r where r.device in (select d.device from devices d where d.installed < r.day)

select count(*) from readings r where (r.device, r.note) not in (select d.device, d.model from devices d)

select count(*) from readings r where r.device > all (select d.device from devices d where d.model = 'A1')

select r.device, r.temp from readings r where exists (select from devices d join devices e on e.model = d.model and e.device <> d.device where d.device = r.device) and r.temp > 40

select d.model, count(*) from readings r join devices d on d.device = r.device where not exists (select from devices e where e.model = d.model and e.device <> r.device) group by 1

select d.device from devices d where not exists (select from devices e where e.model = d.model and e.device < d.device)

select d.device from devices d where exists (select from readings r where r.device = d.device and r.status = 3)

select site, count(distinct device) from readings r where r.note is not null and not exists (select from devices d where d.model = r.note) group by 1

select r.site from readings r where r.temp > 30 and exists (select from devices d where d.device = r.device and not exists (select from devices e where e.installed > d.installed)) group by 1

-- and with rows of the same shard
select count(*) from readings r where exists (select from readings i where i._shard = r._shard and i.device = r.device and i.ts > r.ts and i.status = 3)

select r.site, count(*) from readings r where not exists (select from readings i where i._shard = r._shard and i.device = r.device and i.temp > r.temp) group by 1

select count(*) from readings r where r.device in (select i.device from readings i where i._shard = r._shard and i.status = 3)

select count(*) from readings r where r.device not in (select i.device from readings i where i._shard = r._shard and i.status = 3 and i.device is not null)
