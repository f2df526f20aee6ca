select E'\v' = 'v', E'\va\x0b\013\\v\vb', E'\\\v', ascii(E'\x0b'), E'it''s \v', 'a\vb'
select timestamp '2024-01-01' at time zone '+03', timestamp '2024-01-01' at time zone '-3:30', timestamptz '2024-07-01 00:00+00' at time zone 'a5', timestamptz '2024-07-01 00:00+00' at time zone '<+05>-05', timestamptz '2024-07-01 00:00+00' at time zone '+167'
select timestamp '2024-07-01' at time zone '+168'
select ts at time zone z from readings, (values ('+03'), ('-1:30'), ('CET')) v(z) where device = 1
select * from generate_series(1, null, 0)
select * from generate_series(1, 2, 0)
select * from generate_series(1.0, null, 0)
select * from generate_series(1.5, 4, 0.5), generate_series(1, 2, 0.75) b
select * from generate_series(3, 1.0, -0.5)
select * from generate_series(1::numeric, 3)
select * from generate_series(1.0, 2.0, 0.0)
select count(*), sum(x), max(x) from generate_series(0, 200000, 0.1) x
select count(*), max(x) from generate_series(timestamptz '2024-01-01', '2026-01-01', '1 minute') x
select * from generate_series(timestamp '2024-03-31', '2024-03-31 03:00', '45 minutes') x
select * from generate_series(timestamp '2024-03-31', '2024-04-03', '1 day') x
select * from generate_series(timestamp '2024-03-31 03:00', '2024-03-31', '-1 hour') with ordinality
select * from generate_series(timestamp '2024-03-31', '2024-04-03', '0')
select * from generate_series(timestamp '2024-03-31', null, '0')
select date_trunc(u, ts), extract(u from timestamp '2024-05-06 07:08:09.5') is not null from readings, (values ('hour'), ('Day'), ('mon'), ('week')) v(u)
select date_part(u, ts), date_part(u, interval '1 mon 2 days 03:04:05.678'), date_part(u, timestamp '2021-02-03 04:05:06.7') from readings, (values ('hour'), ('Day'), ('mon'), ('epoch'), ('second'), ('us'), ('millennium'), (null)) v(u)
select date_trunc(u, interval '1 mon 2 days 03:04:05.678'), date_trunc(u, ts, 'Europe/Berlin') from readings, (values ('hour'), ('Day'), ('mon')) v(u)
select date_trunc(u, now()) from (values ('fortnight')) v(u)
select date_trunc(u, interval '1 day') from (values ('week')) v(u)
select extract('dow' from ts), date_part(u, day) from readings, (values ('dow'), ('doy')) v(u)
select date_part(u, day) from readings, (values ('hour')) v(u)
select age(timestamptz '2020-01-01') > '5 years', age(timestamp '2020-01-01') = age(current_date::timestamp, timestamp '2020-01-01')
select date_part('hour', day), date_part('second', day) from readings
select extract(hour from day) from readings
select date_part('timezone', day) from readings
select greatest(a, b), least(a, b), greatest(b, a), least(b, a), greatest(null, a, b) from (values (interval '24:00', interval '1 day'), ('30 days', '1 month'), (null, '1 day'), ('1 day', '2 days')) v(a, b)
select model collate "nope" from devices
select model collate "C", model collate "POSIX", model collate "ucs_basic", model collate "default" from devices where device = 5
select to_char(i, 'FM999,990.00'), to_char(i * 1.5, '999G999D99S'), to_char(-i, '0000PR') from generate_series(0, 3) i
select ceil(x), floor(x), round(x), trunc(x), -x, abs(x), sign(x), mod(x, 7.5), x % 3, div(x, 11) from (values (123456789012345678901234567890.5::numeric), (-12345678901234567890123456789012345678901234.5), (-0.5)) v(x)
select x ^ 2, power(x, 3), x ^ 0, sqrt(abs(x)) from (values (123456789012345678901234567891::numeric), (-98765432109876543210987654321098.7)) v(x)
select to_char(x, '9.99999999999999999999999999999999EEEE'), to_char(x, 'FM99999999999999999999999999999999999999999.9') from (values (123456789012345678901234567891.5::numeric), (-99999999999999999999999999999999.96)) v(x)
