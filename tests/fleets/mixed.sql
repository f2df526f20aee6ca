-- values around the changes of New York's clocks and at the ends of days, whole seconds, so that every encoding of times holds them;
-- the node of a row is id % 7
create table mixed (
  id integer, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric(12,4), t text, v varchar(10), c char(5),
  d date, ts timestamp, tz timestamptz, tm time, iv interval
);

insert into mixed
select s + 7 * k, (array[0, 5, -7, 32767, -1, 12, 5])[k + 1], (array[0, 7, -7, 2147483647, 8, -8, 7])[k + 1],
  (array[0, 9007199254740993, 9007199254740992, -1, 9223372036854775807, 7, 123456789012345680])[k + 1],
  (array[0, 0.1, 16777216, 1.5, -1.5, 0.333333343, 1e10])[k + 1], (array[0, 0.1, 0.30000000000000004, 1.5, -1.5, 1e300, 100])[k + 1],
  (array[0, 0.1, 1.5, 10, -1.5, 3.3333, 99999999.9999])[k + 1], (array['', 'a', 'ab', 'a ', 'Z', 'é', '10'])[k + 1],
  (array['', 'a', 'ab', 'a ', 'Z', 'é', '10'])[k + 1], (array['', 'a', 'ab', 'a ', 'Z', 'é', '10'])[k + 1],
  date '2024-03-08' + k,
  (array['2024-03-10', '2024-03-10 02:30', '2024-03-10 05:15', '2024-03-09 23:59:59', '2024-03-11', '2024-02-29', '2024-03-10 03:30'])
    [k + 1]::timestamp,
  (array['2024-03-10 00:00+00', '2024-03-10 05:00+00', '2024-03-10 05:15+00', '2024-03-10 07:30+00', '2024-03-09 18:30+00',
    '2024-03-10 04:59:59+00', '2024-03-11 04:00+00'])[k + 1]::timestamptz,
  time '00:00' + k * interval '4 hours', k * interval '6 hours'
from generate_series(0, 6) s, generate_series(0, 6) k;

insert into mixed (id) select s + 49 from generate_series(0, 6) s;
