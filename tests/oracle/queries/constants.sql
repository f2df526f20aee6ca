-- conditions on a column that hold for what equals it too, in inner and outer joins and in subqueries

select a.site, count(*) from readings a join readings b on b.site = a.site and b.ts = a.ts where a.site = 's1' group by 1

select a.site, count(*), count(b.site) from readings a left join readings b on b.site = a.site and b.ts > a.ts and b.status = 2 where a.site in ('s1', 'p1') and a.temp > 45 group by 1

select a.site, count(*), count(b.site) from readings a left join readings b on b.site = a.site and b.ts > a.ts and b.site = 's1' where a.temp > 46 group by 1

select b.site, count(*), count(a.site) from readings a right join readings b on b.device = a.device and a.temp > 46 where b.device between 2 and 4 and b.status = 1 group by 1

select count(*), count(a.site), count(b.site) from readings a full join readings b on b.device = a.device and a.ts = b.ts and a.site <> b.site where a.device = 3

select count(*) from readings a full join readings b on b.device = a.device and a.ts = b.ts and a.device = 3 where a.site = 's1' or b.site = 's1'

select count(*) from readings a, readings b, devices d where a.device = b.device and b.device = d.device and a.device = 4 and a.ts = b.ts

select count(*) from readings a, readings b where a.device = b.device and a.day = b.day and b.day < '2024-02-25' and a.device >= 100 and a.status = 1

select count(*) from (select device, site, count(*) n from readings group by 1, 2) q join devices d on d.device = q.device where d.device < 3

select count(*) from devices d left join (select device, max(temp) m from readings group by 1) q on q.device = d.device where d.device in (1, 2, 300)

select a.ts, (select count(*) from readings b where b.site = a.site and b.ts > a.ts) from readings a where a.site = 's1' and a.temp > 46

select count(*) from readings a where a.site = 's2' and not exists (select 1 from readings b where b.site = a.site and b.device = a.device and b.temp > a.temp)

select count(*) from readings a where (a.site = 's2' or a.temp > 46) and exists (select 1 from readings b where b.site = a.site and b.temp > a.temp)

select count(*) from devices d where d.device < 4 and d.installed not in (select r.day from readings r where r.device = d.device and r.day is not null)

select d.device, (select max(r.temp) from devices e left join readings r on r.device = e.device where e.device = d.device) from devices d where d.device = 5

select count(*) from readings a left join devices d on d.device = a.device left join devices e on e.device = d.device and e.model = 'A1' where a.device = 2

select count(*), count(e.device) from readings a left join devices d on d.device = a.device left join devices e on e.device = d.device where d.device = 2 or d.device is null

select count(*) from readings a join readings b on a.total = b.total where a.total = 9007199254740993 and b.site = 's1' and a.site = 'd1'

select count(*) from readings a join readings b on a.price = b.price where a.price > 999.0 and b.price < 999.5
