-- windows that look into one shard only on some fleets, and what is asked of them

select device, site, ts, status from (select device, site, ts, status, lag(status) over (partition by _shard, device order by ts, temp, total) was from readings where ok) x where status <> was order by 1, 2, 3

select site, sum(delta), count(*), max(delta) from (select site, total - lag(total) over (partition by site, device order by ts, temp) as delta from readings where site is not null and total between -100000 and 100000) x where delta > 0 group by site

select device, round(sum(d)::numeric, 4) from (select device, temp - first_value(temp) over (partition by _shard order by ts, device, site) as d from readings) x group by device

select distinct _shard, device, max(temp) over (partition by _shard, device) from readings order by 3 desc nulls last, 1, 2 limit 3

select model, count(*), sum(price) from (select d.model, r.price, row_number() over (partition by r._shard, r.device order by r.ts desc, r.temp) rn from readings r join devices d using (device)) x where rn = 1 group by model

select site, ts, rank() over (partition by site order by ts), sum(status) over (partition by site order by ts rows between 1 preceding and 1 following), note from readings where site in ('s1', 'd1', 'p1') order by site, ts, note offset 3

select site, day, n from (select site, day, count(*) over (partition by site, day) n from readings where site > 'a') q where n > 20 order by 1, 2

select count(*), max(n) from (select count(*) over (partition by _shard) n from readings) q

select device, rank() over (partition by model order by installed) r, model from devices where device > 1 order by r, device limit 4

select device, lead(installed) over (partition by model order by installed, device), (select count(*) from devices e where e.model = d.model) from devices d order by 1

select site, device, r from (select site, device, ts, dense_rank() over (partition by site order by device desc nulls last) r from readings where site is not null) q where r = 2 and device > 1 order by 1, ts limit 5

select distinct on (site) site, d, ts from (select site, ts, price, price - lag(price, 2) over (partition by site order by ts, device, price) d from readings where site <> 'x') q order by site, d desc nulls last, ts

select a.site, a.n, b.site from (select site, row_number() over (partition by site order by ts, device) n from readings where site = 's1') a join (select site, row_number() over (partition by site order by ts, device) n from readings where site = 'd1') b on a.n = b.n and a.n < 4 order by 1, 2

select site, x, count(*) from (select site, ntile(3) over (partition by site order by ts, temp) x from readings where site is not null) q group by 1, 2 having count(*) > 2 order by 1, 2

select _shard, min(gap), avg(gap) from (select _shard, ts - lag(ts) over (partition by _shard order by ts) gap from readings) q group by _shard

select site from (select site, row_number() over (partition by site order by ts) n, generate_series(1, 2) g from readings where site = 's2') q where n = 1

select site, first_value(note) over (partition by site order by ts nulls first, device), random() < 2 from readings where site = 'g1' order by ts, device limit 3

select note, last_value(note) over (partition by site, day order by note range between unbounded preceding and unbounded following), percent_rank() over (partition by site order by note) from readings where site = 'd1' and status = 1 order by note, day limit 7

select s, count(*) from (select site s, sum(status) over (partition by site order by ts range between interval '1 day' preceding and current row) w from readings where site is not null) q where w > 3 group by s

select ts, site, device, r from (select ts, site, device, row_number() over (partition by _shard order by ts, device, site) as r from readings order by ts desc, device, site) q where r <= 2 limit 3
