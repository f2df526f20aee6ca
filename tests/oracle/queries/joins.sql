select d.model, count(*) from readings r join devices d on r.device = d.device group by d.model order by 1

select d.model, r.site, avg(r.temp) from readings r join devices d using (device) where d.model is not null group by 1, 2 order by 1, 2

select count(*) from readings r left join devices d on r.device = d.device where d.device is null

select count(*) from devices d left join readings r on r.device = d.device where r.device is null

select d.device, count(r.ts) from devices d left join readings r on r.device = d.device and r.temp > 30 group by d.device order by 1

select r.site, d.installed, count(*) from readings r join devices d on d.device = r.device and d.installed > r.day - 1500 group by 1, 2 order by 1, 2

select count(*) from readings a join readings b on a.ts = b.ts and a.site < b.site

select a.site, b.site, count(*) from readings a join readings b on a.device = b.device and a.status = b.status where a.temp > 43 and b.temp < -14 group by 1, 2 order by 1, 2

select count(*) from readings r, devices d where r.device = d.device and d.model = 'A1' and r.ok

select count(*) from readings natural join devices

select device, count(*) from readings full join devices using (device) group by device order by device

select count(*) from readings r cross join (values (1), (2), (3)) v(x) where r.status = v.x

select v.label, count(*) from readings r join (values (0, 'zero'), (1, 'one'), (2, null)) v(code, label) on r.status = v.code group by v.label order by v.label

select r.site, x.m from (select distinct site from readings) r cross join lateral (select max(temp) m from readings i where i.site = r.site) x order by 1

select d.device, l.ts from devices d left join lateral (select ts from readings r where r.device = d.device order by ts desc, site limit 1) l on true order by 1

select count(*) from readings r join hourly h on h.site = r.site and h.hour = date_trunc('hour', r.ts)

select r.site, count(*) from readings r join hourly h on h.site = r.site and h.hour = date_trunc('hour', r.ts) where r.temp > h.temp group by 1 order by 1

select d1.device, d2.device from devices d1 join devices d2 on d1.device < d2.device and d1.model = d2.model order by 1, 2

select d1.model, d2.model from devices d1 full join devices d2 on d1.device = d2.device + 1 order by d1.device, d2.device

select count(*) from readings r right join devices d on d.device = r.device and r.site = 'd1'

select m.model, sum(r.price) from readings r join (select distinct model, device from devices) m on m.device = r.device group by 1 order by 1

select r.site, d.model from readings r join devices d on r.device = d.device where r.temp = (select max(temp) from readings) order by 1, 2

select count(*) from readings r join devices d on r.device = d.device or r.status = d.device

select count(*) from readings r left join devices d on r.device = d.device and d.model = 'zzz'

select d.model, max(r.ts) from devices d join readings r on r.device = d.device where r.site = 's1' group by d.model having count(*) > 3 order by 1

select coalesce(d.model, 'none') m, count(*) filter (where r.ok) from readings r left join devices d on d.device = r.device group by m order by m

select a.n + b.n from (select count(*) n from readings where site = 's1') a, (select count(*) n from readings where site = 'd1') b

select r.site, count(*) from readings r join devices d on d.device = r.device join devices e on e.device = d.device + 1 group by 1 order by 1

select r.site from readings r join devices d on d.device = r.device where d.model = 'B2' group by r.site having sum(r.total) > 0 order by 1

select q.* from (select r.site, d.model, row_number() over (partition by d.model order by r.ts, r.site) rn from readings r join devices d using (device)) q where rn <= 2 order by 2, 3

select count(*) from readings r join devices d on r.device is not distinct from d.device

select count(*) from readings a left join readings b on a.site = b.site and a.ts = b.ts and a.device = b.device

select 1 from readings r join devices r on true

select r.nope from readings r join devices d using (device)

select device from readings r join devices d on r.device = d.device

select count(*) from readings r join devices d using (devices)

select d.model from readings r where d.device = 1

select d.device, x, x is null from devices d left join (select device, max(temp) m from readings group by device) x on x.device = d.device and x.m > 40 order by d.device

select d.device, x from devices d left join (select distinct device, site from readings where status = 3) x on x.device = d.device

select count(x), count(*), count(x.*) from devices d left join (select device, model from devices where model = 'B2') x on x.device = d.device

with x as materialized (select device, count(*) n from readings where temp > 20 group by device) select d.device, x from devices d left join x using (device)

select site, array_agg((device, temp) order by ts, device, temp) from readings where status = 3 and temp > 40 group by site

select site, (site, max(temp)) = (select d.model, 44.0 from devices d where d.device = 5) from readings group by site
