-- joins that a fleet whose tables are cut alike computes where the rows are: by the shard key, by _shard's own, outer, semi, anti

select r.site, d.model, count(*), sum(r.total), avg(r.temp) from readings r join devices d on d.device = r.device group by 1, 2

select r.site, d.model from readings r, devices d where d.device = r.device and r.temp > 30

select r.device, d.model, r.note from readings r left join devices d on d.device = r.device and d.installed > '2021-06-01' where r.site = 's1'

select d.device, d.model, count(r.site) from readings r right join devices d on d.device = r.device and r.status = 2 group by 1, 2

select coalesce(r.device, d.device), count(*), count(r.site), count(d.model) from readings r full join devices d on d.device = r.device and r.site = 'g1' group by 1

select count(*) from readings r full join devices d on d.device = r.device where r.site is null

select count(*) from readings r full join devices d on d.device = r.device where d.device is null

select a.site, b.site, count(*) from readings a join readings b on a.device = b.device and a.ts = b.ts group by 1, 2

select a.site, count(*), count(b.ts) from readings a left join readings b on a.device = b.device and a.day = b.day and b.status = 1 and b.site <> a.site where a.status = 2 group by 1

select count(*) from readings a join readings b on a.ts = b.ts and a.device <> b.device

select count(*) from readings a left join readings b on a.day = b.day and b.device = 3 where a.device = 3 and a.site = 's1'

select count(*) from readings a, readings b where a.device = 3 and b.device = 3 and a.ts < b.ts and a.site = 's1' and b.site = 'd1'

select count(*) from readings a join readings b on b.device = a.device + 1 and b.ts = a.ts

select a.device, count(*) from readings a join devices d on d.device = a.device join readings b on b.device = d.device and b.ts > a.ts and b.site = a.site where a.site = 'p1' and a.status = 1 group by 1

select a.site, count(*) from readings a left join devices d on d.device = a.device left join readings b on b.device = d.device and b.site = 'g1' and b.status = 0 where a.site = 'd1' group by 1

select a.site, count(*) from (readings a left join devices d on d.device = a.device and d.model = 'A1') join readings b on b.device = d.device and b.ts = a.ts group by 1

select count(*), count(d.device), count(e.device) from devices d full join devices e on d.device = e.device and d.model = 'A1' and e.installed > '2021-01-01'

select d.model, count(distinct r.site), count(distinct r.device) from readings r join devices d using (device) group by 1

select distinct d.model, r.site from readings r join devices d using (device) where r.ok

select r.ts, d.model, r.site from readings r join devices d using (device) order by r.ts desc, r.site, d.model limit 7 offset 3

select distinct on (d.model) d.model, r.ts, r.site from readings r join devices d using (device) order by d.model, r.ts desc, r.site

select count(*) from readings r join devices d on d.device = r.device where r.device is null

select count(*) from readings r left join devices d on d.device = r.device where r.device is null and r.status = 1

select site, count(*) from readings r where exists (select 1 from devices d where d.device = r.device and d.model = 'A1') group by 1

select site, count(*) from readings r where not exists (select 1 from devices d where d.device = r.device and d.model = 'A1') group by 1

select count(*) from devices d where not exists (select from readings r where r.device = d.device and r.temp > 44)

select d.device from devices d where d.device in (select r.device from readings r where r.temp > 44)

select count(*) from devices d where d.device not in (select r.device from readings r where r.temp > 44 and r.device is not null)

select count(*) from devices d where d.device not in (select r.device from readings r where r.temp > 20)

select d.device, (select max(r.temp) from readings r where r.device = d.device) from devices d

select d.device, d.model from devices d where (select count(*) from readings r where r.device = d.device and r.status = 3) > 10

select a.site, count(*), count(b.ts) from readings a left join readings b on a._shard = b._shard and a.ts = b.ts and b.status = 2 group by 1

select a._shard, a._node, b._shard, b._node, count(*) from readings a full join readings b on a._shard = b._shard and a.ts = b.ts and a.site <> b.site group by 1, 2, 3, 4

select count(*) from readings a, readings b where a._shard = 's1' and b._shard = 's1' and a.ts = b.ts

select d._shard, r._node, count(*) from readings r join devices d on d.device = r.device where r._shard > 'k1' group by 1, 2

select d.device, d._shard, r._shard from devices d left join readings r on d.device = r.device and r.temp > 44
