-- The devops and IoT data of the time series benchmark suite, small: hosts and trucks with tags, a reading every minute or ten.
create function draw(seed text, n integer) returns integer language sql immutable
  return ((('x' || substr(md5(seed), 1, 7))::bit(28)::integer) % n);

create table hosts (id integer, hostname text, region text, datacenter text, rack text, os text, arch text, team text);
insert into hosts
select i, 'host_' || i, (array['eu-west-1', 'us-east-1', 'ap-south-1'])[1 + i % 3], 'dc' || i % 5, (i * 7 % 20)::text,
  (array['Ubuntu16.10', 'Ubuntu15.10'])[1 + i % 2], (array['x64', 'x86'])[1 + i % 2], (array['SF', 'NYC', 'LON', 'CHI'])[1 + i % 4]
from generate_series(0, 23) i;

create table cpu (
  time timestamptz, tags_id integer, hostname text, usage_user double precision, usage_system double precision,
  usage_idle double precision, usage_nice double precision, usage_iowait double precision
);
insert into cpu
select timestamptz '2016-01-01 00:00:00+00' + m * interval '2 minutes', h, 'host_' || h, draw('u' || h || '/' || m, 101),
  draw('s' || h || '/' || m, 101), draw('i' || h || '/' || m, 101), case when m % 7 = 0 then null else draw('n' || h || '/' || m, 101) end,
  draw('w' || h || '/' || m, 10100) / 101.0
from generate_series(0, 23) h, generate_series(0, 359) m;

create table trucks (
  id integer, name text, fleet text, driver text, model text, device_version text, load_capacity double precision,
  fuel_capacity double precision, nominal_fuel_consumption double precision
);
insert into trucks
select i, 'truck_' || i, (array['East', 'West', 'North', 'South'])[1 + i % 4], (array['Derek', 'Trish', 'Andy', 'Seth'])[1 + i * 3 % 4],
  (array['F-150', 'G-2000', 'H-2'])[1 + i % 3], 'v' || 1 + i % 2 || '.0', 1500 + i % 3 * 500, 150 + i % 3 * 50, 12 + i % 3 * 3
from generate_series(0, 15) i;

create table readings (
  time timestamptz, tags_id integer, name text, latitude double precision, longitude double precision, velocity real,
  fuel_consumption real
);
insert into readings
select timestamptz '2016-01-01 00:00:00+00' + m * interval '10 minutes', t, 'truck_' || t, 45 + draw('a' || t || '/' || m / 6, 9000) / 1000.0,
  -draw('o' || t || '/' || m / 6, 9000) / 1000.0, case when (m / 24 + t) % 3 = 0 then 0 else draw('v' || t || '/' || m, 100) end,
  draw('f' || t || '/' || m, 500) / 10.0
from generate_series(0, 15) t, generate_series(0, 431) m where (m + t) % 29 <> 0;

create table diagnostics (time timestamptz, tags_id integer, name text, fuel_state real, current_load integer, status integer);
insert into diagnostics
select timestamptz '2016-01-01 00:00:00+00' + m * interval '10 minutes', t, 'truck_' || t, draw('g' || t || '/' || m, 100) / 100.0,
  draw('l' || t || '/' || m / 12, 2600), case when draw('b' || t || '/' || m / 3, 5) = 0 then 0 else 1 end
from generate_series(0, 15) t, generate_series(0, 431) m where (m * 3 + t) % 31 <> 0;
