select ts + i from readings, (values (interval '1 mon'), ('1 day'), ('-1 year 3 hours'), (null)) v(i) where device = 1
select ts + interval '1 day' + interval '1 mon' - interval '3 hours' from readings where device = 1
select x + i from (values (timestamptz 'infinity'), ('-infinity'), ('2024-03-31 00:30+00')) t(x), (values (interval '1 mon'), ('1 day')) v(i)
select (ts + interval '1 day' * device) - ts, (ts::timestamp + interval '1 day' * -device - interval '3 min') - ts::timestamp, (ts + interval '1 day' * -device - interval '3 min') - ts from readings where device in (1,2)
select to_timestamp(x) from (values (1913.3309735::float8), (0.1), (-5.25)) t(x)
select date_trunc('century', d), date_trunc('decade', d), date_trunc('millennium', d), date_trunc('century', d at time zone 'UTC', 'Asia/Kolkata'), date_trunc('decade', d::date), date_trunc(u, d) from (values (timestamp '0001-12-31 23:59 BC'), ('0003-01-01 BC'), ('0011-12-31 BC'), ('0012-01-01 BC'), ('0100-06-01 BC'), ('0101-06-01 BC'), ('1001-06-01 BC'), ('0001-06-01'), ('0007-06-01'), ('0100-12-31'), ('-infinity'), ('infinity'), (null)) v(d), (values ('century'), ('dec')) u(u)
select date_trunc('decade', timestamp '4712-05-05 BC')
select date_trunc('millennium', timestamptz '4001-05-05 BC')
select date_part('year', d), date_part('epoch', d), date_part('julian', d), date_part('isoyear', d::date), date_part('decade', d::timestamp), date_part('month', d), date_part('hour', d), extract(julian from d), extract(julian from d::timestamp), extract(month from d) from (values (timestamptz 'infinity'), ('-infinity'), (null), ('2013-05-06 07:08:09.123457+00'), ('0044-03-15 06:00+00 BC')) v(d)
select extract(epoch from date 'infinity'), extract(century from timestamp '-infinity'), extract(year from timestamptz 'infinity') + 1, extract(day from date '-infinity')
select date_part('second', g), date_part('milliseconds', g::time), date_part('second', timestamptz '2010-01-01' - g), date_part('julian', g), extract(julian from g::timestamp) from generate_series(timestamptz '1999-01-01', '2001-01-01', '9 days 17 hours 12.123457 sec') g
select date_part('epoch', n * interval '1 mon 7 days 3.123457 sec'), extract(epoch from n * interval '100 years 9000000 days 3.123457 sec') from generate_series(-230, 230, 11) n
select i::interval day to minute, i::interval year, i::interval month, i::interval hour to second(1), i::interval minute to second(0), i::interval(2), (i + interval '1 mon')::interval month::interval year, cast(interval '-2 mons -3:04:05.678' as interval hour to minute) from (values (interval '3 years 11 mons 5 days 6:07:08.955'), ('-3 years -11 mons -5 days -6:07:08.955'), (null)) v(i)
select t::timestamp(0), t::timestamp(2), t::timestamptz::timestamptz(0), t::time(0), t::time(2) from (values (timestamp '1985-02-03 04:05:06.5'), ('1985-02-03 04:05:06.125'), ('2005-02-03 04:05:06.5'), ('1965-02-03 04:05:06.125'), ('1999-12-31 23:59:59.5'), ('1970-01-01 23:59:59.995'), ('infinity')) v(t)
select date_bin('100000 days', timestamp '4600-01-01 BC', timestamp '4500-01-01 BC')
select date_bin('150000000 days', t, timestamp '2001-01-01') from (values (timestamp '2001-05-05')) v(t)
select date_bin(i, t, '2001-01-01') from (values (interval '300000 days'), ('5 min'), ('1.5 days')) v(i), (values (timestamptz '4300-05-05 BC'), ('1980-01-02 03:04:05'), ('2030-01-01'), ('-infinity')) w(t) where i < interval '200000 days' or t > timestamptz '0001-01-01'
select make_interval(mins := 3, secs := s) from (values (-7.25::float8), (null), (0.0000015)) v(s)
select make_interval(secs := s) from (values ('infinity'::float8)) v(s)
select timestamptz(date '2013-07-01', time '24:00'), timestamptz(d, time '01:02:03.4') from (values (date '2013-07-01'), (null), ('infinity')) v(d)
select d::timestamp from (values (date '400000-02-03')) v(d)
select d::timestamptz + interval '1 day' from (values (date '400000-02-03')) v(d)
select date '400000-02-03' > t, date '400000-02-03' = t, t::timestamptz < date '400000-02-03', date '400000-02-03' <> t::timestamptz from (values (timestamp '2001-01-01'), ('infinity'), ('-infinity'), (null)) v(t)
select * from generate_series(timestamp '2001-01-01', '-infinity', '1 mon')
select * from generate_series(timestamp 'infinity', '2001-01-01', '1 mon')
select t - i from (values (timestamp '1000-01-01')) v(t), (values (interval '5800 years')) w(i)
select (timestamptz '4714-11-24 00:00+00 BC' - interval '3 us')::text
select date_trunc('quarter', timestamp '4714-12-24 BC')
select make_time(24, 0, 0.0000002), make_time(7, 59, 59.99999999)
select make_time(24, 0, 0.000002)
