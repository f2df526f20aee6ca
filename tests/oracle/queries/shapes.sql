-- shapes that are easily computed wrong when groups span nodes, one a name
-- HAVING over a partial
select device, count(*), avg(temp) from readings group by device having count(*) > 60 and avg(temp) > 10 order by device

-- JOIN with WHERE
select d.model, count(*), sum(r.total) from readings r join devices d on d.device = r.device where r.ok and d.installed > '2021-01-01' group by d.model order by d.model

-- top-k by an aggregate when groups span nodes
select device, sum(total) as s, count(*) from readings where device is not null group by device order by s desc nulls last, device limit 3

-- stddev
select device, stddev(temp), stddev_pop(status), variance(price) from readings group by device order by device

-- sum/count arithmetic
select device, sum(price) / count(price), 100.0 * count(note) / count(*), sum(status) * 2 + 1 from readings group by device order by device

-- count(DISTINCT) beside sum
select ok, count(distinct device), sum(total), avg(price) from readings group by ok order by ok

-- OFFSET
select device, count(*) from readings group by device order by count(*) desc, device limit 4 offset 3

select site, ts, device from readings order by ts desc, site limit 5 offset 7

-- second ORDER BY key
select ok, status, count(*) from readings group by ok, status order by ok desc nulls last, status desc nulls first

select status, site, ts from readings order by status nulls first, ts desc, site limit 9

-- scalar subquery in WHERE
select device, count(*) from readings where temp > (select avg(temp) from readings) group by device order by device

-- CTE
with daily as (select day, device, sum(total) as s from readings group by day, device) select device, max(s), count(*) from daily group by device order by device

-- 7-day bins across months
select date_bin('7 days', ts, timestamptz '2024-01-01 00:00+00') as week, count(*), avg(temp) from readings group by week order by week

-- date_trunc grouping
select date_trunc('month', ts) as m, date_trunc('week', ts) as w, count(*), min(ts), max(temp) from readings group by m, w order by m, w

-- duplicate output names
select site as x, ok as x, count(*) as x from readings group by site, ok order by 1, 2

-- aliases
select device as site, count(*) as device, max(site) as ok from readings group by readings.device order by readings.device

-- UNION
select site, count(*) from readings where ok group by site union select site, count(*) from readings where not ok group by site order by 1, 2

select 'low' as kind, avg(temp) from readings where temp < 15 union all select 'high', avg(temp) from readings where temp >= 15 order by 1

-- CASE
select case when temp > 30 then 'hot' when temp is null then 'none' else 'mild' end as kind, count(*), sum(case when ok then 1 else 0 end) from readings group by 1 order by 1

-- windows
select device, sum(total) as s, rank() over (order by count(*) desc, device), sum(sum(total)) over (order by device) from readings group by device order by device

-- FILTER
select device, count(*) filter (where ok), sum(price) filter (where status > 0), avg(temp) filter (where note is not null) from readings group by device order by device
