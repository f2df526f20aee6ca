-- what the rarer rules of the planner fire on: conditions that say nothing, outer joins that are none, ON of one side

select site, count(*) from readings where true and 1 = 1 group by site

select count(*) from readings where 1 = 0

select site, max(temp) from readings where null::boolean group by site

select count(*), sum(total), max(day) from readings where false and temp > 20

select site, device from readings where status > 0 and not false and device = 1

select r.site, r.device from readings r where 1 = 1 and r.site in ('s1', 'g1') and true and r.total > 100000

select d.model, count(*) from readings r left join devices d on d.device = r.device where d.model like 'A%' group by d.model

select d.model, sum(r.total) from readings r right join devices d on d.device = r.device where r.site = 's1' group by d.model

select r.site, d.model, count(*) from readings r full join devices d on d.device = r.device where r.status = 1 and d.device > 2 group by 1, 2

select count(*) from readings r left join devices d on d.device = r.device where d.model is null

select count(*) from readings r left join devices d on d.device = r.device where coalesce(d.model, 'none') = 'none'

select r.site, count(*) from (select * from readings where device < 5) r full join devices d on d.device = r.device where d.installed > '2022-01-01' group by r.site

select a.site, b.site, count(*) from readings a left join readings b on b.ts = a.ts and b.site = 'd1' where a.site = 's1' and b.temp is not null group by 1, 2

select r.site, count(d.model) from readings r left join devices d on d.device = r.device and d.model like 'B%' group by r.site

select r.site, count(*), count(d.device) from readings r left join devices d on d.device = r.device and r.temp > 20 group by r.site

select d.device, count(r.site) from readings r right join devices d on d.device = r.device and r.site = 'p1' group by d.device

select d.device, count(r.site) from readings r right join devices d on d.device = r.device and d.model > 'B' group by d.device

select d.device, r.site, count(*) from readings r full join devices d on d.device = r.device and r.site = 'p1' and d.model > 'B' group by 1, 2

select a.site, count(b.ts) from readings a join readings b on b.ts = a.ts and a.site = 's1' and b.site in ('d1', 'p1') and a.status = 1 group by a.site

select a.site, count(b.ts) from readings a left join readings b on b.ts = a.ts and b.device = a.device and b.site = 'g1' and a.temp > 25 group by a.site

select r.site, q.n from readings r join (select device, count(*) n from readings group by device) q on q.device = r.device and q.device = 3 and q.n > 10 where r.status = 1

select d.device, q.n from devices d left join (select device, count(*) n from readings group by device) q on q.device = d.device and q.device < 4

select d.device, q.n from (select device, count(*) n from readings group by device) q right join devices d on q.device = d.device and q.n > 1 and q.device <> 2

select d.model, q.day, q.n from devices d join (select device, day, count(*) n from readings group by device, day) q on q.device = d.device and q.day = date '2024-03-05' and d.model > 'A'

select * from readings limit 0

select * from (select site, count(*) n, max(temp) from readings group by 1 having count(*) > 3) q where 1 = 0

select count(*), max(n) from (select site, count(*) n from readings group by 1) q where false

select site, (select count(*) from devices) from readings union all select model, 1 from devices limit 0

select (select count(*) from readings where site = 's1'), count(*) from devices where 1 = 0

select site, sum(n) from (select site, 1 as n from readings union all select model, 2 from devices) q where n = 2 group by 1

with a as (select * from readings limit 0) select count(*) from a union all select count(*) from a

select d.device, x.n from devices d left join (select device, count(*) n from readings group by 1 limit 0) x on x.device = d.device

select count(*) from devices where exists (select 1 from readings limit 0)

select site from readings group by site having false

select max(temp) from readings where false having count(*) = 0

select count(*) from (values (1), (2)) v(x) where x > 1 and 1 = 0
