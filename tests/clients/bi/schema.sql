-- What a dashboard of an airline reads: flights of four airports, the hourly weather there, carriers; names and types that tools stumble over.
create table flights (
  id bigint not null, time_hour timestamptz not null, day date, sched timestamp, origin text not null, dest varchar(4), carrier char(2),
  flight smallint, dep_delay integer, arr_delay integer, distance integer, air_time real, fare numeric(10,2), cancelled boolean,
  tailnum text, "Seat Class" varchar(20), departs time, tags text[], extra jsonb, booking uuid, epoch_s bigint, primary key (id)
);
insert into flights
select i, timestamptz '2013-01-01 05:00+00' + i * interval '17 hours 13 minutes', date '2013-01-01' + (i * 1033 + 300) / 1440,
  timestamp '2013-01-01 00:00' + i * interval '17 hours 13 minutes', (array['EWR', 'JFK', 'LGA', 'PHL'])[1 + i % 4],
  (array['ORD', 'ATL', 'LAX', 'SFO', 'BOS', 'MIA', null])[1 + i % 7], (array['UA', 'B6', 'DL', 'AA', '9E'])[1 + i * 7 % 5], i % 900,
  case when i % 29 <> 0 then (i * 37) % 211 - 20 end, case when i % 29 <> 0 then (i * 53) % 251 - 40 end, 180 + (i * 97) % 2400,
  case when i % 29 <> 0 then 30 + (i * 11) % 300 + 0.5 end, case when i % 13 <> 0 then 49.90 + (i * 631) % 90000 / 100.0 end, i % 29 = 0,
  case when i % 17 <> 0 then 'N' || 10000 + i % 60 end, (array['Economy', 'Business', 'First/"Suite"', null])[1 + i % 11 % 4],
  time '05:00' + i % 1000 * interval '1 minute', case when i % 5 = 0 then array['red-eye', 'q' || i % 4] when i % 5 = 1 then '{}' end,
  case when i % 3 = 0 then jsonb_build_object('gate', 'A' || i % 9, 'load', i % 100 / 4.0, 'crew', json_build_array(i % 4, 'x')) end,
  md5(i::text)::uuid, 1356998400 + i * 61980
from generate_series(1, 480) i;
comment on table flights is 'Departures, one row a flight';
comment on column flights.time_hour is 'Scheduled departure';
comment on column flights.dep_delay is 'Minutes; negative is early';

create table airlines (carrier char(2) not null, name varchar(40) not null, founded smallint, primary key (carrier));
insert into airlines values ('UA', 'United Air Lines Inc.', 1926), ('B6', 'JetBlue Airways', 1998), ('DL', 'Delta Air Lines Inc.', 1925),
  ('AA', 'American Airlines Inc.', 1926), ('9E', 'Endeavor Air Inc.', null), ('ZZ', 'O''Hare & Söhne 100% "Air"', 2020);
comment on table airlines is 'Carriers by their codes; each site has them all';

create table weather (
  origin text not null, time_hour timestamptz not null, temp double precision, humid real, "Wind Speed" double precision, precip numeric(6,3),
  primary key (origin, time_hour)
);
insert into weather
select o, timestamptz '2013-01-01 00:00+00' + h * interval '6 hours', 40 + (h * 7 + length(o) + ascii(o)) % 45 / 2.0, 20 + h % 70,
  case when h % 9 <> 0 then (h * 3 % 40) / 4.0 end, (h % 50) / 1000.0
from unnest(array['EWR', 'JFK', 'LGA', 'PHL']) o, generate_series(0, 160) h;

create table "Fare Rules" ("Rule Id" integer not null, "Origin" text, "Valid From" date, "Min Fare" numeric(8,2), "% off" double precision);
insert into "Fare Rules"
select i, (array['EWR', 'JFK', 'LGA', 'PHL', null])[1 + i % 5], date '2013-01-01' + i * 9, i * 12.5, i / 8.0 from generate_series(1, 20) i;

create view daily as
  select origin, date_trunc('day', time_hour) as at, count(*) as flights, avg(dep_delay) as delay from flights group by 1, 2;
