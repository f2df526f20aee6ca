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

-- distances over keys at the end of their type, of many digits, and no distance at all
select k, count(*) over (order by k range between 3 preceding and 3 following) as near, count(*) over (order by k desc range between 3 preceding and 9223372036854775807 following) as far from (values (2147483647), (2147483646), (1), (null), (-2147483648)) v(k)

select k, sum(k) over (order by k range between 9223372036854775807 preceding and 1 following exclude current row) from (values (9223372036854775807), (9223372036854775806), (0), (-9223372036854775808)) v(k)

select price, count(*) over (order by price range between '800.12345'::text::numeric preceding and '100.55555'::text::numeric following exclude ties) from readings where device = 3 and status = 2

select count(*) over (order by price range between '1e30'::text::numeric preceding and '-1'::text::numeric following) from readings where device = 3

select count(*) over (order by device range between null preceding and 3 following) from readings

select count(*) over (order by temp range between 1 preceding and null following) from readings

-- params: {"1": "800.5", "2": "100"}
select price, count(*) over (order by price range between $1 preceding and $2 following), count(*) over (order by device range between 1 preceding and $2 following) from readings where status = 2

select site, sum(status) s, count(*) over (order by sum(status::bigint) range between 100 preceding and 50.5 following) from readings group by site order by 2, 1

select device, count(*) over (order by a range between 20.25 preceding and current row), sum(a) over (order by a desc range between 5 preceding and 'Infinity'::numeric following exclude group) from (select device, avg(price) a from readings where device < 30 group by device) q order by a, device

select device, count(*) over (order by t range between 'Infinity' preceding and 2.5 following) from (select device, max(temp) t from readings group by device) q order by t, device
