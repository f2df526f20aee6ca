-- rows chosen by their rank in a group, and the first rows for each key

select device, site, ts, temp from (select device, site, ts, temp, row_number() over (partition by device order by ts desc, site, temp) rn from readings) x where rn = 1 order by device nulls first

select site, note, n from (select *, row_number() over (partition by site order by note desc nulls last, ts, device, temp) n from readings where status > 0) x where n <= 2 order by site nulls first, n

select device, r, d, temp from (select device, temp, rank() over (partition by device order by temp desc nulls last) r, dense_rank() over (partition by device order by temp desc nulls last) d from readings) x where d < 3 order by device nulls first, d, temp

select device, status, r from (select device, status, rank() over (partition by device order by status) r from readings where device in (1, 2, 3)) x where r <= 3

select site, day, price from (select site, day, price, dense_rank() over (order by day desc nulls last, site) k from readings) x where 2 >= k order by day, site, price

select * from (select note, first_value(temp) over w t, row_number() over w k from readings where note is not null window w as (partition by note order by ts, site, device, temp)) q where k in (1, 3) order by note, k

select k, site from (select row_number() over (order by total desc nulls last, ts, site, device) k, site from readings) q where k < 4 and site <> 'p1' order by k

select device from (select device, row_number() over (partition by device order by ts) rn, count(*) over (partition by device) n from readings) x where rn = 1 and n > 2 order by 1

select d.device, d.model, x.ts, x.temp from devices d left join (select device, ts, temp, row_number() over (partition by device order by ts desc, site, temp) rn from readings where ok) x on x.device = d.device and x.rn = 1 order by d.device

select d.model, x.ts from devices d join (select r.device, r.ts, m.model, row_number() over (partition by m.model order by r.ts, r.site, r.device) rn from readings r join devices m on m.device = r.device) x on x.device = d.device where x.rn <= 2 order by 1, 2

with latest as (select site, device, temp, row_number() over (partition by site, device order by ts desc, temp) rn from readings) select site, count(*), max(temp) from latest where rn = 1 group by site order by site nulls last

with latest as materialized (select site, temp, row_number() over (partition by site order by ts desc, temp, device) rn from readings) select site, temp from latest where rn = 1 order by 1, 2

select k, n from (select date_trunc('day', ts) k, row_number() over (partition by date_trunc('day', ts) order by price desc nulls last, site, device, ts) rn, price n from readings) x where rn = 1 and k < '2024-03-04' order by 1, 2

select rn from (select row_number() over (partition by site order by ts) rn from readings) x where rn <= 0

select rn, rn from (select row_number() over (partition by site order by ts) rn from readings) x where rn <= null::int

select distinct device, first_value(temp) over (partition by device order by ts desc, site, temp) from readings order by 1 nulls first

select distinct site, first_value(ts) over w, last_value(price) over (w rows between unbounded preceding and unbounded following), 'x' || site from readings where note is not null window w as (partition by site order by ts, device, price, temp) order by 1 limit 4

select distinct note, last_value(status) over (partition by note order by ts desc nulls first, site, device, status range between current row and unbounded following) from readings order by note limit 5

select distinct device, first_value(temp) over (partition by device order by ts, site, temp), count(*) over (partition by device) from readings order by 1

select distinct site, device, first_value(temp) over (partition by device order by ts, site, temp) from readings where device < 4

select distinct first_value(note) over (order by note nulls last), last_value(site) over (order by site nulls first rows between unbounded preceding and unbounded following) from readings

select d.device, x.ts, x.temp from devices d cross join lateral (select ts, temp from readings r where r.device = d.device order by r.ts desc, r.site, r.temp limit 3) x order by 1, 2, 3

select d.device, x.ts from devices d left join lateral (select r.ts from readings r where d.device = r.device and r.ok order by r.ts, r.site limit 2 offset 1) x on true order by 1, 2

select d.device, (select r.site from readings r where r.device = d.device and r.temp is not null order by r.ts desc, r.site limit 1) from devices d order by 1

select s.site, array(select r.temp from readings r where r.site = s.site and r.status = 1 order by r.temp desc nulls last limit 3) from (select distinct site from readings) s order by 1

select d.device, x.n from devices d cross join lateral (select r.note as n from readings r where r.device = d.device and r.site = 's1' order by r.ts, r.note limit null) x where d.device < 3 order by 1, 2

select d.device, (select r.temp from readings r where r.device = d.device and r.day > d.installed order by r.ts desc, r.site, r.temp limit 1) from devices d order by 1

select d.device, (select r.ts from readings r where r.device = d.device and r.status < d.device order by r.ts desc, r.site limit 1) from devices d order by 1

select d.device, x.c from devices d cross join lateral (select count(*) c from (select 1 from readings r where r.device = d.device limit 5) y) x order by 1

select d.device, (select r.temp + d.device from readings r where r.device + 0 = d.device and r.site in ('s1', 'd1') order by r.price desc nulls last, r.ts, r.site limit 1) from devices d order by 1

select distinct on (device) device, site, note, temp from readings where temp > 0 order by device, ts desc, site, temp

select distinct on (site, status) status, site, price, ts from readings order by site nulls first, status desc, price desc nulls last, ts, device

select distinct on (note) note, ok from readings order by note desc, ok nulls first

select _shard, device, count(*), max(temp) from readings group by 1, 2 having count(*) < 30 and min(temp) < 25 order by 3 desc, 1, 2 limit 3

select _shard, status, sum(total) from readings group by 1, 2 having count(*) > 1 order by sum(total) nulls first, 1, 2 limit 2 offset 3

select d.device, (select max(r.ts) from readings r where r.device = d.device and r.ok), (select count(*) from readings r where d.device = r.device and r.status = 2) from devices d order by 1

select r.site, r.device, r.ts, r.temp from readings r where r.ts = (select max(q.ts) from readings q where q.device = r.device and q.site = r.site) order by 1, 2, 3, 4

select count(*) from readings r where r.price > (select avg(q.price) * 1.5 from readings q where q.site = r.site and r.day = q.day having count(*) > 2)

select d.device, (select count(distinct r.site) || '/' || coalesce(string_agg(distinct r.note, ',' order by r.note), '-') from readings r where r.device = d.device and r.status = 3) from devices d order by 1

select d.device, x.n, x.s from devices d cross join lateral (select count(*) n, sum(total) s from readings r where r.device = d.device + 100 or r.device = d.device) x order by 1

select d.device, x.site, x.n from devices d left join lateral (select r.site, count(*) n from readings r where r.device = d.device group by rollup (r.site)) x on true order by 1, 2, 3

select d.device, (select percentile_disc(0.5) within group (order by r.status) from readings r where r.device = d.device) p, (select (array_agg(r.site order by r.ts desc, r.site))[1] from readings r where r.device = d.device) s from devices d order by 1

select d.device, (select sum(r.status) filter (where r.ok) from readings r where r.device = d.device and r.site = (select min(site) from readings)) from devices d order by 1

select d.device from devices d where exists (select r.site from readings r where r.device = d.device group by r.site having sum(r.total) < 0) order by 1

select d.model, (select count(*) from readings r where r.device = max(d.device)) from devices d group by d.model order by 1
