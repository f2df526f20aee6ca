-- moments of integers, of numerics and of floats
select site, stddev(status), var_pop(status), variance(device), stddev_pop(device) from readings group by site order by site

select stddev(total), var_samp(total), var_pop(total), stddev_pop(total), avg(total) from readings

select site, variance(total), count(total) from readings group by site order by site

select stddev(price), var_pop(price), var_samp(price), stddev_pop(price) from readings

select device, stddev(price), var_samp(price) from readings group by device order by device

select site, stddev(temp), var_pop(temp), variance(hum), stddev_pop(hum) from readings group by site order by site

-- one row, no row, NULL only
select stddev(temp), stddev_pop(temp), var_samp(status), var_pop(status), stddev(price) from readings where site = 's1' and device = 2 and temp > 40

select stddev(temp), var_pop(status), corr(temp, hum), bit_and(status), sum(price) from readings where site = 'nowhere'

select site, stddev(temp), var_pop(total), regr_slope(temp, hum), regr_count(temp, hum) from readings where temp is null group by site order by site

select device, stddev(note::numeric) from readings where note is null group by device order by device

-- large and nearly equal
select stddev(1e5 + status::float8), var_pop(1e5 + status::float8) from readings

select stddev(9223372036854775807 - abs(status)::bigint), var_pop(-9223372036854775807 + abs(status)::bigint) from readings

select site, var_pop(case when ok then 9223372036854775807 else -9223372036854775808 end) from readings group by site order by site

select var_samp(price * 12345678901234567890.12345678901234567), stddev(price * 12345678901234567890.12345678901234567) from readings

select sum(price * 99999999999999999999999999.9999999), avg(price * 99999999999999999999999999.9999999) from readings

-- no numbers and infinities
select var_pop(case when device = 3 then 'NaN'::float8 else temp end), stddev(case when device = 3 then 'Infinity'::float8 else temp end) from readings

select site, var_samp(case when status = 3 then '-Infinity'::float8 else temp end) from readings group by site order by site

select stddev(case when device = 3 then 'NaN'::numeric else price end) from readings

select var_pop(1e200::float8 * case when ok then 1 else -1 end) from readings

-- pairs
select corr(temp, hum), covar_pop(temp, hum), covar_samp(temp, hum), regr_count(temp, hum) from readings

select site, regr_slope(temp, status), regr_intercept(temp, status), regr_r2(temp, status) from readings group by site order by site

select ok, regr_avgx(temp, hum), regr_avgy(temp, hum), regr_sxx(temp, hum), regr_syy(temp, hum), regr_sxy(temp, hum) from readings group by ok order by ok

select corr(temp, 1), regr_r2(1, temp), regr_slope(temp, 5), regr_r2(temp, 5) from readings

select site, corr(temp, hum) filter (where ok), covar_samp(price, total) filter (where status > 0) from readings group by site order by site

-- bits and booleans
select site, bit_and(status), bit_or(device), bit_xor(total) from readings group by site order by site

select bit_xor(device), bit_xor(distinct device), bit_or(status) filter (where status > 0), every(ok), bool_and(ok), bool_or(ok) from readings

-- intervals
select site, sum(ts - timestamptz '2024-02-20 00:00+00'), avg(ts - timestamptz '2024-02-20 00:00+00') from readings group by site order by site

select sum(interval '1 mon 2 days' * status), avg(interval '36 hours' * status), max(interval '1 day' * status) from readings

-- filters
select site, stddev(temp) filter (where ok), variance(status) filter (where not ok), avg(price) filter (where device > 100), count(*) filter (where note is null) from readings group by site order by site

-- distinct beside others
select site, count(distinct device), count(distinct status), count(distinct note), sum(total), avg(temp), count(*) from readings group by site order by site

select count(distinct device), sum(distinct status), avg(distinct status), stddev(distinct status), sum(status) from readings

select site, count(distinct device) filter (where ok), count(distinct note) filter (where temp > 20), sum(price) from readings group by site order by site

select count(distinct (device, status)), count(distinct device) from readings

select site, array_agg(distinct status order by status), count(distinct device), max(ts) from readings group by site order by site

select site, string_agg(distinct note, '|' order by note), string_agg(distinct note, ',' order by note desc), sum(price), stddev(price) from readings group by site order by site

select corr(distinct temp, hum), count(distinct temp) from readings

-- grouping sets over the finest grouping
select site, ok, count(distinct device), stddev(temp), var_pop(status), percentile_disc(0.5) within group (order by status), grouping(site, ok) from readings group by grouping sets ((site, ok), (site), ()) order by site, ok, grouping(site, ok)

select site, status, corr(temp, hum), count(distinct note), count(distinct device), sum(price) from readings group by rollup (site, status) order by site, status, sum(price)

select ok, status, median, n from (select ok, status, percentile_cont(0.5) within group (order by temp) as median, count(*) as n from readings group by cube (ok, status)) q order by ok, status, n

-- values with counts
select percentile_cont(0.5) within group (order by temp), percentile_disc(0.9) within group (order by temp) from readings

select site, percentile_cont(array[0.1, 0.5, 0.99]) within group (order by status), mode() within group (order by status) from readings group by site order by site

select site, percentile_disc(array[0, 0.25, 1]) within group (order by ts desc), mode() within group (order by device desc) from readings group by site order by site

select device, percentile_disc(0.5) within group (order by note), mode() within group (order by note), mode() within group (order by ok) from readings group by device order by device

select site, mode() within group (order by width_bucket(status, array[-2, 0, 3, 7])), mode() within group (order by array_position(array['s1', note], note)) from readings group by site order by site

select temp, percentile_cont(0.5) within group (order by temp), mode() within group (order by temp), string_agg(distinct note, '|'), count(distinct site) from readings group by temp order by temp

select site, percentile_disc(array[0.5, 1]) within group (order by site), count(distinct note), avg(temp::numeric(10, 3)) from readings group by site order by site

select percentile_disc(0.5) within group (order by price), percentile_cont(0.25) within group (order by price), mode() within group (order by price) from readings

select site, percentile_cont(0.5) within group (order by temp) filter (where ok), percentile_cont(0.5) within group (order by hum), avg(temp), count(*) from readings group by site order by site

select percentile_disc(null::float8) within group (order by status), percentile_disc(array[0.5, null]) within group (order by status), percentile_cont(array[null, 0.5]) within group (order by temp) from readings

select percentile_cont(1.5) within group (order by temp) from readings

select percentile_cont(null) within group (order by temp), mode() within group (order by note) from readings where site = 'nowhere'

select site, percentile_cont(0.5) within group (order by temp) from readings where temp is null group by site order by site

select day, percentile_disc(0.75) within group (order by day) from readings group by day order by day

-- the first of a sorted list
select device, (array_agg(temp order by ts desc))[1], count(*), max(ts) from readings group by device order by device

select site, (array_agg(note order by ts))[1] as first_note, (array_agg(note order by ts desc))[1] as last_note from readings group by site order by site

select (array_agg(site order by temp desc nulls last, ts))[1], (array_agg(temp order by ts, site) filter (where ok))[1] from readings

select device, (array_agg(temp order by ts desc) filter (where temp > 40))[1], count(distinct status) from readings group by device order by device

select site, (array_agg(temp order by ts desc))[1], array_agg(status order by ts desc) from readings where device = 3 group by site order by site

select ok, (array_agg(price order by price desc nulls last))[1], (array_agg(price order by price))[2] from readings group by ok order by ok

select site, (array_agg(note order by ts))[1] from readings where site = 'nowhere' group by site

select (array_agg(note order by ts))[1] from readings where site = 'nowhere'

-- rows with sort keys
select site, string_agg(note, ',' order by ts, note) from readings where device = 3 group by site order by site

select array_agg(device order by ts, site) filter (where temp > 44), count(*) from readings

-- the latest row of each device
select * from (select device, ts, temp, row_number() over (partition by device order by ts desc, site) as rn from readings) q where rn = 1 order by device

select device, temp from (select *, row_number() over (partition by device order by ts desc nulls last, site) as rn from readings where ok) q where rn <= 1 and temp is not null order by device

select site, device, ts from (select site, device, ts, row_number() over (partition by site, device order by ts, temp) as rn from readings) q where 1 = rn order by site, device

select count(*) from (select device, row_number() over (partition by device order by ts desc) as rn from readings) q where rn = 1 and device > 3

select * from (select device, ts, rank() over (partition by device order by status desc) as r from readings) q where r = 1 order by device, ts limit 20

select * from (select device, ts, row_number() over (partition by device order by ts desc, site) as rn, count(*) over (partition by device) as n from readings) q where rn = 1 order by device

select * from (select device, row_number() over (partition by device order by ts desc, site) as rn, row_number() over (partition by site order by ts desc, device) as other from readings) q where rn = 1 order by device, other

select * from (select device, ts, row_number() over (order by ts desc, site, device) as rn from readings) q where rn = 1

select d.model, q.temp from devices d left join (select device, temp, row_number() over (partition by device order by ts desc, site) as rn from readings) q on q.device = d.device and q.rn = 1 order by 1, 2

select distinct device, first_value(temp) over (partition by device order by ts desc, site) from readings order by device

select distinct on (device) device, ts, temp, note from readings order by device, ts desc, site

select distinct on (site, ok) site, ok, ts, price from readings where price is not null order by site, ok desc nulls last, price desc, ts

select device, string_agg(distinct site::varchar(4), '/' order by site::varchar(4) desc), avg(distinct device::int2 order by device::int2) from readings group by device

select string_agg(distinct site::varchar(4), '/' order by (site::varchar(4))::text) from readings

select sum(1e308::float8) from readings

select site, avg(case when device = 3 then 1e308 else temp end) from readings group by site

select sum(case when device = 3 then 'Infinity'::float8 else temp end), avg(case when device = 3 then '-Infinity'::float8 else temp end) from readings

select site, sum(case when device = 3 then 'NaN'::float8 else temp end), sum(distinct case when device = 3 then 'Infinity'::float8 end) from readings group by site
