-- single-groupby-1-1-1
select date_trunc('minute', time) as minute, max(usage_user) from cpu
where hostname = 'host_7' and time >= '2016-01-01 02:17:00+00' and time < '2016-01-01 03:17:00+00' group by minute order by minute;

-- single-groupby-1-8-1
select date_trunc('minute', time) as minute, max(usage_user) from cpu
where hostname in ('host_1', 'host_3', 'host_4', 'host_9', 'host_12', 'host_17', 'host_20', 'host_23')
  and time >= '2016-01-01 05:02:11+00' and time < '2016-01-01 06:02:11+00' group by minute order by minute;

-- single-groupby-5-8-1
select date_trunc('minute', time) as minute, max(usage_user) as u, max(usage_system) as s, max(usage_idle) as i, max(usage_nice) as n,
  max(usage_iowait) as w
from cpu
where tags_id in (select id from hosts where hostname in ('host_1', 'host_3', 'host_4', 'host_9', 'host_12', 'host_17', 'host_20', 'host_23'))
  and time >= '2016-01-01 01:00:00+00' and time < '2016-01-01 02:00:00+00' group by minute order by minute;

-- cpu-max-all-8
select date_trunc('hour', time) as hour, max(usage_user), max(usage_system), max(usage_idle), max(usage_nice), max(usage_iowait)
from cpu
where hostname in ('host_0', 'host_3', 'host_5', 'host_8', 'host_11', 'host_15', 'host_18', 'host_21')
  and time >= '2016-01-01 02:00:00+00' and time < '2016-01-01 10:00:00+00' group by hour order by hour;

-- double-groupby-1
with cpu_avg as (
  select date_trunc('hour', time) as hour, tags_id, avg(usage_user) as mean_usage_user from cpu
  where time >= '2016-01-01 00:00:00+00' and time < '2016-01-01 12:00:00+00' group by 1, 2)
select hour, hosts.hostname, mean_usage_user from cpu_avg join hosts on cpu_avg.tags_id = hosts.id order by hour, hosts.hostname;

-- double-groupby-5
with cpu_avg as (
  select date_trunc('hour', time) as hour, tags_id, avg(usage_user) as m1, avg(usage_system) as m2, avg(usage_idle) as m3,
    avg(usage_nice) as m4, avg(usage_iowait) as m5
  from cpu where time >= '2016-01-01 03:00:00+00' and time < '2016-01-01 09:00:00+00' group by 1, 2)
select hour, hosts.hostname, m1, m2, m3, m4, m5 from cpu_avg join hosts on cpu_avg.tags_id = hosts.id order by hour, hosts.hostname;

-- high-cpu-all
select * from cpu where usage_user > 90.0 and time >= '2016-01-01 00:00:00+00' and time < '2016-01-01 06:00:00+00' order by time, tags_id;

-- high-cpu-1
select * from cpu
where usage_user > 90.0 and time >= '2016-01-01 00:00:00+00' and time < '2016-01-01 12:00:00+00' and tags_id = 4 order by time;

-- lastpoint
select distinct on (hosts.hostname) hosts.hostname, cpu.* from cpu join hosts on cpu.tags_id = hosts.id order by hosts.hostname, time desc;

-- lastpoint, with lateral
select h.hostname, c.time, c.usage_user, c.usage_iowait
from hosts h cross join lateral (select * from cpu where cpu.tags_id = h.id order by time desc limit 1) c order by h.hostname;

-- groupby-orderby-limit
select date_trunc('minute', time) as minute, max(usage_user) from cpu where time < '2016-01-01 09:41:10+00' group by minute
order by minute desc limit 5;

-- five-minute buckets as Grafana writes them
select floor(extract(epoch from time) / 300) * 300 as bucket, hostname, avg(usage_system), count(usage_nice) from cpu
where time between '2016-01-01T03:00:00Z' and '2016-01-01T03:59:59Z' and hostname like 'host_1%' group by 1, 2 order by 1, 2;

-- date_bin
select date_bin('15 minutes', time, timestamptz '2001-01-01') as bin, region, stddev_samp(usage_user), percentile_cont(0.95) within group (order by usage_idle)
from cpu join hosts on id = tags_id group by 1, 2 order by 1, 2;

-- last-loc
select t.name, t.driver, r.longitude, r.latitude
from trucks t inner join lateral (
  select longitude, latitude from readings r where r.tags_id = t.id order by time desc limit 1) r on true
where t.name is not null and t.fleet = 'South' order by t.name;

-- last-loc of one
select distinct on (name) name, time, longitude, latitude from readings where name in ('truck_3', 'truck_8') order by name, time desc;

-- low-fuel
select t.name, t.driver, d.fuel_state
from trucks t inner join lateral (
  select fuel_state from diagnostics d where d.tags_id = t.id order by time desc limit 1) d on true
where d.fuel_state < 0.5 and t.fleet = 'West' order by t.name;

-- high-load
select t.name, t.driver, d.current_load, t.load_capacity
from trucks t inner join lateral (
  select current_load from diagnostics d where d.tags_id = t.id order by time desc limit 1) d on true
where d.current_load / t.load_capacity > 0.4 order by t.name;

-- stationary-trucks
select t.name, t.driver from trucks t inner join readings r on r.tags_id = t.id
where time >= '2016-01-01 08:00:00+00' and time < '2016-01-01 12:00:00+00' and t.fleet = 'East'
group by 1, 2 having avg(r.velocity) < 30 order by 1;

-- long-driving-sessions
select t.name, t.driver from trucks t inner join lateral (
  select date_bin('10 minutes', time, timestamptz '2000-01-01') as ten_minutes, tags_id from readings
  where time >= '2016-01-01 04:00:00+00' and time < '2016-01-01 08:00:00+00' and readings.tags_id = t.id
  group by ten_minutes, tags_id having avg(velocity) > 1 order by ten_minutes, tags_id) as r on t.id = r.tags_id
group by t.name, t.driver having count(r.ten_minutes) > 15 order by 1;

-- avg-vs-projected-fuel-consumption
select t.fleet, avg(r.fuel_consumption) as avg_fuel_consumption, avg(t.nominal_fuel_consumption) as projected_fuel_consumption
from trucks t inner join lateral (
  select tags_id, fuel_consumption from readings r where r.tags_id = t.id and velocity > 1) r on true
group by t.fleet order by t.fleet;

-- avg-daily-driving-duration
with ten_minute_driving_sessions as (
  select date_bin('10 minutes', time, timestamptz '2000-01-01') as ten_minutes, tags_id from readings
  group by tags_id, ten_minutes having avg(velocity) > 1),
daily_total_session as (
  select date_trunc('day', ten_minutes) as day, tags_id, count(*) / 6 as hours from ten_minute_driving_sessions group by day, tags_id)
select t.fleet, t.name, t.driver, avg(d.hours) as avg_daily_hours from daily_total_session d inner join trucks t on t.id = d.tags_id
group by t.fleet, t.name, t.driver order by t.name;

-- avg-daily-driving-session
with driver_status as (
  select tags_id, date_bin('10 minutes', time, timestamptz '2000-01-01') as ten_minutes, avg(velocity) > 5 as driving from readings
  group by tags_id, ten_minutes),
driver_status_change as (
  select tags_id, ten_minutes as start, lead(ten_minutes) over (partition by tags_id order by ten_minutes) as stop, driving
  from (
    select tags_id, ten_minutes, driving, lag(driving) over (partition by tags_id order by ten_minutes) as prev_driving
    from driver_status) x
  where x.driving <> x.prev_driving)
select t.name, date_trunc('day', start) as day, avg(stop - start) as duration
from trucks t join driver_status_change d on t.id = d.tags_id where d.driving = true group by t.name, day order by t.name, day;

-- avg-load
select t.fleet, t.model, t.load_capacity, avg(d.avg_load / t.load_capacity) as avg_load_percentage
from trucks t inner join (select tags_id, avg(current_load) as avg_load from diagnostics d group by tags_id) d on t.id = d.tags_id
group by t.fleet, t.model, t.load_capacity order by 1, 2, 3;

-- daily-activity
select t.fleet, t.model, y.day, sum(y.ten_mins_per_day) / 144.0 as daily_activity
from trucks t inner join (
  select date_trunc('day', ten_minutes) as day, tags_id, count(*) as ten_mins_per_day
  from (
    select date_bin('10 minutes', time, timestamptz '2000-01-01') as ten_minutes, tags_id from diagnostics
    group by ten_minutes, tags_id having avg(status) < 1) as x
  group by day, tags_id) y on y.tags_id = t.id
group by t.fleet, t.model, y.day order by t.fleet, t.model, y.day;

-- breakdown-frequency
with breakdown_per_truck_per_ten_minutes as (
  select date_bin('10 minutes', time, timestamptz '2000-01-01') as ten_minutes, tags_id, count(status = 0) / count(*) >= 0.5 as broken_down
  from diagnostics group by ten_minutes, tags_id),
breakdowns_per_truck as (
  select ten_minutes, tags_id, broken_down, lead(broken_down) over (partition by tags_id order by ten_minutes) as next_broken_down
  from breakdown_per_truck_per_ten_minutes)
select t.model, count(*) from trucks t inner join breakdowns_per_truck b on t.id = b.tags_id
where broken_down = true or next_broken_down is not true group by t.model order by 1;
