select site, ts, row_number() over (partition by site order by ts, device, temp) from readings order by site, ts, device, temp limit 20

select site, n, rank() over (order by n desc), dense_rank() over (order by n desc) from (select site, count(*) n from readings group by site) q order by site

select day, n, sum(n) over (order by day) from (select day, count(*) n from readings where day is not null group by day) q order by day

select day, n, avg(n) over (order by day rows between 2 preceding and current row) from (select day, count(*) n from readings where day is not null group by day) q order by day

select day, n, lag(n) over (order by day), lead(n, 2, 0) over (order by day) from (select day, count(*) n from readings where day < '2024-03-01' group by day) q order by day

select site, day, sum(s) over (partition by site order by day range between unbounded preceding and current row) from (select site, day, sum(price) s from readings where day is not null group by 1, 2) q order by 1, 2

select site, first_value(t) over w, last_value(t) over w from (select site, max(temp) t from readings group by site) q window w as (order by site rows between unbounded preceding and unbounded following) order by site

select ntile(4) over (order by device), device from devices order by device

select device, model, count(*) over (partition by model), percent_rank() over (order by device), cume_dist() over (order by model) from devices order by device

select site, count(*), sum(count(*)) over () from readings group by site order by site

select site, count(*), count(*)::float8 / sum(count(*)) over () from readings group by site order by site

select device, installed, installed - lag(installed) over (order by installed, device) from devices order by installed, device

select model, device, max(device) over (partition by model order by device rows between 1 following and 2 following) from devices order by model, device

select nth_value(device, 3) over (order by device), device from devices order by device limit 6

select site, status, n, n - first_value(n) over (partition by site order by status) d from (select site, status, count(*) n from readings group by 1, 2) q order by 1, 2

select * from (select site, temp, dense_rank() over (partition by site order by temp desc nulls last) r from readings) q where r <= 3 order by site, r, temp

select count(*) over (), min(device) over () from devices limit 3

select device, sum(device) over (order by device groups between 1 preceding and 1 following) from devices order by device

select device, array_agg(device) over (order by device rows 2 preceding) from devices order by device limit 5

select device, string_agg(model, '') over (order by device) from devices order by device

select day, sum(n) filter (where n > 40) over (order by day) from (select day, count(*) n from readings where day is not null group by day) q order by day

select site, avg(avg(temp)) over (order by site) from readings group by site order by site

select site from readings where row_number() over () = 1

select sum(row_number() over ()) from readings
