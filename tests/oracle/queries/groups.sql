-- groups that lie in one shard each on some fleets: by the site, by the device, by the shard; and others that do not

select site, count(distinct device), count(*), avg(temp), sum(total) from readings where site is not null group by site

select site, count(distinct note) filter (where status > 0), count(distinct status) from readings where site in ('s1', 'd1', 'zz') group by site having count(distinct note) > 1

select site, array_agg(distinct status order by status), count(distinct day) from readings where site > 'a' group by 1 order by 2, 1

select site, string_agg(note, '|' order by ts, note) from readings where site >= 'a' and device = 3 and temp > 30 group by site

select site, string_agg(note, '|' order by ts, note), max(note), min(temp) from readings where site is not null and device in (1, 2) and temp > 25 group by site having count(*) > 1 order by 3 desc, 1 limit 3

select device, count(distinct site), count(distinct day), bool_and(ok) from readings where device is not null group by device

select device, count(distinct site), count(*) from readings group by device

select device, count(distinct site), sum(distinct status), min(distinct day) from readings where device < 104 group by device

select device, array_agg(total order by ts, site, total) from readings where device = 4 and site = 's1' and status = 2 group by device

select device, json_agg(status order by ts, site) from readings where device is not null and temp > 40 group by device

select d.device, d.model, count(distinct r.site), string_agg(distinct r.site, ',' order by r.site) from readings r join devices d on d.device = r.device where r.device is not null group by 1, 2

select d.device, count(distinct r.site) from devices d left join readings r on r.device = d.device and r.status = 2 where d.device > 0 group by d.device

select r.device, count(distinct d.model) from devices d left join readings r on r.device = d.device and r.status = 2 group by r.device

select device, site, count(distinct note), count(distinct note) = count(note) from readings where device > 100 group by device, site

select site, device, count(distinct day) from readings where site <> 's2' group by rollup (site, device)

select site, rank() over (order by count(distinct device) desc, site), count(distinct device) from readings where site is not null group by site

select site, 'x' as k, count(distinct device) from readings where site is not null group by site, 'x'::text

select distinct count(distinct device) from readings where site is not null group by site

select site, count(distinct device) + count(distinct status) * 100 as n from readings where site is not null group by site having max(temp) > 10 order by n desc, site offset 1

select _shard, count(distinct device), string_agg(note, '' order by ts, site, note) filter (where temp > 43) from readings group by _shard

select _node, count(distinct device), count(distinct _shard) from readings group by _node

select _shard, site, count(distinct device) from readings group by _shard, site

select case when site = 's1' then 'a' else 'b' end, count(distinct device) from readings where site is not null group by 1

select upper(site), count(distinct device) from readings where site is not null group by 1

select site, device, avg(total), count(*) from readings where site is not null group by site, device having count(*) > 2 and max(temp) > 20 order by avg(total) desc nulls last, site, device limit 4 offset 1

select device, sum(total), count(total) from readings where device is not null group by device having sum(total) > 100 or count(*) < 3 order by sum(total) desc nulls first, device limit 3

select _shard, device, count(*), sum(temp) from readings group by 1, 2 having count(*) > 1 and (device > 1 or device is null) order by 3 desc, 1, 2 limit 6

select site, min(note), max(day) from readings where site <> 'nowhere' group by site having avg(temp) > 5 order by max(note) nulls first, site fetch first 2 rows only

select site, device, stddev(temp), count(*) from readings where site is not null group by 1, 2 having stddev(total) > 0 and count(*) > 2 order by 1, 2 limit 3

select site, count(*) * 2 as twice, bool_or(ok) from readings where site > 'a' group by site having count(*) * 2 > 10 order by -count(*), site limit 2

select device, 'x' as k, avg(status), avg(price), avg(hum) from readings where device in (1, 2, 3, 4) group by 1, 2 having avg(status) > 0 or avg(price) > 1 order by avg(price) desc nulls last, 1 limit 2

select model, count(*), array_agg(device order by device) from devices group by model having count(*) > 1 order by count(*) desc, model limit 2

select r.site, d.model, sum(r.total) from readings r join devices d using (device) where r.site is not null group by 1, 2 having sum(r.total) is not null order by 3 desc, 1, 2 limit 3

select * from (select site, count(*) n, max(ts) last from readings where site is not null group by site) q where n > 5 and last > '2024-03-01' order by n desc limit 2

select unnest(string_to_array(site || ' x ' || status, ' ')) as w, count(*) from readings where site is not null group by w order by 2 desc, 1

select upper(regexp_split_to_table(device, '-')) part, max(temp), count(distinct site) from readings group by rollup (1) order by 1 nulls first, 2, 3

select unnest(array[1, 2, 2]) a, unnest(array['x', 'y', 'z', 'x']) b, count(*), sum(unnest(array[1])) over () from devices group by 1, 2 order by 1, 2

select site as a, site as b, count(*), sum(total), grouping(site) from readings where device < 5 group by a, rollup (b)

select device, rank(device) within group (order by status) from readings where device < 5 group by rollup (device)
