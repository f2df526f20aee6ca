select count(*) from readings where temp > (select avg(temp) from readings)

select site, count(*) from readings where temp > (select avg(temp) from readings where site = 's1') group by site order by site

select count(*) from readings where device in (select device from devices where model = 'B2')

select count(*) from readings where device not in (select device from devices where model is null)

select count(*) from readings r where exists (select from devices d where d.device = r.device and d.model = 'c3')

select count(*) from readings r where not exists (select from devices d where d.device = r.device)

select site, (select count(*) from devices) from readings group by site order by site

select site, temp from readings r where temp = (select max(temp) from readings i where i.site = r.site) order by 1, 2

select device, (select avg(temp) from readings r where r.device = d.device) from devices d order by 1

select count(*) from readings where (site, device) in (select site, max(device) from readings group by site)

select count(*) from readings where status = any (select status from readings where site = 'g1' and temp > 40)

select count(*) from readings where temp >= all (select temp from readings where temp is not null)

select count(*) from readings where ts = (select max(ts) from readings where ok)

select (select max(ts) from readings) - (select min(ts) from readings)

select site from readings group by site having count(*) = (select max(n) from (select count(*) n from readings group by site) q) order by 1

select count(*) from (select site, device from readings group by site, device) q

select * from (select site, count(*) n from readings group by site) q where n > (select 100) order by 1

select count(*) from readings where temp > (select temp from readings where false)

select count(*) from readings where site = (select site from readings)

select array(select distinct site from readings order by site)

select exists(select 1 from readings where temp > 1000), exists(select 1 from readings where temp > 0)

select coalesce((select note from readings where false), 'nothing')

with recursive t(n) as (select 1 union all select n + 1 from t where n < 10) select sum(n) from t

with recursive chain(device, depth) as (select min(device), 1 from devices union all select d.device, c.depth + 1 from chain c join devices d on d.device = c.device + 1) select max(depth) from chain

with s as (select site, avg(temp) m from readings group by site) select s1.site, count(*) from s s1 join s s2 on s1.m <= s2.m group by s1.site order by 2, 1

with s as materialized (select * from readings where ok) select count(*) from s where site = 's2'

with x as (select 1 a), x2 as (select a + 1 b from x) select a, b from x, x2

select count(*) from readings where note in (select note from readings where site = 'd1' group by note having count(*) > 20)

select d.device, d.model from devices d where (select count(*) from readings r where r.device = d.device and r.ok) > 30 order by 1

select site, max(c) from (select site, day, count(*) c from readings group by site, day) q group by site order by site

select min(t) from (select max(temp) t from readings group by device) q

select count(*) from readings where day in (select installed from devices)

select count(*) from readings where total > (select sum(total) from readings where site = 'p1') and total is not null

select count(*) from readings where temp < -1000 and temp = (select temp from readings)

select count(*) from readings where status < -1 and status in (select 1 / (status - status) from readings where status is not null)

select sum(status + (select status from readings)) from readings where temp < -1000

select count(*) from readings where temp = (select temp from readings)

select count(*) from (values (1), (2)) t(a) where a < -1 and a = (select v from (values (1), (2)) x(v))

select count(*) from (values (1), (2)) t(a) where a = (select v from (values (1), (2)) x(v))

select a from (values (1), (2)) t(a) group by a having a > 5 and a = (select v from (values (1), (2)) x(v))

select g, (select x.v from (values (1), (2)) x(v) where x.v = t.g) from (values (1), (2)) t(g) group by g having g = (select v from (values (2)) x(v))

select count(*) from readings where temp < -1000 and status = (select v from (values (1), (2)) x(v))

select case when a < 5 then a else (select v from (values (1), (2)) x(v)) end from (values (1), (2)) t(a) order by 1

select (select v from (values (1.50::numeric)) x(v)), (select v from (values ('a'::text)) x(v) where false) is null, (select v from (values (array[1, 2])) x(v))

select (select sum(r.status) from devices limit 1) from readings r

select site, (select max(r.temp) + count(*) from devices d where d.device > min(r.device)) from readings r group by site

select site from readings r group by site having exists (select from devices d where d.device = min(r.device))

select site, (select count(*) from devices d where d.device % 5 = count(r.site) % 5) n, count(*), rank() over (order by count(r.temp)) from readings r group by site

select site, status, (select sum(r.status) + coalesce(r.status, 0)), grouping(site) from readings r group by rollup(site, status)

select (select count(r.temp) from devices d where d.model = 'B2' limit 1), avg(temp), count(distinct site) from readings r where status > 100

select _node, (select max(i.temp) - max(o.temp) from readings i where i.site = o._node) from readings o group by _node

select d.device, array(select r.total from readings r where r.device = d.device and r.total is not null order by r.total limit d.device % 3 offset d.device % 2) from devices d

select distinct on (site) site, device, generate_series(1, 2) from readings where device is not null order by site, device, ts, status
