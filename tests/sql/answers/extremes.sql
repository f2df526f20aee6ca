-- the smallest integers have no opposite
select (-32768)::smallint % (-1)::smallint, (-2147483648) % -1, mod((-2147483648)::integer, -1), (-9223372036854775808) % -1, device % -1 from readings
select x / -1 from (values ((-32768)::smallint)) v(x)
-- an OID has no sign, and four bytes
select (-7)::oid, (-7)::smallint::oid, 4294967290::oid::integer, 4294967290::oid::bigint, x::oid from (values (-3), (12)) v(x)
select x::oid from (values (12::bigint), (4294967301)) v(x)
select (-7)::bigint::oid
-- NaN before zero
select 'nan'::numeric / 0, 'nan'::numeric % 0.0, div('nan', 0::numeric), x / y, x % y from (values ('nan'::numeric, 0::numeric)) v(x, y)
select x / y from (values ('nan'::numeric, 0::numeric), (2, 0)) v(x, y)
select 'infinity'::numeric / 0
-- powers
select power(0::numeric, '-infinity')
select power('-infinity'::numeric, 2.5)
select y, power('-infinity'::numeric, y), power('infinity'::numeric, y) from (values ('-5'::numeric), ('6'), ('7.00'), ('200000000000000000003')) v(y)
select x, y, power(x, y) from (values ('-3'::numeric), ('-1'), ('-0.2'), ('0.2'), ('1.00'), ('nan')) a(x), (values ('infinity'::numeric), ('-infinity'), ('nan'), ('0')) b(y)
select 100.0 ^ -2147483648, 2.0 ^ -5000000000, (-1.00) ^ 2147483648, (-1.0) ^ 30000000000000001, (-1.00000000001) ^ 3000000005, 0.00 ^ 1.23456789012345678901, 0.00 ^ 2
select (-3.0) ^ 5000000001
select (-3.0) ^ 5000000001.5
select (1 + 2e-300) ^ 3e301, round(((1 - 2.5e-900) ^ 1.5e903) * 1e900)
select exp(6100::numeric)
select exp(-6100::numeric)
select 25.0 ^ 4300.5
select ln(22026.47), log(2, 22026.9), ln(22026.4), log(3.0, 1e60)
-- sums and variances whose parts are beyond what they come to
select sum(x), avg(x) > 0 from (values (6e131071), (7e131071), (-5e131071)) v(x)
select variance(x), stddev_pop(x), var_pop(x) from (values (8e131071 + 1), (8e131071 + 4), (8e131071 + 6)) v(x)
select trim_scale(variance(x) * 1e1000) from (values (0), (3e-500), (-3e-500), (4e-500 - 1e-16000), (-4e-500 + 1e-16000)) v(x)
select variance(x) from (values (8e131071), (-8e131071)) v(x)
select var_pop(x), stddev(x) from (values (1e300::float8), (-1e300)) v(x)
-- digits before the point
select round(7.5e131071, -131073), round(7.5e131071, -2000000), round(4.5e131071, -131072), trunc(7.5e131071, -131072), round(7e3, -2000000000)
select round(7.5e131071, -131072)
-- buckets: each step of the division is rounded
select width_bucket(10, 0, 10, 2147483647)
select width_bucket(2.2582142857142857, -1.58, 8.19, 28), width_bucket(0.3::float8, 0.1, 0.7, 30), width_bucket(x::float8, -4.4, 1.7, 37), width_bucket(x, 1.7, -4.4, 37) from (select -4.4 + n * 6.1 / 37 from generate_series(0, 37) n) v(x)
-- what is too large on its way
select degrees(9e307::float8)
select x / (10::numeric ^ 131071) from generate_series(7 * (10::numeric ^ 131071), 9 * (10::numeric ^ 131071), 2 * (10::numeric ^ 131071)) v(x)
