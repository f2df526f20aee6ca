select device, rank() over (order by avg(temp) desc) from readings where device < 4 group by device
select device, round(sum(temp*2) over (order by temp/2, ts)::numeric, 6) from readings where device < 4
select device, row_number() over (partition by temp/3 order by temp*2.5, device, ts) from readings where device < 3
select device, count(*), rank() over (order by sum(temp) / count(*) desc), sum(count(*)) over () from readings where device < 6 group by device having count(*) > 2
select site, ok, grouping(site), rank() over (partition by grouping(site) + grouping(ok) order by sum(total) / 2 desc nulls last, ok) from readings group by rollup(site, ok)
select site || 'x', rank() over (order by count(*) * 2, site || 'x') from readings group by site || 'x'
select device, (select count(*) from devices d where d.device = r.device), rank() over (order by device * 2) from readings r where device < 4 group by device
select device, (select count(*) from devices d where d.device = r.device), row_number() over (order by device * 2, ts) from readings r where device < 4
select distinct device + 1, dense_rank() over (order by device + 1) from readings where device < 9 order by 2 desc limit 3
select lag(temp * 2, 1) over w, first_value(device) over w, ntile(3) over w from readings where device = 3 window w as (partition by device + 1 order by ts + interval '1 day')
select sum(total) over (order by day - date '2024-01-01' range between 3 preceding and current row) from readings where device < 4
select count(*) filter (where temp * 2 > 10) over (partition by device / 2) from readings where device < 5
select rank() over (order by temp + 1) + rank() over (order by -temp) from readings where device = 1
select percentile_cont(0.5) within group (order by temp * 2), string_agg(note, ',' order by temp * 2, ts, note), array_agg(device order by temp / 2, ts, site) from readings
select device, rank() over (order by s) from (select device, sum(temp * 2) / 3 as s from readings group by device) x where device < 4
select max(x) from (select rank() over (order by temp * 2) as x from readings) t
select row_number() over (order by x.price / 2, x.ts), x.site from readings x join devices d using (device) where d.device = 2 order by 1
select pg_typeof(sum(total) over (order by device * 2)) from readings limit 1
select row_number() over (order by i * 2) from generate_series(1, 3) i
select lag(count(*), 1, 0::bigint) over (order by date_trunc('day', ts)) from readings where device = 1 group by date_trunc('day', ts)
select sum(price / 3) over (partition by round(price / 7) order by price, ts) from readings where device = 1
