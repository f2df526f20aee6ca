select count(*) from readings

select site, count(*) from readings group by site order by site

select site, count(*) as n, avg(temp) as mean, min(temp) as low, max(temp) as high from readings group by site order by site

select device, sum(total) from readings group by device order by device nulls last

select device, avg(total) from readings group by device order by device nulls first

select status, count(*), count(note), count(distinct device) from readings group by status order by status

select ok, sum(price), avg(price), min(price), max(price) from readings group by ok order by ok

select site, sum(temp) / count(temp) from readings group by site

select site, sum(total) / nullif(count(distinct device), 0) from readings group by site order by 1

select site, round(avg(price), 2) from readings group by site order by site

select site, round(avg(temp)::numeric, 3) from readings where temp is not null group by site order by site

select site, stddev(temp), variance(temp), stddev_pop(hum) from readings group by site order by site

select device % 10 as digit, count(*) from readings group by 1 order by 1

select case when temp < 0 then 'frost' when temp < 20 then 'mild' when temp is null then 'unknown' else 'warm' end as class, count(*) from readings group by 1 order by 1

select width_bucket(temp, -20, 50, 7) as bucket, count(*) from readings where temp is not null group by bucket order by bucket

select floor(temp / 5) * 5 as bin, count(*) from readings group by 1 order by 1 nulls last

select site, count(*) filter (where ok) as good, count(*) filter (where not ok) as bad, count(*) filter (where ok is null) as unknown from readings group by site order by site

select site, bool_and(ok), bool_or(ok), every(status >= -1) from readings group by site order by site

select site, max(ts) from readings group by site order by site

select max(ts) - min(ts), min(day), max(day) from readings

select site, max(note), min(note) from readings group by site order by site

select count(distinct site), count(distinct note), count(distinct day), count(distinct ok) from readings

select site, count(distinct note) from readings group by site order by site

select site, sum(distinct status) from readings group by site order by site

select site, avg(distinct status) from readings group by site order by site

select count(*) from readings where temp between 10 and 20

select count(*) from readings where temp not between 10 and 20

select count(*) from readings where site in ('s1', 'g1') and status in (1, 2)

select count(*) from readings where site not in ('s1', 'g1')

select count(*) from readings where note is null and ok is not false

select count(*) from readings where coalesce(note, '') = ''

select sum(status), sum(status::bigint), sum(status::numeric), sum(status::real) from readings

select avg(status), avg(total), avg(price), avg(hum) from readings

select min(hum), max(hum), sum(hum) from readings

select sum(price * status) from readings

select sum(total) filter (where total > 0), sum(total) filter (where total < 0) from readings

select site, count(*) as n from readings group by site having count(*) > 100 order by n desc, site

select site, avg(price) from readings group by site having avg(price) > (select avg(price) from readings) order by site

select device, count(*) from readings group by device having bool_or(note = 'ok') order by device

select site, device, count(*) from readings group by site, device order by count(*) desc, site, device limit 10

select extract(hour from ts) as hour, count(*) from readings group by hour order by hour

select day, count(*) from readings where day >= date '2024-03-01' and day < date '2024-03-08' group by day order by day

select site, date_trunc('week', ts) as week, count(*), avg(temp) from readings group by site, week order by site, week

select date_trunc('month', ts) as month, site, sum(price) from readings group by 1, 2 order by 1, 2

select count(*) * 100.0 / (select count(*) from readings) as pct from readings where ok

select site, count(*) * 100.0 / sum(count(*)) over () as pct from readings group by site order by site

select corr(temp, hum), regr_slope(temp, hum), covar_pop(temp, hum) from readings

select site, percentile_cont(0.5) within group (order by temp) from readings group by site order by site

select percentile_disc(0.9) within group (order by status) from readings

select mode() within group (order by status) from readings

select site, string_agg(distinct model, ',' order by model) from readings join devices using (device) group by site order by site

select array_agg(distinct site order by site) from readings

select max(abs(temp)), min(abs(price)), sum(abs(status)) from readings

select site, min(day) from readings where note = 'ok' group by site order by site

select sum(1), count(1), sum(null::int), count(null) from readings

select bit_and(status), bit_or(status) from readings

select 1 as one, 'x' as label, count(*) from readings group by 1, 2

select distinct site, ok from readings order by site, ok nulls first

select distinct status from readings order by status desc nulls last

select distinct on (site) site, ts, temp from readings order by site, ts desc, temp
