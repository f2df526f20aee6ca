-- every type of the catalog, with extreme values; the engine of a row is id % 4: SQLite, DuckDB, Parquet, PostgreSQL
create table kinds (
  id integer, b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, n2 numeric(12,4), t text,
  v varchar(10), c char(5), by bytea, d date, tm time, ts timestamp, ts3 timestamp(3), tz timestamptz, iv interval, u uuid, j json,
  jb jsonb, ai integer[], at text[]
);

-- the same values at every engine, and a row of NULLs
insert into kinds
select s + 4 * k, k % 2 = 0, (k * 7 - 20)::smallint, k * 1000 - 3000, k * 10000000000 - 5, k * 0.5, k / 8.0 - 1, (k * 1.50)::numeric,
  k * 1.2345, 'text ' || k, 'v' || k, 'c' || k, decode(lpad(to_hex(k * 17), 2, '0'), 'hex'), date '2024-02-27' + k,
  time '00:00' + k * interval '1 hour 23 minutes 45.678901 seconds', timestamp '2024-03-01' + k * interval '25 hours 0.123456 seconds',
  timestamp '2024-03-01' + k * interval '1.0015 seconds', timestamptz '2024-03-30 22:00+00' + k * interval '1 hour',
  k * interval '1 day 02:03:04.5', md5(k::text)::uuid, json_build_object('k', k, 'list', json_build_array(1, k)),
  jsonb_build_object('k', k, 'a', null), array[k, null, -k], array['a' || k, 'b']
from generate_series(0, 3) s, generate_series(0, 6) k;

insert into kinds (id) select s + 28 from generate_series(0, 3) s;

-- the ends of the types that every engine can hold
insert into kinds
select s + 32, true, 32767, 2147483647, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 12345678901234567890.123456789,
  99999999.9999, 'naïve Δt 東京 🙂', 'äöü', 'ß', '\x00ff10', '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999',
  '2024-12-31 23:59:59.999', '2024-03-31 01:30:00.123456+00', interval '-1 day +23:59:59.999999',
  'ffffffff-ffff-ffff-ffff-ffffffffffff', '{"a":  [1, 2, {"b": "é"}], "a": 1}', '{"b": 1.50, "aa": [true, null], "c": "\u00e9"}',
  '{2147483647,-2147483648}', '{x,Δ}'
from generate_series(0, 3) s;

insert into kinds
select s + 36, false, -32768, -2147483648, -9223372036854775808, 1.1754944e-38, 2.2250738585072014e-308, -0.00000000000000000001,
  -99999999.9999, '', '', '', '\x', '0001-01-01', '00:00:00', '0001-01-01 00:00:00', '1969-12-31 23:59:59.999',
  '1883-11-18 17:00:00+00', interval '1 year 2 mons -3 days', '00000000-0000-0000-0000-000000000000', 'null', '[]', '{}', '{}'
from generate_series(0, 3) s;

-- floats that are no numbers: SQLite has no NaN
insert into kinds (id, f4, f8) values (40, '-infinity', 'infinity'), (41, 'nan', 'nan'), (42, 'infinity', 'nan'), (43, 'nan', '-infinity');

-- what only PostgreSQL stores in its own types
insert into kinds (id, n, d, ts, tz) values
  (47, 'nan', 'infinity', 'infinity', '-infinity'), (51, '1.10', '0044-03-15 BC', '0044-03-15 12:00:00 BC', '4713-01-01 00:00:00+00 BC');
